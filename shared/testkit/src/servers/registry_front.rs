//! What engines find before a registry of a test: it passes everything on, lies where it is told to, and answers searches,
//! which the registry itself cannot.

use std::{
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Either, Empty, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Incoming},
    client,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue},
    server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use super::RegistryServer;
use crate::{Link, Server, TestEngine};

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What is not true of an answer.
#[derive(Clone, Debug)]
pub enum Lie {
    /// One byte of the blob with this digest is another.
    Blob(String),
    /// A manifest that is asked for by its digest has one byte more.
    Manifests,
    /// Tags have this digest. Under it there is what the tag has if `keeps_to_it`, and otherwise nothing.
    Tags {
        /// The digest.
        digest: String,
        /// Whether a manifest of this digest is there as well.
        keeps_to_it: bool,
    },
    /// Whatever is looked for, the search's answer is this.
    Search {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// The front; it ends with all its connections when dropped.
#[derive(Debug)]
pub struct RegistryFront {
    port: u16,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    registry: u16,
    lie: Mutex<Option<Lie>>,
}

type Answer = Response<Either<Incoming, Full<Bytes>>>;

impl RegistryFront {
    /// Listens on a free port of the loopback interface.
    pub async fn before(registry: &RegistryServer) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listen before a registry")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared { registry: registry.port(), lie: Mutex::default() });
        // Ended through its handle in `drop`; it has no result.
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { port, shared, accepting })
    }

    /// A way to it from an engine.
    pub fn reached_by(&self, engine: &TestEngine) -> Result<Link> {
        Link::beside(engine, Server::local(self.port))
    }

    /// Where it listens, for a test itself.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Lies from now on, or tells the truth again with `None`.
    pub fn tell(&self, lie: Option<Lie>) {
        *self.shared.lie.lock().unwrap_or_else(PoisonError::into_inner) = lie;
    }
}

impl Drop for RegistryFront {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // They end with this task.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let answer = service_fn(|request| shared.answer(request));
            let served = server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection to a registry's front ended");
            }
        });
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Result<Answer> {
        let path = request.uri().path().to_owned();
        let lie = self.lie.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (path.as_str(), lie) {
            ("/v1/_ping", _) => Ok(text(StatusCode::OK, r#"{"standalone":true}"#.to_owned())),
            ("/v1/search", Some(Lie::Search { status, body })) => {
                Ok(text(StatusCode::from_u16(status)?, body))
            }
            ("/v1/search", _) => self.search(&request).await,
            (path, Some(Lie::Blob(digest))) if path.ends_with(&format!("/blobs/{digest}")) => {
                changed(self.passed(request).await?, |bytes| {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0xff;
                })
                .await
            }
            (path, Some(Lie::Manifests)) if path.contains("/manifests/sha256:") => {
                let asked = request.method().clone();
                let answer = self.passed(request).await?;
                if asked == Method::GET {
                    changed(answer, |bytes| bytes.push(b'\n')).await
                } else {
                    Ok(answer.map(Either::Left))
                }
            }
            (path, Some(Lie::Tags { digest, keeps_to_it })) if path.contains("/manifests/") => {
                self.under_a_false_digest(request, &digest, keeps_to_it).await
            }
            _ => Ok(self.passed(request).await?.map(Either::Left)),
        }
    }

    /// The answer for a manifest while every tag is said to have this digest.
    async fn under_a_false_digest(
        &self,
        mut request: Request<Incoming>,
        digest: &str,
        keeps_to_it: bool,
    ) -> Result<Answer> {
        let path = request.uri().path();
        let is_told = if keeps_to_it && path.ends_with(digest) {
            // The images of these tests bear one tag.
            *request.uri_mut() = path.replace(digest, "1").parse()?;
            true
        } else {
            !path.contains("/manifests/sha256:")
        };
        let mut answer = self.passed(request).await?;
        if is_told && answer.status().is_success() {
            answer.headers_mut().insert(DIGEST, HeaderValue::from_str(digest)?);
        }
        Ok(answer.map(Either::Left))
    }

    /// The registry's own answer.
    async fn passed<B>(&self, request: Request<B>) -> Result<Response<Incoming>>
    where
        B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static,
    {
        let stream = TcpStream::connect(("127.0.0.1", self.registry)).await.context("reach the registry")?;
        let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the answer's body.
        tokio::spawn(connection);
        Ok(sender.send_request(request).await?)
    }

    /// What an index answers: the repositories whose names have this in them, for those who may read the registry's
    /// catalogue.
    async fn search(&self, request: &Request<Incoming>) -> Result<Answer> {
        let mut question = Request::new(Empty::<Bytes>::new());
        *question.uri_mut() = "/v2/_catalog".parse()?;
        for name in [HOST, AUTHORIZATION] {
            if let Some(value) = request.headers().get(&name) {
                question.headers_mut().insert(name, value.clone());
            }
        }
        let catalogue = self.passed(question).await?;
        if catalogue.status() != StatusCode::OK {
            return Ok(catalogue.map(Either::Left));
        }
        let catalogue: Value = serde_json::from_slice(&catalogue.into_body().collect().await?.to_bytes())?;
        let (mut term, mut limit) = (String::new(), 0);
        for (key, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
            match &*key {
                "q" => term = value.into_owned(),
                "n" => limit = value.parse()?,
                _ => {}
            }
        }
        let repositories = catalogue["repositories"].as_array().context("repositories")?.iter();
        let found: Vec<Value> = repositories
            .filter_map(Value::as_str)
            .filter(|name| name.contains(&term))
            .take(limit)
            .map(|name| {
                json!({
                    "name": name,
                    "description": format!("what {name} is"),
                    "star_count": name.len(),
                    "is_official": false,
                    "is_automated": false,
                })
            })
            .collect();
        let answer = json!({ "query": term, "num_results": found.len(), "results": found });
        Ok(text(StatusCode::OK, answer.to_string()))
    }
}

/// An answer whose body is another one, and is as long as it says.
async fn changed(answer: Response<Incoming>, change: impl FnOnce(&mut Vec<u8>)) -> Result<Answer> {
    let (mut head, body) = answer.into_parts();
    let mut bytes = body.collect().await?.to_bytes().to_vec();
    if head.status.is_success() && !bytes.is_empty() {
        change(&mut bytes);
        head.headers.insert(CONTENT_LENGTH, bytes.len().into());
    }
    Ok(Response::from_parts(head, Either::Right(Full::new(bytes.into()))))
}

fn text(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Either::Right(Full::new(body.into())));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
