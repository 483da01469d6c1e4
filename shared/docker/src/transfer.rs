//! What an engine says while layers go from or to a registry.

use bytes::Bytes;
use futures::{StreamExt, future::ready, stream::BoxStream};
use http_body_util::Empty;
use hyper::{Request, StatusCode};
use serde::Deserialize;

use crate::{Error, Result, client::Client, http, json_lines::json_lines};

/// Ends when every layer is where it is to be, or with an error.
pub type TransferStream = BoxStream<'static, Result<TransferEvent>>;

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferEvent {
    /// The layer's short ID; `None` when it is about the image as a whole.
    pub layer: Option<String>,
    /// In the engine's words: `Downloading`, `Pull complete`, `Pushed`.
    pub status: String,
    /// Bytes done, of how many if that is known.
    pub done: Option<(u64, Option<u64>)>,
}

impl TransferEvent {
    /// The digest of what was fetched, which the engine tells when it has all of it.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.status.strip_prefix("Digest: ").filter(|_| self.layer.is_none())
    }

    /// Whether the layer is where it is to be.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let status = self.status.as_str();
        self.layer.is_some()
            && (matches!(status, "Pull complete" | "Already exists" | "Pushed" | "Layer already exists")
                || status.starts_with("Mounted from "))
    }
}

/// Has an engine begin to move layers, and gives what it says of that.
pub(crate) async fn transfer(
    client: &Client,
    request: Request<Empty<Bytes>>,
    operation: &'static str,
) -> Result<TransferStream> {
    let answer = client.send(request).await.map_err(|failure| client.error(operation, failure))?;
    if answer.status() != StatusCode::OK {
        // Whatever the status: that an image is not there is told in the registry's words.
        let (_, message) = http::refusal_words(answer).await;
        return Err(Error::Engine { operation, message });
    }
    let lines = json_lines::<Line>(client.clone(), answer, operation);
    Ok(lines.filter_map(move |line| ready(line.and_then(|line| line.read(operation)).transpose())).boxed())
}

/// A line of the engine's answer.
#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    status: Option<String>,
    #[serde(default, rename = "progressDetail")]
    detail: Detail,
    /// A failure, after which the engine says nothing any more. Its status was 200 by then.
    error: Option<String>,
}

#[derive(Default, Deserialize)]
struct Detail {
    current: Option<u64>,
    total: Option<u64>,
}

impl Line {
    fn read(self, operation: &'static str) -> Result<Option<TransferEvent>> {
        if let Some(message) = self.error {
            return Err(Error::Engine { operation, message });
        }
        let Some(status) = self.status else { return Ok(None) };
        // Layers go by 12 digits; the line before them bears the tag.
        let is_layer = |id: &String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let layer = self.id.filter(is_layer);
        // While it unpacks, a new engine counts seconds in the place of bytes.
        let counted = self.detail.total.is_some() || matches!(status.as_str(), "Downloading" | "Pushing");
        let done = self.detail.current.filter(|_| counted);
        Ok(Some(TransferEvent { layer, done: done.map(|current| (current, self.detail.total)), status }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<TransferEvent>> {
        serde_json::from_str::<Line>(line).expect("JSON").read("pull the image")
    }

    #[test]
    fn lines_of_engines_are_read() {
        let event = |line: &str| read(line).expect("no failure").expect("an event");
        let begin = event(r#"{"status":"Pulling from library/busybox","id":"latest"}"#);
        assert_eq!((begin.layer, begin.status.as_str()), (None, "Pulling from library/busybox"));
        let bytes = event(
            r#"{"status":"Downloading","progressDetail":{"current":5,"total":10},"progress":"[=> ] 5B/10B","id":"0123456789ab"}"#,
        );
        assert_eq!((bytes.layer.as_deref(), bytes.done), (Some("0123456789ab"), Some((5, Some(10)))));
        let unknown = event(r#"{"status":"Downloading","progressDetail":{"current":5},"id":"0123456789ab"}"#);
        assert_eq!(unknown.done, Some((5, None)));
        let seconds = event(
            r#"{"status":"Extracting","progressDetail":{"current":3,"units":"s"},"id":"0123456789ab"}"#,
        );
        assert_eq!(seconds.done, None);
        for complete in ["Pull complete", "Pushed", "Layer already exists", "Mounted from acme/base"] {
            let line = format!(r#"{{"status":"{complete}","progressDetail":{{}},"id":"0123456789ab"}}"#);
            assert!(event(&line).is_complete(), "{complete}");
        }
        assert_eq!(event(r#"{"status":"Digest: sha256:00"}"#).digest(), Some("sha256:00"));
        assert_eq!(event(r#"{"status":"Status: Image is up to date for a:1"}"#).digest(), None);
        assert!(!event(r#"{"status":"1: digest: sha256:00 size: 527"}"#).is_complete());
        assert!(read("{}").expect("no failure").is_none());
        assert!(read(r#"{"progressDetail":{},"aux":{"Tag":"1"}}"#).expect("no failure").is_none());
        let failure = read(r#"{"errorDetail":{"message":"no space left"},"error":"no space left"}"#);
        assert!(failure.expect_err("a failure").to_string().contains("no space left"));
    }
}
