use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use dockline_contract::rest::ErrorBody;
use dockline_docker::{LogQuery, LogStream, Tail};
use dockline_domain::{
    ContainerRef, HostId, Timestamp,
    log::{Chunk, Stream},
};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    line_filter::LineFilter,
    resolve::{Target, resolve},
};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathId, filled},
};

/// Which part of a log, and in what form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadLog {
    /// The last so many chunks (lines; longer ones than 16 KiB are several), or `all` (default). Counted
    /// by the engine, before `stream` and `q`.
    tail: Option<String>,
    /// Nothing older; RFC 3339 or seconds since 1970.
    since: Option<String>,
    /// Nothing newer; RFC 3339 or seconds since 1970.
    until: Option<String>,
    /// `stdout` or `stderr`; both by default, in the engine's order.
    stream: Option<String>,
    /// Only lines with this text.
    q: Option<String>,
    /// `q` is a regular expression.
    #[serde(default)]
    regex: bool,
    /// `text` (default): byte for byte what the engine stored. `ndjson`: one object per chunk, with time
    /// and stream.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Text,
    Ndjson,
}

/// A container's stored log as a download. Streamed: a log of any size takes the same memory.
#[utoipa::path(get, path = "/api/v1/containers/{id}/logs", operation_id = "read_container_log", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), ReadLog),
    responses((status = 200, description = "The log", content((String = "text/plain"), (String = "application/x-ndjson"))),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Its log driver cannot be read, or several have this ID", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn logs(
    app: web::Data<App>,
    Granted(_grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(wanted): Params<ReadLog>,
) -> Result<HttpResponse, ApiError> {
    let format = wanted.format;
    let (query, mut selection) = parse(&wanted)?;
    let target = resolve(&app, &reference, wanted.host.as_ref()).await?;
    let opened = target.host.engine.logs(&target.id, &query).await.map_err(|error| target.failed(error))?;
    // The first chunk is awaited, so that a log that cannot be read is an error and not an empty file.
    let mut chunks = opened.chunks;
    let first = chunks.next().await.transpose().map_err(|error| target.failed(error))?;
    let chunks: LogStream = stream::iter(first.map(Ok)).chain(chunks).boxed();
    let (kind, extension) = match format {
        Format::Text => ("text/plain; charset=utf-8", "log"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let name = format!("attachment; filename=\"{}.{extension}\"", target.id.short());
    // The end of the engine's stream, as one more element.
    let parts = chunks
        .map(Some)
        .chain(stream::iter([None]))
        .map(move |part| body(&target, &mut selection, format, part));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, name))
        .streaming(parts.filter(|part| std::future::ready(!part.as_ref().is_ok_and(Bytes::is_empty)))))
}

/// What is sent for one chunk of the engine, or for its end. An error cuts the download off, so that
/// nobody takes a part for the whole.
fn body(
    target: &Target,
    selection: &mut Selection,
    format: Format,
    part: Option<dockline_docker::Result<Chunk>>,
) -> Result<Bytes, ApiError> {
    let taken = match part {
        Some(Ok(chunk)) => selection.push(chunk),
        Some(Err(error)) => {
            tracing::warn!(host = %target.host.id, container = target.id.short(), %error, "a log download was cut off");
            return Err(target.failed(error));
        }
        None => selection.finish(),
    };
    Ok(match (format, taken.len()) {
        (Format::Text, 1) => taken.into_iter().next().map(|chunk| chunk.bytes).unwrap_or_default(),
        (Format::Text, _) => taken.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect(),
        (Format::Ndjson, _) => taken.iter().flat_map(ndjson).collect(),
    })
}

/// Which chunks of what the engine sends are wanted.
struct Selection {
    stream: Option<Stream>,
    since: Timestamp,
    until: Timestamp,
    lines: Option<LineFilter>,
}

impl Selection {
    fn push(&mut self, chunk: Chunk) -> Vec<Chunk> {
        // Engines round times to seconds or leave `until` out; here they count exactly.
        let in_range = self.since <= chunk.ts && chunk.ts <= self.until;
        if !in_range || self.stream.is_some_and(|stream| stream != chunk.stream) {
            return Vec::new();
        }
        match &mut self.lines {
            Some(lines) => lines.push(chunk),
            None => vec![chunk],
        }
    }

    fn finish(&mut self) -> Vec<Chunk> {
        self.lines.as_mut().map(LineFilter::finish).unwrap_or_default()
    }
}

fn parse(wanted: &ReadLog) -> Result<(LogQuery, Selection), ApiError> {
    let mut fields = Fields::default();
    let tail = fields.check("tail", tail(wanted.tail.as_deref()));
    let since = fields.check_optional("since", filled(wanted.since.as_ref()).map(time));
    let until = fields.check_optional("until", filled(wanted.until.as_ref()).map(time));
    let stream = fields.check_optional("stream", filled(wanted.stream.as_ref()).map(output));
    let lines = filled(wanted.q.as_ref()).map(|text| LineFilter::new(text, wanted.regex));
    let lines = fields.check_optional("q", lines);
    let Some(tail) = tail else { return Err(fields.into()) };
    fields.finish()?;
    let selection = Selection {
        stream,
        since: since.unwrap_or(Timestamp(i64::MIN)),
        until: until.unwrap_or(Timestamp(i64::MAX)),
        lines,
    };
    Ok((LogQuery { tail, since, until, follow: false }, selection))
}

fn tail(text: Option<&str>) -> Result<Tail, &'static str> {
    match text {
        None | Some("" | "all") => Ok(Tail::All),
        Some(text) => text.parse().map(Tail::Last).map_err(|_| "must be a number or `all`"),
    }
}

fn output(text: &str) -> Result<Stream, &'static str> {
    match text {
        "stdout" => Ok(Stream::Stdout),
        "stderr" => Ok(Stream::Stderr),
        _ => Err("must be stdout or stderr"),
    }
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    let seconds = text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000_000_000));
    seconds
        .map(Timestamp)
        .or_else(|| Timestamp::parse(text.as_bytes()))
        .ok_or("must be a time in RFC 3339, for example 2026-11-24T10:00:00Z, or seconds since 1970")
}

/// A chunk as one line of JSON, with the field names of the WebSocket's frames.
fn ndjson(chunk: &Chunk) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        t: String,
        s: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        d: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<String>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        p: bool,
    }

    let text = std::str::from_utf8(&chunk.bytes).ok();
    let line = Line {
        t: chunk.ts.to_string(),
        s: chunk.stream.number(),
        d: text,
        b: text.is_none().then(|| STANDARD.encode(&chunk.bytes)),
        p: chunk.is_partial(),
    };
    let mut json = serde_json::to_vec(&line).unwrap_or_default();
    json.push(b'\n');
    json
}
