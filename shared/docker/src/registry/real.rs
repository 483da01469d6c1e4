use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::FoundImage;
use dockline_domain::{ImageReference, RegistryAddress, access::Grant, registry::DOCKER_HUB};
use http_body_util::{BodyExt, Limited};
use hyper::{Request, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use super::{LoginAnswer, RegistryLogin, RegistryQuestions, show};
use crate::{DockerEngine, Error, Result, cause::cause, http};

/// How long an engine may take to hear from a registry.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer that is believed: a hundred images found, whose makers describe them at length.
const MAX_ANSWER: usize = 4 << 20;

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
        let registry = RegistryAddress::searched(term)
            .ok_or_else(|| Error::Invalid { message: format!("no registry is called as in {term}") })?;
        let limit = limit.to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("term", term), ("limit", &limit)])
            .finish();
        let mut request = http::get(&format!("/images/search?{query}"));
        show(&mut request, login);
        let found: Vec<Found> = self.told("search for images", &registry, request).await?;
        Ok(found.into_iter().filter_map(|one| one.shown(&registry)).collect())
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
        let told: Distribution = self.told(operation, &image.registry(), request).await?;
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
    /// The answer to a question that the engine has to ask this registry for. A failure names it.
    async fn told<T, B>(
        &self,
        operation: &'static str,
        registry: &RegistryAddress,
        request: Request<B>,
    ) -> Result<T>
    where
        T: DeserializeOwned,
        B: http::Sendable,
    {
        let broken = |message: String| {
            let is_named = message.contains(registry.as_str());
            let message = if is_named { message } else { format!("{registry}: {message}") };
            Error::Engine { operation, message }
        };
        let asked = async {
            // The answer begins when the registry's is there, and the time for both ends below.
            let answer = self.client.ask_with(request, Duration::MAX).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            if answer.status() != StatusCode::OK {
                return Err(broken(http::refusal_words(answer).await.1));
            }
            let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
            let bytes = body.map_err(|error| broken(cause(error.as_ref())))?.to_bytes();
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))
        };
        let silent = || broken(format!("the engine had no answer within {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(silent()))
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
    star_count: i64,
    #[serde(default)]
    is_official: bool,
    #[serde(default)]
    is_automated: bool,
}

impl Found {
    /// By the name that it is pulled by; `None` if it has none. Registries tell names without their own, under which an
    /// engine would find something else: an image of Docker Hub.
    fn shown(self, registry: &RegistryAddress) -> Option<FoundImage> {
        let own = format!("{registry}/");
        let is_whole = registry.as_str() == DOCKER_HUB || self.name.starts_with(&own);
        let name = if is_whole { self.name } else { own + &self.name };
        name.parse::<ImageReference>().ok()?;
        Some(FoundImage {
            name,
            description: self.description,
            stars: u64::try_from(self.star_count).unwrap_or_default(),
            official: self.is_official,
            automated: self.is_automated,
        })
    }
}
