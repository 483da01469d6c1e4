use std::time::Duration;

use dockline_domain::{ContainerId, Timestamp};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper::{Response, body::Incoming, header::DATE};

use crate::{
    Error, LogOpen, LogQuery, Result, Tail,
    client::Client,
    decode::{Decoder, Framing},
    dial::Traffic,
};

const OPERATION: &str = "read the log";

/// A read that does not follow may pause this long before it counts as stuck. A follower may be
/// silent forever.
const MAX_PAUSE: Duration = Duration::from_secs(15);

/// Opens a log and decodes it as it comes. bollard decodes logs too, but guesses the framing and lets a terminal's line grow
/// without bounds.
pub(crate) async fn open(
    client: &Client,
    id: &ContainerId,
    framing: Framing,
    query: &LogQuery,
) -> Result<LogOpen> {
    let response = client.read(&path(id, query), Traffic::Read, OPERATION).await?;
    let engine_time = engine_time(&response);
    let max_pause = if query.follow { None } else { Some(MAX_PAUSE) };
    let reading = Reading {
        client: client.clone(),
        body: response.into_body(),
        decoder: Decoder::new(framing),
        max_pause,
        ended: false,
    };
    let chunks = stream::unfold(reading, |mut reading| async move {
        let item = reading.next().await?;
        Some((item, reading))
    });
    // Fused: a reader that looks for the end twice finds it twice.
    Ok(LogOpen { engine_time, chunks: chunks.fuse().boxed() })
}

fn path(id: &ContainerId, query: &LogQuery) -> String {
    let tail = match query.tail {
        Tail::All => "all".to_owned(),
        Tail::Last(count) => count.to_string(),
    };
    let mut path = format!(
        "/containers/{id}/logs?stdout=1&stderr=1&timestamps=1&follow={}&tail={tail}",
        u8::from(query.follow)
    );
    for (name, time) in [("since", query.since), ("until", query.until)] {
        if let Some(time) = time {
            path.push_str(&format!("&{name}={}", time.as_since()));
        }
    }
    path
}

fn engine_time(response: &Response<Incoming>) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    let time = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc2822).ok()?;
    i64::try_from(time.unix_timestamp_nanos()).ok().map(Timestamp)
}

struct Reading {
    client: Client,
    body: Incoming,
    decoder: Decoder,
    max_pause: Option<Duration>,
    ended: bool,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<dockline_domain::log::Chunk>> {
        loop {
            match self.decoder.next_chunk() {
                Ok(Some(chunk)) => return Some(Ok(chunk)),
                Ok(None) if self.ended => return self.decoder.finish().map(Ok),
                Ok(None) => {}
                Err(_) if self.ended => return None,
                Err(malformed) => return Some(Err(self.end(engine_error(&malformed)))),
            }
            let frame = match self.max_pause {
                None => self.body.frame().await,
                Some(pause) => match tokio::time::timeout(pause, self.body.frame()).await {
                    Ok(frame) => frame,
                    Err(_) => return Some(Err(self.end(engine_error(&"it paused for too long")))),
                },
            };
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data() {
                        self.decoder.push(&bytes);
                    }
                }
                Some(Err(error)) => {
                    let error = self.client.unreachable(&error);
                    return Some(Err(self.end(error)));
                }
                None => self.ended = true,
            }
        }
    }

    fn end(&mut self, error: Error) -> Error {
        self.ended = true;
        self.decoder = Decoder::new(Framing::Multiplexed);
        error
    }
}

fn engine_error(reason: &dyn std::fmt::Display) -> Error {
    Error::Engine { operation: OPERATION, message: reason.to_string() }
}
