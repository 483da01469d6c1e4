//! A viewer of a log, as cheap as it can be made.

use std::cell::RefCell;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::clock::now_nanos;
use crate::ws_frames::{Frame, Skimmer, pong};

/// The answer to the upgrade must come within this time.
const UPGRADE_DEADLINE: Duration = Duration::from_secs(30);
/// More than any answer's head.
const LARGEST_HEAD: usize = 16 * 1024;
/// How much is read at once.
const READ_AT_ONCE: usize = 256 * 1024;

thread_local! {
    /// Thousands of viewers take turns with one buffer for each thread: it stays in the processor's cache.
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_AT_ONCE]);
}

/// What becomes of the texts that a viewer receives.
pub(crate) trait Sink: Send + 'static {
    /// Whether the whole text is wanted, or only its beginning.
    const WHOLE: bool;

    /// Takes a text: what was kept of it, its length, and when its last byte was read.
    fn text(&mut self, kept: &[u8], length: u64, arrived: i64) -> ControlFlow<()>;
}

/// Where viewers come in.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    /// The access token.
    pub(crate) token: String,
}

/// An open socket.
#[derive(Debug)]
pub(crate) struct Viewer {
    socket: TcpStream,
    /// What came together with the answer's head.
    early: Vec<u8>,
}

impl Viewer {
    /// Opens a WebSocket on this path.
    pub(crate) async fn open(door: &Door, path: &str) -> Result<Self> {
        timeout(UPGRADE_DEADLINE, Self::upgrade(door, path))
            .await
            .with_context(|| format!("{path} did not answer within {UPGRADE_DEADLINE:?}"))?
    }

    async fn upgrade(door: &Door, path: &str) -> Result<Self> {
        let Door { address, token } = door;
        let mut socket =
            TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await?;
        let mut received = Vec::with_capacity(1024);
        let end = loop {
            if let Some(at) = memchr::memmem::find(&received, b"\r\n\r\n") {
                break at;
            }
            ensure!(received.len() < LARGEST_HEAD, "{path}: the answer's head has no end");
            ensure!(socket.read_buf(&mut received).await? > 0, "{path}: the server hung up");
        };
        let early = received.split_off(end + 4);
        if !received.starts_with(b"HTTP/1.1 101 ") {
            bail!(
                "{path} was refused: {}",
                String::from_utf8_lossy(&received).lines().next().unwrap_or_default()
            );
        }
        Ok(Self { socket, early })
    }

    /// Reads until the sink has enough or the stream ends, for whatever reason.
    pub(crate) async fn watch_to_the_end<S: Sink>(mut self, mut sink: S) -> S {
        // The sink says whether it has enough; why a stream ended is no matter to one who comes back.
        let _ended = self.read(&mut sink).await;
        sink
    }

    /// Reads until the sink has enough; a server that ends the stream before that is an error.
    pub(crate) async fn watch<S: Sink>(mut self, mut sink: S) -> Result<S> {
        self.read(&mut sink).await?;
        Ok(sink)
    }

    /// Reads until the sink has enough, and never again: the socket stays open.
    pub(crate) async fn watch_then_stall<S: Sink>(mut self, mut sink: S) -> Result<Infallible> {
        self.read(&mut sink).await?;
        std::future::pending().await
    }

    async fn read<S: Sink>(&mut self, sink: &mut S) -> Result<()> {
        let mut skimmer = Skimmer::new(S::WHOLE);
        let mut step = Step::default();
        let early = std::mem::take(&mut self.early);
        step.take(&mut skimmer, &early, sink);
        loop {
            for ping in step.pings.drain(..) {
                self.socket.write_all(&pong(&ping)).await?;
            }
            if step.enough {
                return Ok(());
            }
            if let Some(code) = step.closed {
                bail!("the server closed the socket with {code}");
            }
            self.socket.readable().await?;
            BUFFER.with_borrow_mut(|buffer| match self.socket.try_read(buffer) {
                Ok(0) => bail!("the server hung up"),
                Ok(length) => {
                    step.take(&mut skimmer, &buffer[..length], sink);
                    Ok(())
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
                Err(error) => Err(error.into()),
            })?;
        }
    }
}

/// What a piece of the stream asks for.
#[derive(Default)]
struct Step {
    pings: Vec<Vec<u8>>,
    enough: bool,
    closed: Option<u16>,
}

impl Step {
    fn take<S: Sink>(&mut self, skimmer: &mut Skimmer, piece: &[u8], sink: &mut S) {
        let arrived = now_nanos();
        skimmer.feed(piece, |frame| match frame {
            Frame::Text(kept, length) => self.enough |= sink.text(kept, length, arrived).is_break(),
            Frame::Ping(payload) => self.pings.push(payload.to_vec()),
            Frame::Close(code) => self.closed = Some(code),
        });
    }
}
