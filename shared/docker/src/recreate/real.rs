use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use dockline_domain::{ContainerId, WantedImage, access::Grant};
use futures::{StreamExt, TryStreamExt, stream};
use hyper::{Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Blueprint, Condition, FoundSuccessor, HealthSaid, ImageHere, JOB_LABEL, NAME_LABEL, OF_LABEL,
    RUNNING_LABEL, Recreate, Successor,
    blueprint::text_at,
    body::{Orders, orders},
    mounts::volumes,
    way::answers_at,
};
use crate::{
    DockerEngine, Engine, Error, Missing, Platform, RemoveOptions, Result,
    ask::refused,
    convert::{bare, count},
    http,
    real::{QUICK, SLOW},
};

const CREATE: &str = "create the container";
/// How many containers are looked at at the same time.
const LOOKS: usize = 8;

#[async_trait]
impl Recreate for DockerEngine {
    async fn blueprint(&self, id: &ContainerId) -> Result<Blueprint> {
        let inspected = self.inspected(id.as_str()).await?;
        let image = self.image_document(text_at(&inspected, "/Image")).await?;
        let platform = self.foreign_platform(&inspected, image.as_ref()).await?;
        let image_config = image.and_then(|mut image| image.get_mut("Config").map(Value::take));
        let info: Info = self.read_about(Missing::Image, "tell its name", QUICK, "/info").await?;
        let mut borrowed = Vec::new();
        let lenders = inspected.pointer("/HostConfig/VolumesFrom").and_then(Value::as_array);
        for lender in lenders.into_iter().flatten().filter_map(Value::as_str) {
            let name = lender.split(':').next().unwrap_or(lender);
            match self.inspected(name).await {
                Ok(lender) => {
                    let mounted = lender.get("Mounts").and_then(Value::as_array);
                    borrowed.extend(volumes(mounted.map_or(&[][..], Vec::as_slice)));
                }
                Err(Error::NotFound) => {
                    let message = format!("it has volumes of {name}, which is not there any more");
                    return Err(Error::Conflict { message });
                }
                Err(error) => return Err(error),
            }
        }
        let mut blueprint = Blueprint::read(inspected, image_config, info.name)?;
        blueprint.borrowed = borrowed;
        blueprint.platform = platform;
        Ok(blueprint)
    }

    async fn image_here(&self, image: &WantedImage) -> Result<Option<ImageHere>> {
        // No character of a name or an ID means anything in a path.
        let found = self.image_document(&image.to_string()).await?;
        Ok(found.map(|found| ImageHere {
            id: text_at(&found, "/Id").to_owned(),
            digests: texts(found.get("RepoDigests")),
        }))
    }

    async fn create_successor(
        &self,
        grant: &Grant,
        blueprint: &Blueprint,
        successor: &Successor,
    ) -> Result<ContainerId> {
        let api = self.client.version().await.map_err(|failure| self.client.error(CREATE, failure))?;
        let Orders { create, join, leave } = orders(blueprint, successor, api);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("name", successor.temporary_name.as_str())
            .extend_pairs(blueprint.platform.as_ref().map(|platform| ("platform", platform.to_string())))
            .finish();
        let path = format!("/containers/create?{query}");
        let made: Made = self.told_to(CREATE, http::post_json(&path, &create)).await?;
        let id: ContainerId = made
            .id
            .parse()
            .map_err(|_| Error::Engine { operation: CREATE, message: "it told no ID".to_owned() })?;
        let wired = async {
            if let Some(network) = leave {
                let body = json!({ "Container": id.as_str(), "Force": true });
                self.done(http::post_json(&format!("/networks/{}/disconnect", segment(&network)), &body))
                    .await?;
            }
            for (network, endpoint) in join {
                let body = json!({ "Container": id.as_str(), "EndpointConfig": endpoint });
                self.done(http::post_json(&format!("/networks/{}/connect", segment(&network)), &body))
                    .await?;
            }
            Ok(())
        };
        if let Err(error) = wired.await {
            let options = RemoveOptions { force: true, volumes: true };
            if let Err(left) = self.remove(grant, &id, options).await {
                tracing::warn!(%left, container = id.short(), "a half-made container could not be removed");
            }
            return Err(error);
        }
        Ok(id)
    }

