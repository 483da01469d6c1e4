//! A small listener for roles without an API: `/healthz`, `/readyz`, `/metrics`.

use std::{convert::Infallible, io, net::TcpListener, sync::Arc};

use bytes::Bytes;
use futures::future::BoxFuture;
use http_body_util::Full;
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::debug;

/// What a probe tells.
pub struct Report {
    /// Whether the role can work; each thing it needs by name.
    pub ready: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
    /// Metrics as Prometheus' text.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Report")
    }
}

/// The listener.
#[derive(Debug)]
pub struct Probe {
    listener: tokio::net::TcpListener,
    report: Arc<Report>,
}

impl Probe {
    /// A probe on a bound listener.
    ///
    /// # Errors
    /// When the listener cannot be handed to the runtime.
    pub fn new(listener: TcpListener, report: Report) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { listener: tokio::net::TcpListener::from_std(listener)?, report: Arc::new(report) })
    }

    /// Answers until `shutdown`; from then on nobody is told that the role is ready, for nobody is told anything.
    ///
    /// # Errors
    /// When connections cannot be accepted any more.
    pub async fn run(self, shutdown: CancellationToken) -> io::Result<()> {
        let connections = TaskTracker::new();
        loop {
            let (stream, _) = tokio::select! {
                accepted = self.listener.accept() => accepted?,
                () = shutdown.cancelled() => return Ok(()),
            };
            let (report, shutdown) = (Arc::clone(&self.report), shutdown.clone());
            connections.spawn(async move {
                let service = service_fn(|request| answer(&report, request));
                let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::select! {
                    ended = connection => debug!(?ended, "a probe's connection ended"),
                    () = shutdown.cancelled() => {}
                }
            });
        }
    }
}

async fn answer(report: &Report, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match request.uri().path() {
        "/healthz" => (StatusCode::OK, "ok".to_owned()),
        "/readyz" => match (report.ready)().await {
            Ok(()) => (StatusCode::OK, "ready".to_owned()),
            Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason),
        },
        "/metrics" => (StatusCode::OK, (report.metrics)()),
        _ => (StatusCode::NOT_FOUND, "there are /healthz, /readyz and /metrics".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}
