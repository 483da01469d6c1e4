//! Requests to one engine: over a connection of their own, under the API version that both sides know.

use std::{
    error::Error as StdError,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::UPGRADE};
use serde::Deserialize;
use tokio::{net::lookup_host, time::timeout};

use crate::{
    Address, Connection, EngineConnection, Error, Result,
    api_version::{ApiVersion, NEWEST, OLDEST},
    cause::cause,
    dial::{DIAL, DialError, Traffic},
    http::{self, Sendable},
};

/// How long an engine may take to begin its answer to a question. What it does in answer to a command may take longer.
const BEGIN_ANSWER: Duration = Duration::from_secs(10);

/// Requests to one engine.
#[derive(Debug, Clone)]
pub(crate) struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    negotiated: Mutex<Option<Negotiated>>,
    negotiating: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Negotiated {
    in_use: ApiVersion,
    /// What the engine said of itself: another word later means that it is another engine.
    newest: ApiVersion,
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error("{0}")]
    Broken(String),
    #[error("it did not answer in time")]
    Silent,
    #[error("{0}")]
    Incompatible(String),
}

impl Client {
    pub(crate) fn new(connection: Connection) -> Self {
        let (negotiated, negotiating) = (Mutex::default(), tokio::sync::Mutex::default());
        Self(Arc::new(Inner { connection, negotiated, negotiating }))
    }

    /// Sends a request of bollard's.
    pub(crate) async fn send<B>(&self, request: Request<B>) -> Result<Response<Incoming>, Failure>
    where
        B: Sendable,
    {
        let uploads = request.body().size_hint().exact().is_none();
        let exchanges = uploads || request.headers().contains_key(UPGRADE);
        self.versioned(request, if exchanges { Traffic::Exchange } else { Traffic::Call }).await
    }

    /// A `GET` whose answer goes on for long: what is not left to bollard.
    pub(crate) async fn read(
        &self,
        path: &str,
        traffic: Traffic,
        operation: &'static str,
    ) -> Result<Response<Incoming>> {
        let answer = self.versioned(http::get(path), traffic).await;
        let answer = answer.map_err(|failure| self.error(operation, failure))?;
        if answer.status() == StatusCode::OK {
            Ok(answer)
        } else {
            Err(http::refusal(answer, operation).await)
        }
    }

    /// A `GET` whose answer may take so long to begin. What the answer means is up to the caller.
    pub(crate) async fn ask(&self, path: &str, patience: Duration) -> Result<Response<Incoming>, Failure> {
        self.versioned_within(http::get(path), Traffic::Read, Some(patience)).await
    }

    /// The network addresses that connections are opened to; none of a Unix socket or of a name that nobody knows.
    pub(crate) async fn addresses(&self) -> Vec<SocketAddr> {
        let (Address::Tcp { host, port } | Address::Ssh { host, port, .. }) = self.0.connection.address()
        else {
            return Vec::new();
        };
        let known = timeout(DIAL, lookup_host((host.as_str(), *port))).await;
        known.ok().and_then(|known| known.ok()).map(Iterator::collect).unwrap_or_default()
    }

    /// A connection on which nothing was asked yet.
    pub(crate) async fn tunnel(&self) -> Result<Box<dyn EngineConnection>, Failure> {
        Ok(Box::new(self.0.connection.dialer().dial(Traffic::Exchange).await?))
    }

    /// A question with headers of its own, whose answer may take so long to begin.
    pub(crate) async fn ask_with<B: Sendable>(
        &self,
        request: Request<B>,
        patience: Duration,
    ) -> Result<Response<Incoming>, Failure> {
        self.versioned_within(request, Traffic::Read, Some(patience)).await
    }

    /// Whether the engine answers, and still is the one that it was.
    pub(crate) async fn ping(&self) -> Result<(), Failure> {
        let Some(known) = *self.negotiated() else {
            return self.version().await.map(drop);
        };
        let answer = self.exchange(http::get("/_ping"), Traffic::Call, Some(BEGIN_ANSWER)).await?;
        let newest = answer.headers().get("api-version").and_then(|value| value.to_str().ok()?.parse().ok());
        if newest.is_some_and(|newest: ApiVersion| newest != known.newest) {
            self.forget();
            return self.version().await.map(drop);
        }
        match answer.status() {
            StatusCode::OK => Ok(()),
            status => Err(Failure::Broken(format!("it answers a ping with status {status}"))),
        }
    }

    /// The API version in use. Asks the engine when it is not known, and again after each failure: another engine may
    /// have come up in its place.
    pub(crate) async fn version(&self) -> Result<ApiVersion, Failure> {
        if let Some(known) = *self.negotiated() {
            return Ok(known.in_use);
        }
        let _turn = self.0.negotiating.lock().await;
        if let Some(known) = *self.negotiated() {
            return Ok(known.in_use);
        }
        let negotiated = self.negotiate().await?;
        *self.negotiated() = Some(negotiated);
        Ok(negotiated.in_use)
    }

