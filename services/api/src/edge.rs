//! The outermost layer: the request's ID and address, the headers that every answer has, the body of
//! errors, and one line in the access log.

use std::{
    collections::HashSet,
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
    time::Instant,
};

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    },
    web,
};
use dockline_contract::rest::ErrorBody;
use dockline_telemetry::trace;
use futures::future::LocalBoxFuture;
use tracing::{Instrument, Span, field};

use crate::{ApiError, App, client_address::client_address, error::Causes, extract::Caller};

/// Wraps the whole application; `paths` are those of the route table.
pub(crate) struct Edge {
    app: web::Data<App>,
    paths: Arc<HashSet<&'static str>>,
}

impl Edge {
    pub(crate) const fn new(app: web::Data<App>, paths: Arc<HashSet<&'static str>>) -> Self {
        Self { app, paths }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = AtEdge<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let (app, paths) = (self.app.clone(), Arc::clone(&self.paths));
        ready(Ok(AtEdge { service: Rc::new(service), app, paths }))
    }
}

/// The application behind its edge.
pub(crate) struct AtEdge<S> {
    service: Rc<S>,
    app: web::Data<App>,
    paths: Arc<HashSet<&'static str>>,
}

impl<S, B> Service<ServiceRequest> for AtEdge<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let began = Instant::now();
        let (service, app) = (Rc::clone(&self.service), self.app.clone());
        // An ID from outside is not accepted: it would let a caller forge lines of log and audit.
        let request_id = uuid::Uuid::now_v7().simple().to_string();
        let address = client_address(&request, &app.config.trusted_proxies);
        request.extensions_mut().insert(Caller { request_id: request_id.clone(), address });
        let route = request.match_pattern();
        let method = request.method().clone();
        let span = tracing::info_span!(
            "request",
            id = %request_id,
            method = method_name(&method),
            route = route.as_deref().unwrap_or("-"),
            otel.kind = field::Empty,
            otel.name = field::Empty,
            http.response.status_code = field::Empty,
        );
        if trace::is_exporting() {
            continue_trace(&span, &request, route.as_deref());
        }
        // Another method of a declared path is answered with 405 further in.
        let declared = route.as_deref().is_none_or(|route| self.paths.contains(route));
        let future = async move {
            let answered = if declared {
                service.call(request).await?.map_into_boxed_body()
            } else {
                // Only reachable by a defect: handlers cannot be registered around the table.
                tracing::error!("a route without a declared permission was refused");
                request.into_response(ApiError::Internal("a route without a declaration").error_response())
            };
            Ok(finish(&app, answered, &request_id, route.as_deref(), began))
        };
        Box::pin(future.instrument(span))
    }
}

fn finish(
    app: &App,
    mut response: ServiceResponse<BoxBody>,
    request_id: &str,
    route: Option<&str>,
    began: Instant,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let api = is_api(response.request().path());
    if status.is_client_error() || status.is_server_error() {
        response = with_error_body(response, request_id, api);
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if app.config.public_url.is_https() {
        set(headers, "strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    if api && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    log(app, &response, route, began);
    response
}

/// Names a request's span as OpenTelemetry does, and lets it go on with the trace of its caller.
fn continue_trace(span: &Span, request: &ServiceRequest, route: Option<&str>) {
    span.record("otel.kind", "server");
    let method = method_name(request.method());
    span.record("otel.name", route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")));
    let parent = request.headers().get(trace::TRACEPARENT).and_then(|value| value.to_str().ok());
    if let Some(parent) = parent {
        trace::go_on(span, parent);
    }
}

/// Writes the body that [`ApiError`] put beside the response, or one for what actix answered itself.
fn with_error_body(
    response: ServiceResponse<BoxBody>,
    request_id: &str,
    api: bool,
) -> ServiceResponse<BoxBody> {
    let body = response.response().extensions().get::<ErrorBody>().cloned();
    let empty = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let body = match body {
        Some(body) => body,
        None if api && empty => plain_body(response.status()),
        None => return response,
    };
    let body = ErrorBody { request_id: request_id.to_owned(), ..body };
    let json = serde_json::to_string(&body).unwrap_or_default();
    let mut response = response.map_body(|_, _| BoxBody::new(json));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain_body(status: StatusCode) -> ErrorBody {
    let error = match status {
        StatusCode::NOT_FOUND => ApiError::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed,
        status if status.is_client_error() => ApiError::MalformedBody,
        _ => ApiError::Internal("an answer without a body"),
    };
    ErrorBody {
        code: error.code().to_owned(),
        message: error.to_string(),
        request_id: String::new(),
        fields: Vec::new(),
        details: None,
    }
}

/// One line per answer: the route's pattern and never the path, in whose query a ticket may be.
fn log(app: &App, response: &ServiceResponse<BoxBody>, route: Option<&str>, began: Instant) {
    let took = began.elapsed();
    let status = response.status().as_u16();
    if trace::is_exporting() {
        Span::current().record("http.response.status_code", status);
    }
    let method = method_name(response.request().method());
    app.metrics.answered(method, route.unwrap_or("ui"), status, took.as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "shown to people")]
    let ms = (took.as_micros() as f64 / 100.0).round() / 10.0;
    if let Some(causes) = response.response().extensions().get::<Causes>() {
        tracing::error!(status, ms, causes = causes.0, "answered");
    } else if matches!(route, Some("/healthz" | "/readyz" | "/metrics")) {
        tracing::debug!(status, ms, "answered");
    } else {
        tracing::info!(status, ms, "answered");
    }
}

/// Whether a path belongs to programs; the rest belongs to the web UI.
pub(crate) fn is_api(path: &str) -> bool {
    ["/api", "/ws"]
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Method names are labels and log fields: those that a caller invents are not told apart.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &'static str) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

const SECURITY_HEADERS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self' ws: wss:; worker-src 'self' blob:; font-src 'self'; frame-ancestors 'none'; \
         base-uri 'self'; form-action 'self'",
    ),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// What the default service answers where there is nothing.
pub(crate) fn nothing_here() -> HttpResponse {
    ApiError::NotFound.error_response()
}
