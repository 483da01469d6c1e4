use async_trait::async_trait;
use bollard::query_parameters::RemoveImageOptionsBuilder;
use dockline_domain::access::Grant;
use futures::{StreamExt, TryStreamExt, stream};
use http_body_util::StreamBody;
use hyper::{Request, StatusCode, body::Frame, header::CONTENT_TYPE};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::{Build, BuildEvent, BuildStream, Discarded, Layer, NewBuild, words::Words};
use crate::{Content, DockerEngine, Error, Result, http, json_lines::json_lines, real::QUICK};

const OPERATION: &str = "build the image";

#[async_trait]
impl Build for DockerEngine {
    async fn build_image(&self, _grant: &Grant, build: &NewBuild, context: Content) -> Result<BuildStream> {
        let request = Request::post(format!("/build?{}", query(build)))
            .header(CONTENT_TYPE, "application/x-tar")
            .body(StreamBody::new(context.map_ok(Frame::data)))
            .map_err(|error| failed(error.to_string()))?;
        let answer =
            self.client.send(request).await.map_err(|failure| self.client.error(OPERATION, failure))?;
        if answer.status() != StatusCode::OK {
            let (status, message) = http::refusal_words(answer).await;
            return Err(if status == 400 { Error::Invalid { message } } else { failed(message) });
        }
        let lines = json_lines::<Line>(self.client.clone(), answer, OPERATION);
        let mut words = Words::default();
        let events = lines.map(move |line| stream::iter(read(line, &mut words)));
        Ok(events.flatten().boxed())
    }

    async fn discard_layer(&self, _grant: &Grant, layer: &Layer) -> Result<Discarded> {
        let options = RemoveImageOptionsBuilder::default().noprune(true).build();
        let request = self.docker()?.remove_image(&layer.0, Some(options), None);
        match self.call("remove what a build left", QUICK, request).await {
            Ok(_) | Err(Error::NotFound) => Ok(Discarded::Gone),
            Err(Error::Conflict { .. }) => Ok(Discarded::InUse),
            Err(error) => Err(error),
        }
    }
}

fn query(build: &NewBuild) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for tag in &build.tags {
        query.append_pair("t", &tag.to_string());
    }
    query.append_pair("dockerfile", &build.dockerfile);
    // Containers of steps go, also of one that fails.
    query.append_pair("rm", "1").append_pair("forcerm", "1");
    if let Some(target) = &build.target {
        query.append_pair("target", target);
    }
    if build.pull {
        query.append_pair("pull", "1");
    }
    if build.no_cache {
        query.append_pair("nocache", "1");
    }
    if let Some(args) = &build.args {
        query.append_pair("buildargs", args.expose_secret());
    }
    query.finish()
}

fn failed(message: String) -> Error {
    Error::Engine { operation: OPERATION, message }
}

/// What one line means: what it tells of the steps, and what is to be printed.
fn read(line: Result<Line>, words: &mut Words) -> Vec<Result<BuildEvent>> {
    let line = match line {
        Ok(line) => line,
        Err(error) => return vec![Err(error)],
    };
    if let Some(message) = line.error {
        return vec![Err(failed(message))];
    }
    if let Some(image) = line.aux.and_then(|aux| aux.id) {
        return vec![Ok(BuildEvent::Built(image))];
    }
    if let Some(text) = line.stream {
        let told = words.read(&text).map(Ok);
        return told.into_iter().chain([Ok(BuildEvent::Output(text))]).collect();
    }
    // How far the download of a base image is would flood the output.
    let status = line.status.filter(|_| {
        line.detail.is_none_or(|detail| detail.as_object().is_none_or(serde_json::Map::is_empty))
    });
    let text = status.map(|status| match line.id {
        Some(id) => format!("{id}: {status}\n"),
        None => format!("{status}\n"),
    });
    text.map(BuildEvent::Output).map(Ok).into_iter().collect()
}

/// A line of the engine's answer.
#[derive(Deserialize)]
struct Line {
    stream: Option<String>,
    status: Option<String>,
    id: Option<String>,
    #[serde(rename = "progressDetail")]
    detail: Option<serde_json::Value>,
    aux: Option<Aux>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Aux {
    #[serde(rename = "ID")]
    id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_engines_are_read() {
        let mut words = Words::default();
        let mut read = |text: &str| read(Ok(serde_json::from_str(text).expect("JSON")), &mut words);
        let step = read(r#"{"stream":"Step 1/2 : FROM scratch\n"}"#);
        assert!(matches!(
            &step[..],
            [Ok(BuildEvent::Step { number: 1, total: 2, .. }), Ok(BuildEvent::Output(_))]
        ));
        let built = read(r#"{"aux":{"ID":"sha256:1"}}"#);
        assert!(matches!(&built[..], [Ok(BuildEvent::Built(id))] if id == "sha256:1"));
        let failure = read(r#"{"errorDetail":{"code":1,"message":"returned 1"},"error":"returned 1"}"#);
        assert!(matches!(&failure[..], [Err(Error::Engine { message, .. })] if message == "returned 1"));
        assert!(
            read(r#"{"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"a"}"#).is_empty()
        );
        let pulled = read(r#"{"status":"Pull complete","progressDetail":{},"id":"a"}"#);
        assert!(matches!(&pulled[..], [Ok(BuildEvent::Output(text))] if text == "a: Pull complete\n"));
    }

    #[test]
    fn nothing_that_reaches_the_host_is_asked_for() {
        let build = NewBuild {
            tags: vec!["app:1".parse().expect("a name")],
            dockerfile: "a b/Dockerfile".to_owned(),
            target: Some("last".to_owned()),
            pull: true,
            no_cache: true,
            args: Some(r#"{"K":"V"}"#.to_owned().into()),
        };
        assert_eq!(
            query(&build),
            "t=app%3A1&dockerfile=a+b%2FDockerfile&rm=1&forcerm=1&target=last&pull=1&nocache=1&buildargs=%7B%22K%22%3A%22V%22%7D"
        );
    }
}
