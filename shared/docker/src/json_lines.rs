//! Answers that are a JSON document a line, for as long as they last: stats and events.
//!
//! bollard reads them too, but drops why a connection broke, and opens them only when they are read.

use futures::{Stream, StreamExt, TryStreamExt, stream::BoxStream};
use http_body_util::BodyExt;
use hyper::{Response, body::Incoming};
use serde::de::DeserializeOwned;
use tokio_util::{
    codec::{FramedRead, LinesCodec, LinesCodecError},
    io::StreamReader,
};

use crate::{Error, Result, client::Client};

/// The longest line that is believed. Events and samples are a hundredth of it.
const MAX_LINE: usize = 1 << 20;

/// The documents of an answer. One that makes no sense is an error in its place and ends nothing.
pub(crate) fn json_lines<T>(
    client: Client,
    answer: Response<Incoming>,
    operation: &'static str,
) -> BoxStream<'static, Result<T>>
where
    T: DeserializeOwned + Send + 'static,
{
    let body = answer.into_body().into_data_stream().map_err(std::io::Error::other);
    let lines = FramedRead::new(StreamReader::new(body), LinesCodec::new_with_max_length(MAX_LINE));
    without_blank(lines)
        .map(move |line| {
            let malformed = |reason: String| Error::Engine { operation, message: reason };
            match line {
                Ok(line) => serde_json::from_str(&line).map_err(|error| malformed(error.to_string())),
                Err(LinesCodecError::Io(error)) => Err(client.unreachable(&error)),
                Err(too_long) => Err(malformed(too_long.to_string())),
            }
        })
        .boxed()
}

fn without_blank(
    lines: impl Stream<Item = Result<String, LinesCodecError>>,
) -> impl Stream<Item = Result<String, LinesCodecError>> {
    lines.filter(|line| std::future::ready(!matches!(line, Ok(line) if line.trim().is_empty())))
}
