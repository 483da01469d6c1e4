use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use futures::{StreamExt, future::ready};
use hyper::StatusCode;
use serde::Deserialize;

use super::{Pull, PullEvent, PullStream};
use crate::{DockerEngine, Error, Result, http, json_lines::json_lines};

const OPERATION: &str = "pull the image";

#[async_trait]
impl Pull for DockerEngine {
    async fn pull(&self, _grant: &Grant, image: &ImageReference) -> Result<PullStream> {
        // No character of a reference means anything in a query.
        let request = http::post(&format!("/images/create?fromImage={image}"));
        let answer =
            self.client.send(request).await.map_err(|failure| self.client.error(OPERATION, failure))?;
        if answer.status() != StatusCode::OK {
            // Whatever the status: that an image is not there is told in the registry's words.
            let (_, message) = http::refusal_words(answer).await;
            return Err(Error::Engine { operation: OPERATION, message });
        }
        let lines = json_lines::<Line>(self.client.clone(), answer, OPERATION);
        Ok(lines.filter_map(|line| ready(line.and_then(Line::read).transpose())).boxed())
    }
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
    fn read(self) -> Result<Option<PullEvent>> {
        if let Some(message) = self.error {
            return Err(Error::Engine { operation: OPERATION, message });
        }
        let Some(status) = self.status else { return Ok(None) };
        // Layers go by 12 digits; the line before them bears the tag.
        let is_layer = |id: &String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let layer = self.id.filter(is_layer);
        // While it unpacks, a new engine counts seconds in the place of bytes.
        let done = self.detail.current.filter(|_| self.detail.total.is_some() || status == "Downloading");
        Ok(Some(PullEvent { layer, done: done.map(|current| (current, self.detail.total)), status }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Option<PullEvent>> {
        serde_json::from_str::<Line>(line).expect("JSON").read()
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
        assert!(event(r#"{"status":"Pull complete","progressDetail":{},"id":"0123456789ab"}"#).is_complete());
        assert!(read("{}").expect("no failure").is_none());
        let failure = read(r#"{"errorDetail":{"message":"no space left"},"error":"no space left"}"#);
        let text = failure.expect_err("a failure").to_string();
        assert_eq!(text, "the engine could not pull the image: no space left");
    }
}
