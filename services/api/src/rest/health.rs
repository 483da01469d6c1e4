use std::time::Duration;

use actix_web::{HttpResponse, web};
use prometheus::{Encoder, TextEncoder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ApiError, App};

/// Whether this replica can serve.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether new requests should be sent here.
    ready: bool,
    /// Each thing that this replica needs.
    dependencies: Vec<Dependency>,
}

/// One thing that a replica needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Dependency {
    /// `server`, `database`, `store`.
    name: &'static str,
    /// Whether it is in order.
    ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// Longer than any answer of a database that is alive.
const DEADLINE: Duration = Duration::from_secs(2);

/// Whether the process is alive; looks at nothing else.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = "operations", security(()),
    responses((status = 200, description = "Alive", body = String, content_type = "text/plain")))]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// Whether this replica should get requests. Docker engines do not count: a replica without one still
/// serves everything else, and says so on the page. Nor does the shared store: it is down for all replicas
/// alike, and those who watch keep their sockets.
#[utoipa::path(get, path = "/readyz", operation_id = "readiness", tag = "operations", security(()),
    responses((status = 200, description = "Ready", body = Readiness),
              (status = 503, description = "Draining, or a dependency is missing", body = Readiness)))]
pub(crate) async fn readyz(app: web::Data<App>) -> HttpResponse {
    let draining = app.shutdown.is_cancelled();
    let database =
        tokio::time::timeout(DEADLINE, app.database.ping()).await.is_ok_and(|answer| answer.is_ok());
    let store = match &app.store {
        Some(store) => {
            let answer = tokio::time::timeout(DEADLINE, store.ping()).await;
            Some(answer.is_ok_and(|answer| answer.is_ok()))
        }
        None => None,
    };
    let dependency = |name, ok: bool, reason| Dependency { name, ok, reason: (!ok).then_some(reason) };
    let body = Readiness {
        ready: database && !draining,
        dependencies: [
            Some(dependency("server", !draining, "shutting down")),
            Some(dependency("database", database, "does not answer")),
            store.map(|ok| dependency("store", ok, "does not answer")),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    let mut response = if body.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(body)
}

/// Prometheus metrics.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operations", security(()),
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let encoder = TextEncoder::new();
    let mut text = Vec::new();
    encoder
        .encode(&app.registry.gather(), &mut text)
        .map_err(|_| ApiError::Internal("metrics could not be encoded"))?;
    Ok(HttpResponse::Ok().content_type(encoder.format_type()).body(text))
}