    async fn negotiate(&self) -> Result<Negotiated, Failure> {
        let answer = self.exchange(http::get("/version"), Traffic::Call, Some(BEGIN_ANSWER)).await?;
        let status = answer.status();
        let body = timeout(BEGIN_ANSWER, http::small_body(answer)).await.map_err(|_| Failure::Silent)?;
        let bytes = body.map_err(|error| Failure::Broken(cause(error.as_ref())))?;
        let said = String::from_utf8_lossy(&bytes);
        if status == StatusCode::BAD_REQUEST && said.contains("HTTPS server") {
            return Err(Failure::Broken(
                "it wants TLS; give this host the CA, a client certificate and its key".to_owned(),
            ));
        }
        let versions = serde_json::from_slice::<Versions>(&bytes).ok();
        let Some((oldest, newest)) =
            versions.and_then(|said| said.parse()).filter(|_| status == StatusCode::OK)
        else {
            return Err(Failure::Broken(format!(
                "what answers there is not a Docker engine: it told no API version (status {status})"
            )));
        };
        let in_use = ApiVersion::in_common(oldest, newest).ok_or_else(|| {
            let advice = if newest < OLDEST { "update the engine" } else { "update Dockline" };
            Failure::Incompatible(format!(
                "the engine speaks the Docker API {oldest} to {newest}, and Dockline {OLDEST} to {NEWEST}; {advice}"
            ))
        })?;
        Ok(Negotiated { in_use, newest })
    }

    async fn versioned<B>(&self, request: Request<B>, traffic: Traffic) -> Result<Response<Incoming>, Failure>
    where
        B: Sendable,
    {
        let asks = request.method() == Method::GET || request.method() == Method::HEAD;
        self.versioned_within(request, traffic, asks.then_some(BEGIN_ANSWER)).await
    }

    async fn versioned_within<B>(
        &self,
        mut request: Request<B>,
        traffic: Traffic,
        begin: Option<Duration>,
    ) -> Result<Response<Incoming>, Failure>
    where
        B: Sendable,
    {
        let version = self.version().await?;
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = version
            .prefix(path)
            .parse()
            .map_err(|_| Failure::Broken("the request's path makes no address".to_owned()))?;
        let answer = self.exchange(request, traffic, begin).await?;
        // It may be that the version is no longer one of the engine's.
        if answer.status() == StatusCode::BAD_REQUEST {
            self.forget();
        }
        Ok(answer)
    }

    /// Sends a request; the answer must begin within `begin`, if that is given.
    async fn exchange<B>(
        &self,
        request: Request<B>,
        traffic: Traffic,
        begin: Option<Duration>,
    ) -> Result<Response<Incoming>, Failure>
    where
        B: Sendable,
    {
        let answered = async {
            let socket = self.0.connection.dialer().dial(traffic).await?;
            match http::send(socket, request, &self.0.connection.dialer().host_header()).await {
                Ok(answer) => Ok(answer),
                Err(error) => Err(self
                    .0
                    .connection
                    .dialer()
                    .refusal()
                    .await
                    .map_or_else(|| Failure::Broken(cause(&error)), Failure::Dial)),
            }
        };
        let answer = match begin {
            Some(begin) => timeout(begin, answered).await.unwrap_or(Err(Failure::Silent)),
            None => answered.await,
        };
        if answer.is_err() {
            self.forget();
        }
        answer
    }

    fn forget(&self) {
        *self.negotiated() = None;
    }

    fn negotiated(&self) -> MutexGuard<'_, Option<Negotiated>> {
        self.0.negotiated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A failure in the words of the port.
    pub(crate) fn error(&self, operation: &'static str, failure: Failure) -> Error {
        match failure {
            Failure::Silent => Error::TimedOut { operation },
            Failure::Incompatible(reason) => {
                Error::Unusable { reason: format!("{}: {reason}", self.0.connection.address()) }
            }
            Failure::Dial(_) | Failure::Broken(_) => self.unreachable(&failure),
        }
    }

    /// A broken connection in the words of the port.
    pub(crate) fn unreachable(&self, error: &(dyn StdError + 'static)) -> Error {
        Error::Unreachable { reason: format!("{}: {}", self.0.connection.address(), cause(error)) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Versions {
    api_version: String,
    #[serde(rename = "MinAPIVersion")]
    min_api_version: Option<String>,
}

impl Versions {
    fn parse(self) -> Option<(ApiVersion, ApiVersion)> {
        let newest = self.api_version.parse().ok()?;
        let oldest = self.min_api_version.and_then(|text| text.parse().ok()).unwrap_or(newest);
        Some((oldest, newest))
    }
}
