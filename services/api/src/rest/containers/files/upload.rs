use std::{io, time::Duration};

use actix_web::{HttpRequest, http::header::CONTENT_LENGTH, web::Payload};
use bytes::{Bytes, BytesMut};
use dockline_docker::Content;
use futures::{StreamExt, future::join, stream};
use tokio::{sync::mpsc, time::Instant};

/// A client that sends nothing for this long has gone.
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// Who takes more than this to send, and sends less than [`LEAST_SPEED`], holds for nothing what others wait for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes a second.
const LEAST_SPEED: u64 = 16 * 1024;
/// How many pieces may wait for the engine: some hundred KiB.
const WAITING: usize = 8;

/// The size of a request's body in bytes, if the request tells it.
pub(crate) fn announced(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Hands a request's body on, piece by piece, to what works with it, which may be on another thread. The body's own error
/// comes beside what the work has come to.
pub(crate) async fn through<T>(
    mut body: Payload,
    work: impl AsyncFnOnce(Content) -> T,
) -> (Result<(), io::Error>, T) {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(WAITING);
    let content = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let pump = async move {
        // Without the time in which the engine takes nothing.
        let (mut waited, mut received) = (Duration::ZERO, 0);
        loop {
            let began = Instant::now();
            let Some(piece) = next(&mut body).await? else { return Ok(()) };
            waited += began.elapsed();
            received += piece.len() as u64;
            if waited > PATIENCE && received < waited.as_secs() * LEAST_SPEED {
                return Err(io::ErrorKind::TimedOut.into());
            }
            // Whoever takes no more has said why.
            if sender.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
    };
    // The end of the channel would look like the end of the body.
    let (errors, piece) = tokio::sync::oneshot::channel::<io::Error>();
    let pump = async move {
        let pumped: Result<(), io::Error> = pump.await;
        if let Err(error) = &pumped {
            let _taken = errors.send(io::Error::new(error.kind(), error.to_string()));
        }
        pumped
    };
    let broken = stream::once(piece).filter_map(|error| std::future::ready(error.ok().map(Err)));
    join(pump, work(content.chain(broken).boxed())).await
}

/// A small body as a whole: what it is put in place of is not touched until all of it is there.
pub(super) async fn whole(mut body: Payload, size: usize) -> io::Result<Bytes> {
    let mut bytes = BytesMut::with_capacity(size);
    while let Some(piece) = next(&mut body).await? {
        if bytes.len() + piece.len() > size {
            return Err(io::Error::other("there is more than was announced"));
        }
        bytes.extend_from_slice(&piece);
    }
    if bytes.len() < size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.freeze())
}

async fn next(body: &mut Payload) -> io::Result<Option<Bytes>> {
    match tokio::time::timeout(MAX_PAUSE, body.next()).await {
        Ok(Some(piece)) => piece.map(Some).map_err(|error| io::Error::other(error.to_string())),
        Ok(None) => Ok(None),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}
