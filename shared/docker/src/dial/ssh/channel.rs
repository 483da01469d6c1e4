//! A channel of an SSH session as a socket.

use std::{
    io,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, client::Msg};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{mpsc, oneshot},
};

use super::session::Session;
use crate::dial::Traffic;

/// How many packets of at most 32 KiB wait for a reader for whom the session waits.
const AHEAD: usize = 8;
/// ... and for one for whom it does not: 16 MiB. Answers that are taken in as they come never get there.
const UNREAD: usize = 512;

/// A connection through a channel to a socket of the server's machine.
pub(crate) struct ChannelSocket {
    incoming: mpsc::Receiver<Bytes>,
    current: Bytes,
    end: Arc<OnceLock<End>>,
    outgoing: Pin<Box<dyn AsyncWrite + Send>>,
    /// Dropped with the socket, which closes the channel.
    _open: oneshot::Sender<()>,
}

/// How the reading of a channel ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    /// The far side has no more to say.
    Regular,
    /// The reader left too much unread, in a session that others share.
    Overrun,
    /// The session broke.
    Broken(String),
}

impl ChannelSocket {
    pub(super) fn new(channel: Channel<Msg>, session: Arc<Session>, traffic: Traffic) -> Self {
        let outgoing = Box::pin(channel.make_writer());
        let (read, write) = channel.split();
        let waits = traffic != Traffic::Call;
        let (to, incoming) = mpsc::channel(if waits { AHEAD } else { UNREAD });
        let (open, dropped) = oneshot::channel();
        let end = Arc::new(OnceLock::new());
        let reading = Reading { read, to, end: Arc::clone(&end), session, waits };
        tokio::spawn(async move {
            let session = reading.run().await;
            // Never sent: ends when the socket is dropped.
            let _dropped = dropped.await;
            close(&write).await;
            // The session outlives its channels.
            drop(session);
        });
        Self { incoming, current: Bytes::new(), end, outgoing, _open: open }
    }
}

async fn close(channel: &ChannelWriteHalf<Msg>) {
    if let Err(error) = channel.close().await {
        tracing::debug!(%error, "the SSH session ended before its channel was closed");
    }
}

/// Takes in what a channel brings.
struct Reading {
    read: ChannelReadHalf,
    to: mpsc::Sender<Bytes>,
    end: Arc<OnceLock<End>>,
    session: Arc<Session>,
    /// For its reader. Whoever shares a session must not.
    waits: bool,
}

impl Reading {
    async fn run(mut self) -> Arc<Session> {
        let end = loop {
            let message = tokio::select! {
                message = self.read.wait() => message,
                () = self.to.closed() => break End::Regular,
            };
            match message {
                Some(ChannelMsg::Data { data }) if self.waits => {
                    if self.to.send(data).await.is_err() {
                        break End::Regular;
                    }
                }
                Some(ChannelMsg::Data { data }) => {
                    if let Err(mpsc::error::TrySendError::Full(_)) = self.to.try_send(data) {
                        break End::Overrun;
                    }
                }
                Some(ChannelMsg::Eof | ChannelMsg::Close) => break End::Regular,
                Some(_) => {}
                None => break End::Broken(self.session.why_it_ended()),
            }
        };
        self.end.get_or_init(|| end);
        self.session
    }
}

impl AsyncRead for ChannelSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.current.is_empty() {
            match ready!(self.incoming.poll_recv(cx)) {
                Some(bytes) => self.current = bytes,
                None => {
                    return Poll::Ready(match self.end.get() {
                        None | Some(End::Regular) => Ok(()),
                        Some(End::Overrun) => Err(io::Error::other("its answer was not read in time")),
                        Some(End::Broken(why)) => Err(io::Error::other(SessionEnd(why.clone()))),
                    });
                }
            }
        }
        let taken = self.current.len().min(buf.remaining());
        buf.put_slice(&self.current[..taken]);
        self.current.advance(taken);
        Poll::Ready(Ok(()))
    }
}

/// The end of a session in the middle of a request.
#[derive(Debug, thiserror::Error)]
#[error("the SSH session broke: {0}")]
struct SessionEnd(String);

impl AsyncWrite for ChannelSocket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.outgoing.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.outgoing.as_mut().poll_shutdown(cx)
    }
}
