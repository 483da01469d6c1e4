//! Questions and commands whose refusals are not about a container.

use std::{future::Future, time::Duration};

use bollard::errors::Error as Bollard;
use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use serde::de::DeserializeOwned;

use crate::{
    DockerEngine, Error, Missing, Result,
    cause::cause,
    http,
    real::{QUICK, bollard_error},
    volume_files::is_helper_container,
};

/// The longest list that is believed: a host with ten thousand images tells a tenth of it.
const MAX_LIST: usize = 64 << 20;

impl DockerEngine {
    /// Asks within a time. A refusal is about something of this kind.
    pub(crate) async fn ask_about<T>(
        &self,
        what: Missing,
        operation: &'static str,
        limit: Duration,
        request: impl Future<Output = Result<T, Bollard>> + Send,
    ) -> Result<T> {
        match tokio::time::timeout(limit, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Bollard::DockerResponseServerError { status_code, message })) => {
                Err(refused(what, operation, status_code, message))
            }
            Ok(Err(error)) => Err(bollard_error(&self.client, operation, &error)),
            Err(_) => Err(Error::TimedOut { operation }),
        }
    }

    /// A list or description, read here because the engine's words do not fit what bollard expects.
    pub(crate) async fn read_about<T: DeserializeOwned>(
        &self,
        what: Missing,
        operation: &'static str,
        limit: Duration,
        path: &str,
    ) -> Result<T> {
        let asked = async {
            let answer = self.client.ask(path, limit).await;
            let answer = answer.map_err(|failure| self.client.error(operation, failure))?;
            if answer.status() != StatusCode::OK {
                let (status, message) = http::refusal_words(answer).await;
                return Err(refused(what, operation, status, message));
            }
            let body = Limited::new(answer.into_body(), MAX_LIST).collect().await;
            let broken = |reason: String| Error::Engine { operation, message: reason };
            let bytes = body.map_err(|error| broken(cause(error.as_ref())))?.to_bytes();
            serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))
        };
        tokio::time::timeout(limit, asked).await.unwrap_or(Err(Error::TimedOut { operation }))
    }

    /// All containers but helpers, for who uses what.
    pub(crate) async fn users(&self) -> Result<Vec<bollard::models::ContainerSummary>> {
        let options = bollard::query_parameters::ListContainersOptionsBuilder::default().all(true).build();
        let mut all =
            self.call("list containers", QUICK, self.docker()?.list_containers(Some(options))).await?;
        all.retain(|one| !is_helper_container(one));
        Ok(all)
    }
}

/// What a refusal means where it is about something of this kind.
pub(crate) fn refused(what: Missing, operation: &'static str, status: u16, message: String) -> Error {
    match status {
        404 if message.contains("No such container") => Error::NotFound,
        404 => Error::Missing { what, message },
        400 => Error::Invalid { message },
        // 403: what every engine has, or an address that is taken. 503: not a part of a swarm.
        403 | 409 | 503 => Error::Conflict { message },
        _ => Error::Engine { operation, message },
    }
}
