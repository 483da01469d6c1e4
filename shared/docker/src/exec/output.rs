//! What a program prints, as it comes from an engine.

use bytes::BytesMut;
use dockline_domain::log::Stream;
use futures::{StreamExt, stream};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;

use super::{ExecOutput, ExecPiece};
use crate::{
    Error,
    client::Client,
    decode::{Framing, take_frame},
};

/// The most that is read at once. An engine reads up to 32 KiB from a program and sends it on as one frame.
const READ: usize = 32 * 1024;

/// Reads what a program prints from its connection. `over` is cancelled when that has come to its end.
pub(super) fn output(
    client: Client,
    connection: impl AsyncRead + Send + Unpin + 'static,
    framing: Framing,
    over: CancellationToken,
) -> ExecOutput {
    let reading = Reading { client, connection, framing, buffer: BytesMut::new(), over };
    let pieces = stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        match reading.next().await {
            Some(Ok(piece)) => Some((Ok(piece), Some(reading))),
            Some(Err(error)) => Some((Err(error), None)),
            None => None,
        }
    });
    // Fused: whoever looks for the end twice finds it twice.
    pieces.fuse().boxed()
}

struct Reading<R> {
    client: Client,
    connection: R,
    framing: Framing,
    buffer: BytesMut,
    over: CancellationToken,
}

impl<R: AsyncRead + Unpin> Reading<R> {
    async fn next(&mut self) -> Option<Result<ExecPiece, Error>> {
        loop {
            match self.decoded() {
                Ok(Some(piece)) if piece.bytes.is_empty() => continue,
                Ok(Some(piece)) => return Some(Ok(piece)),
                Ok(None) => {}
                Err(error) => return Some(Err(error)),
            }
            self.buffer.reserve(READ);
            match self.connection.read_buf(&mut self.buffer).await {
                Ok(0) => {
                    self.over.cancel();
                    return None;
                }
                Ok(_) => {}
                Err(error) => return Some(Err(self.client.unreachable(&error))),
            }
        }
    }

    fn decoded(&mut self) -> Result<Option<ExecPiece>, Error> {
        match self.framing {
            Framing::Raw if self.buffer.is_empty() => Ok(None),
            Framing::Raw => {
                Ok(Some(ExecPiece { stream: Stream::Stdout, bytes: self.buffer.split().freeze() }))
            }
            Framing::Multiplexed => match take_frame(&mut self.buffer) {
                Ok(frame) => Ok(frame.map(|(stream, bytes)| ExecPiece { stream, bytes })),
                Err(malformed) => Err(Error::Engine {
                    operation: "pass on what the program prints",
                    message: malformed.to_string(),
                }),
            },
        }
    }
}
