use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::FoundImage;
use dockline_domain::{ImageReference, access::Grant};
use hyper::{Request, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use super::{LoginAnswer, RegistryLogin, RegistryQuestions, show};
use crate::{DockerEngine, Error, Result, cause::cause, http};

/// How long an engine may take to hear from a registry.
const PATIENCE: Duration = Duration::from_secs(30);

#[async_trait]
impl RegistryQuestions for DockerEngine {
    async fn try_login(&self, _grant: &Grant, login: &RegistryLogin) -> Result<LoginAnswer> {
        let operation = "ask the registry";
        let asked = async {
            let request = http::post_json("/auth", &login.body());
            let answer = self.client.send(request).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            if !answer.status().is_success() {
                return Ok(LoginAnswer::Refused(http::refusal_words(answer).await.1));
            }
            let words = http::small_body(answer).await.ok();
            let words = words.and_then(|body| serde_json::from_slice::<Accepted>(&body).ok());
            Ok(LoginAnswer::Accepted(words.map_or_else(|| "accepted".to_owned(), |words| words.status)))
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Error::TimedOut { operation }))
    }

    async fn search_images(
        &self,
        _grant: &Grant,
        term: &str,
        limit: u64,
        login: Option<&RegistryLogin>,
    ) -> Result<Vec<FoundImage>> {
        let limit = limit.to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("term", term), ("limit", &limit)])
            .finish();
        let mut request = http::get(&format!("/images/search?{query}"));
        show(&mut request, login);
        let found: Vec<Found> = self.told("search for images", request).await?;
        Ok(found.into_iter().map(Found::shown).collect())
    }

    async fn registry_digest(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<String> {
        let operation = "ask the registry for the image";
        // No character of a reference means anything in a path.
        let mut request = http::get(&format!("/distribution/{image}/json"));
        show(&mut request, login);
        let told: Distribution = self.told(operation, request).await?;
        let digest = told.descriptor.digest;
        let named = format!("{}@{digest}", image.name());
        match named.parse::<ImageReference>() {
            Ok(_) => Ok(digest),
            Err(_) => Err(Error::Engine {
                operation,
                message: "the registry told a digest that is none".to_owned(),
            }),
        }
    }
}

impl DockerEngine {
    /// The answer to a question that the engine has to ask a registry for.
    async fn told<T, B>(&self, operation: &'static str, request: Request<B>) -> Result<T>
    where
        T: DeserializeOwned,
        B: http::Sendable,
    {
        let asked = async {
            let answer = self.client.ask_with(request, PATIENCE).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            let broken = |message: String| Error::Engine { operation, message };
            if answer.status() != StatusCode::OK {
                return Err(broken(http::refusal_words(answer).await.1));
            }
            let body = http::small_body(answer).await.map_err(|error| broken(cause(error.as_ref())))?;
            serde_json::from_slice(&body).map_err(|error| broken(error.to_string()))
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Error::TimedOut { operation }))
    }
}

#[derive(Deserialize)]
struct Accepted {
    #[serde(rename = "Status")]
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Distribution {
    descriptor: Descriptor,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
}

#[derive(Deserialize)]
struct Found {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    star_count: u64,
    #[serde(default)]
    is_official: bool,
    #[serde(default)]
    is_automated: bool,
}

impl Found {
    fn shown(self) -> FoundImage {
        FoundImage {
            name: self.name,
            description: self.description,
            stars: self.star_count,
            official: self.is_official,
            automated: self.is_automated,
        }
    }
}
