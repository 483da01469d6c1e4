//! A proxy before an engine's socket: it counts what is asked of the engine, and imitates an engine that hangs, cuts its
//! connections or is away. Bytes pass unchanged both ways.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::request_parser::{RequestLine, RequestParser};

/// The proxy; it ends with all its connections when dropped.
#[derive(Debug)]
pub struct RecordingProxy {
    shared: Arc<Shared>,
    accepting: Mutex<Option<AbortHandle>>,
    socket: PathBuf,
    // Dropped last: the socket lies in it.
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
struct Shared {
    upstream: PathBuf,
    requests: Mutex<Vec<RequestLine>>,
    connections: AtomicU64,
    /// How many connections are open now.
    open: AtomicU64,
    paused: watch::Sender<bool>,
    /// Counts the calls of `cut_all`; a connection ends when it changes.
    cut: watch::Sender<u64>,
}

impl RecordingProxy {
    /// Listens on a socket of its own before the engine at `host` (`unix:///…`). Runs on the runtime it is called from.
    pub fn start(host: &str) -> Result<Self> {
        let upstream = PathBuf::from(host.strip_prefix("unix://").unwrap_or(host));
        let folder = tempfile::Builder::new().prefix("proxy").tempdir().context("make the proxy's folder")?;
        let proxy = Self {
            shared: Arc::new(Shared {
                upstream,
                requests: Mutex::default(),
                connections: AtomicU64::new(0),
                open: AtomicU64::new(0),
                paused: watch::Sender::new(false),
                cut: watch::Sender::new(0),
            }),
            accepting: Mutex::new(None),
            socket: folder.path().join("p.sock"),
            _folder: folder,
        };
        proxy.set_refuse(false)?;
        Ok(proxy)
    }

    /// Where it listens, in the form of `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// The path of its socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Every request seen so far, in the order in which their heads ended.
    pub fn requests(&self) -> Vec<RequestLine> {
        lock(&self.shared.requests).clone()
    }

    /// How many of the requests seen so far are such ones.
    pub fn count(&self, such: impl Fn(&RequestLine) -> bool) -> usize {
        lock(&self.shared.requests).iter().filter(|line| such(line)).count()
    }

    /// Forgets the requests seen so far.
    pub fn clear(&self) {
        lock(&self.shared.requests).clear();
    }

    /// How many connections are open through the proxy now.
    pub fn open_connections(&self) -> u64 {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Drops every connection there is; new ones are welcome.
    pub fn cut_all(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// Holds back all bytes, both ways, as an engine does that hangs.
    pub fn pause(&self) {
        self.shared.paused.send_replace(true);
    }

    /// Lets the bytes pass again, those held back first.
    pub fn resume(&self) {
        self.shared.paused.send_replace(false);
    }

    /// With true, takes the socket away, as when no engine runs (connections there are stay: see `cut_all`); with false
    /// listens again.
    pub fn set_refuse(&self, refuse: bool) -> Result<()> {
        let mut accepting = lock(&self.accepting);
        match (refuse, accepting.take()) {
            (true, Some(task)) => {
                std::fs::remove_file(&self.socket).context("remove the proxy's socket")?;
                task.abort();
            }
            (true, None) => {}
            (false, Some(task)) => *accepting = Some(task),
            (false, None) => {
                let listener = UnixListener::bind(&self.socket)
                    .with_context(|| format!("listen on the proxy's socket {}", self.socket.display()))?;
                // Ended through its handle, here or in `drop`; it has no result.
                *accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))).abort_handle());
            }
        }
        Ok(())
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.accepting).take() {
            task.abort();
        }
        self.cut_all();
    }
}

/// A test that panicked elsewhere must not hide what was recorded.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: UnixListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        // Counted and watched before the task runs, so that a cut right after the accept is not missed.
        let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
        shared.open.fetch_add(1, Ordering::SeqCst);
        let mut cut = shared.cut.subscribe();
        let shared = Arc::clone(&shared);
        // Not a part of the acceptor's life: connections outlive `set_refuse(true)` and end by `cut`.
        tokio::spawn(async move {
            tokio::select! {
                _ = cut.changed() => {}
                result = carry(client, number, &shared) => if let Err(error) = result {
                    tracing::debug!(%error, connection = number, "proxy connection ended");
                },
            }
            shared.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn carry(client: UnixStream, number: u64, shared: &Arc<Shared>) -> Result<()> {
    let engine = UnixStream::connect(&shared.upstream).await.context("connect to the engine")?;
    let (from_client, to_client) = client.into_split();
    let (from_engine, to_engine) = engine.into_split();
    let mut parser = RequestParser::new(number);
    let recorder = Arc::clone(shared);
    let mut ways = JoinSet::new();
    ways.spawn(forward(from_client, to_engine, shared.paused.subscribe(), move |bytes| {
        lock(&recorder.requests).extend(parser.feed(bytes));
    }));
    ways.spawn(forward(from_engine, to_client, shared.paused.subscribe(), |_| {}));
    // Each way ends by itself, so that one side may close its half and go on reading.
    while let Some(way) = ways.join_next().await {
        way.context("forward")??;
    }
    Ok(())
}

async fn forward(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut paused: watch::Receiver<bool>,
    mut watch: impl FnMut(&[u8]),
) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count > 0 {
            watch(&buffer[..count]);
        }
        paused.wait_for(|paused| !paused).await?;
        if count == 0 {
            to.shutdown().await?;
            return Ok(());
        }
        to.write_all(&buffer[..count]).await?;
    }
}
