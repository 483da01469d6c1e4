//! One request over one connection.

use std::{error::Error as StdError, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::{
    Method, Request, Response, Uri,
    body::{Body, Incoming},
    client::conn::http1,
    header::{CONTENT_TYPE, HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;

use crate::{Error, dial::Socket};

/// The largest answer that is read as a whole here.
const MAX_BODY: usize = 64 * 1024;

/// How long the words of a refusal are waited for.
const REFUSAL: Duration = Duration::from_secs(5);

/// What a request may carry.
pub(crate) trait Sendable:
    Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static
{
}
impl<B> Sendable for B where
    B: Body<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static
{
}

/// Sends a request and waits for the head of the answer. The connection ends with the answer's body, or with what it was
/// upgraded to, or when this is no longer waited for.
pub(crate) async fn send<B>(
    socket: Box<dyn Socket>,
    mut request: Request<B>,
    host: &str,
) -> hyper::Result<Response<Incoming>>
where
    B: Sendable,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "engine connection ended");
        }
    });
    if let Ok(host) = HeaderValue::from_str(host) {
        request.headers_mut().insert(HOST, host);
    }
    sender.send_request(request).await
}

/// The whole body of a small answer.
pub(crate) async fn small_body(answer: Response<Incoming>) -> Result<Bytes, Box<dyn StdError + Send + Sync>> {
    Ok(Limited::new(answer.into_body(), MAX_BODY).collect().await?.to_bytes())
}

/// A `GET` of this path.
pub(crate) fn get(path: &str) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    request
}

/// A `POST` to this path, without a body.
pub(crate) fn post(path: &str) -> Request<Empty<Bytes>> {
    let mut request = get(path);
    *request.method_mut() = Method::POST;
    request
}

/// A `POST` of a JSON document to this path.
pub(crate) fn post_json(path: &str, document: &serde_json::Value) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(document.to_string())));
    (*request.method_mut(), *request.uri_mut()) =
        (Method::POST, path.parse().unwrap_or_else(|_| Uri::from_static("/")));
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request
}

/// What an answer with an error status means.
pub(crate) async fn refusal(answer: Response<Incoming>, operation: &'static str) -> Error {
    let (status, message) = refusal_words(answer).await;
    from_status(status, message, operation)
}

/// What an answer with an error status says: the status, and the engine's words.
pub(crate) async fn refusal_words(answer: Response<Incoming>) -> (u16, String) {
    let status = answer.status();
    let body = tokio::time::timeout(REFUSAL, small_body(answer)).await;
    let bytes = body.ok().and_then(Result::ok).unwrap_or_default();
    let message = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|value| value.get("message")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| format!("status {status}"));
    (status.as_u16(), message)
}

/// What an engine's error status means, for every operation alike.
pub(crate) fn from_status(status: u16, message: String, operation: &'static str) -> Error {
    let unreadable = message.contains("does not support reading");
    match status {
        404 => Error::NotFound,
        _ if unreadable => Error::UnreadableLogs { message },
        501 => Error::UnreadableLogs { message },
        409 => Error::Conflict { message },
        _ => Error::Engine { operation, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_drivers_are_recognized() {
        let error =
            from_status(501, "configured logging driver does not support reading".into(), "read the log");
        assert!(matches!(error, Error::UnreadableLogs { .. }));
        assert!(matches!(from_status(404, "no".into(), "inspect"), Error::NotFound));
    }
}