    async fn successors(&self, of: &ContainerId) -> Result<Vec<FoundSuccessor>> {
        let filters = json!({ "label": [format!("{OF_LABEL}={of}")] }).to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("all", "true"), ("filters", &filters)])
            .finish();
        let path = format!("/containers/json?{query}");
        let found: Vec<Listed> = self.read_about(Missing::Image, "list containers", QUICK, &path).await?;
        let read = |one: Listed| {
            Some(FoundSuccessor {
                id: one.id.parse().ok()?,
                job: one.labels.get(JOB_LABEL)?.parse().ok()?,
                name: one.labels.get(NAME_LABEL)?.parse().ok()?,
                ran: one.labels.get(RUNNING_LABEL).is_some_and(|text| text == "true"),
            })
        };
        Ok(found.into_iter().filter_map(read).collect())
    }

    async fn condition(&self, id: &ContainerId) -> Result<Condition> {
        let inspected = self.inspected(id.as_str()).await?;
        if text_at(&inspected, "/State/Status") == "removing" {
            return Err(Error::NotFound);
        }
        let is = |pointer: &str| inspected.pointer(pointer).and_then(Value::as_bool).unwrap_or_default();
        let number = |pointer: &str| inspected.pointer(pointer).and_then(Value::as_i64);
        let health = match text_at(&inspected, "/State/Health/Status") {
            "healthy" => Some(HealthSaid::Healthy),
            "unhealthy" => Some(HealthSaid::Unhealthy),
            "starting" => Some(HealthSaid::Starting),
            _ => None,
        };
        Ok(Condition {
            name: bare(text_at(&inspected, "/Name")),
            untouched: text_at(&inspected, "/State/Status") == "created",
            running: is("/State/Running"),
            restarting: is("/State/Restarting"),
            restarts: count(number("/RestartCount")),
            exit_code: number("/State/ExitCode").unwrap_or_default(),
            error: text_at(&inspected, "/State/Error").to_owned(),
            health,
            health_within: health_within(inspected.pointer("/Config/Healthcheck")),
        })
    }

    async fn namespace_users(&self, of: &ContainerId) -> Result<Vec<String>> {
        let all = self.list().await?;
        let own_name = all.iter().map(|one| one.identity()).find(|(id, ..)| *id == of.as_str());
        let own_name = own_name.map(|(_, name, ..)| name.to_owned()).unwrap_or_default();
        let others: Vec<String> =
            all.iter().map(|one| one.identity().0.to_owned()).filter(|id| id != of.as_str()).collect();
        let looks = stream::iter(others).map(|id| async move {
            match self.inspected(&id).await {
                Ok(inspected) => Ok(Some(inspected)),
                Err(Error::NotFound) => Ok(None),
                Err(error) => Err(error),
            }
        });
        let inspected: Vec<Option<Value>> = looks.buffered(LOOKS).try_collect().await?;
        let lives_in = |other: &Value| {
            ["/HostConfig/NetworkMode", "/HostConfig/PidMode", "/HostConfig/IpcMode"].iter().any(|mode| {
                text_at(other, mode)
                    .strip_prefix("container:")
                    .is_some_and(|name| name == own_name || name.len() >= 12 && of.as_str().starts_with(name))
            })
        };
        Ok(inspected
            .iter()
            .flatten()
            .filter(|one| lives_in(one))
            .map(|one| bare(text_at(one, "/Name")))
            .collect())
    }

    async fn is_reached_through(&self, blueprint: &Blueprint) -> Result<bool> {
        Ok(answers_at(&blueprint.inspected, &self.client.addresses().await))
    }
}

impl DockerEngine {
    /// What a container's image is made for, if that is not what this engine takes unasked.
    async fn foreign_platform(&self, container: &Value, image: Option<&Value>) -> Result<Option<Platform>> {
        let read = |told: &Value| Platform::deserialize(told).ok().filter(Platform::is_said);
        // Where an engine keeps an image for several platforms, the container tells which one it is of.
        let told = container.pointer("/ImageManifestDescriptor/platform").and_then(read);
        let Some(platform) = told.or_else(|| image.and_then(read)) else { return Ok(None) };
        let own: Platform = self.read_about(Missing::Image, "tell its version", QUICK, "/version").await?;
        Ok(Some(platform).filter(|platform| !own.takes(platform)))
    }

    /// A container as the engine describes it, by its ID or a name that the engine told.
    async fn inspected(&self, name: &str) -> Result<Value> {
        let path = format!("/containers/{}/json", segment(name));
        match self.read_about(Missing::Image, "inspect the container", QUICK, &path).await {
            Err(Error::Missing { .. }) => Err(Error::NotFound),
            other => other,
        }
    }

    async fn image_document(&self, name: &str) -> Result<Option<Value>> {
        let path = format!("/images/{name}/json");
        match self.read_about(Missing::Image, "inspect the image", QUICK, &path).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The answer to an order.
    async fn told_to<B: http::Sendable>(&self, operation: &'static str, order: Request<B>) -> Result<Made> {
        let asked = async {
            let answer = self.client.send(order).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            if answer.status() != StatusCode::CREATED {
                let (status, message) = http::refusal_words(answer).await;
                return Err(refused(Missing::Image, operation, status, message));
            }
            let body = http::small_body(answer).await;
            let broken = |message: String| Error::Engine { operation, message };
            let body = body.map_err(|error| broken(error.to_string()))?;
            serde_json::from_slice(&body).map_err(|error| broken(error.to_string()))
        };
        tokio::time::timeout(SLOW, asked).await.unwrap_or(Err(Error::TimedOut { operation }))
    }

    /// Joins or leaves a network.
    async fn done<B: http::Sendable>(&self, order: Request<B>) -> Result<()> {
        let operation = "connect the container to its networks";
        let asked = async {
            let answer = self.client.send(order).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            if answer.status().is_success() {
                return Ok(());
            }
            let (status, message) = http::refusal_words(answer).await;
            Err(refused(Missing::Network, operation, status, message))
        };
        tokio::time::timeout(SLOW, asked).await.unwrap_or(Err(Error::TimedOut { operation }))
    }
}

/// A name that the engine told, as one segment of a path.
fn segment(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// When a check that never succeeds will have failed, with the engine's defaults for what is not said.
fn health_within(check: Option<&Value>) -> Duration {
    let nanos = |key: &str, default: u64| {
        let said = check.and_then(|check| check.get(key)?.as_u64()).filter(|nanos| *nanos > 0);
        said.map_or(Duration::from_secs(default), Duration::from_nanos)
    };
    let retries = check.and_then(|check| check.get("Retries")?.as_u64()).filter(|retries| *retries > 0);
    let once = nanos("Interval", 30) + nanos("Timeout", 30);
    let retries = u32::try_from(retries.unwrap_or(3)).unwrap_or(u32::MAX);
    nanos("StartPeriod", 0).saturating_add(once.saturating_mul(retries.saturating_add(1)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}
