//! The least that a server can do: the baseline for deliveries and for memory. It answers every upgrade, and at each tick
//! writes the same ready-made frame to every socket; it checks nothing, numbers nothing and keeps nothing.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::Args;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, timeout};

use crate::viewer::Door;
use crate::ws_frames::text_header;

/// The bare server says where it listens within this time.
const START_DEADLINE: Duration = Duration::from_secs(10);
const ANSWER: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// What the bare server sends.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct BareFrames {
    /// The length of each text.
    #[arg(long)]
    pub(crate) frame_bytes: usize,
    /// Microseconds between two; 0 sends none.
    #[arg(long)]
    pub(crate) every_us: u64,
}

/// A running bare server; killed when dropped.
#[derive(Debug)]
pub(crate) struct BareServer {
    /// Its process ID.
    pub(crate) pid: u32,
    /// Where viewers come in.
    pub(crate) door: Door,
    _child: Child,
}

impl BareServer {
    /// Starts this very program as a bare server: only a process of its own has its own CPU time.
    pub(crate) async fn start(frames: BareFrames) -> Result<Self> {
        let program = std::env::current_exe().context("find this program's own path")?;
        Self::start_program(&program, frames).await
    }

    async fn start_program(program: &Path, frames: BareFrames) -> Result<Self> {
        let mut child = Command::new(program)
            .arg("bare-server")
            .args(["--frame-bytes", &frames.frame_bytes.to_string()])
            .args(["--every-us", &frames.every_us.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start the bare server")?;
        let stdout = child.stdout.take().context("the bare server's output")?;
        let mut address = String::new();
        let mut stdout = BufReader::new(stdout);
        timeout(START_DEADLINE, stdout.read_line(&mut address))
            .await
            .context("the bare server is silent")??;
        let door = Door { address: address.trim().to_owned(), token: String::new() };
        Ok(Self { pid: child.id().context("the bare server has ended")?, door, _child: child })
    }
}

/// Serves until standard input ends, which it does when the program that started this one is gone.
pub(crate) async fn serve(frames: BareFrames) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", listener.local_addr()?)?;
    stdout.flush()?;
    let parent_gone = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    tokio::select! {
        _ = parent_gone => Ok(()),
        result = accept(listener, frames) => result,
    }
}

async fn accept(listener: TcpListener, frames: BareFrames) -> Result<()> {
    let (tick, ticks) = watch::channel(());
    tokio::select! {
        () = beat(tick, frames.every_us) => Ok(()),
        result = admit(listener, frame(frames.frame_bytes), ticks) => result,
    }
}

/// Ticks for ever. Who has not finished writing at the next tick misses it.
async fn beat(tick: watch::Sender<()>, every_us: u64) {
    if every_us == 0 {
        return std::future::pending().await;
    }
    let mut interval = tokio::time::interval(Duration::from_micros(every_us));
    interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        interval.tick().await;
        tick.send_replace(());
    }
}

async fn admit(listener: TcpListener, frame: Bytes, ticks: watch::Receiver<()>) -> Result<()> {
    loop {
        let (socket, _) = listener.accept().await?;
        let (frame, ticks) = (frame.clone(), ticks.clone());
        // A viewer that hangs up ends its own task, and nobody asks why.
        tokio::spawn(async move { attend(socket, frame, ticks).await.ok() });
    }
}

async fn attend(mut socket: TcpStream, frame: Bytes, mut ticks: watch::Receiver<()>) -> Result<()> {
    let mut request = Vec::with_capacity(512);
    while memchr::memmem::find(&request, b"\r\n\r\n").is_none() {
        anyhow::ensure!(socket.read_buf(&mut request).await? > 0, "hung up");
    }
    drop(request);
    let start = br#"{"type":"start"}"#;
    socket.write_all(&[ANSWER, &text_header(start.len() as u64), start].concat()).await?;
    loop {
        ticks.changed().await?;
        socket.write_all(&frame).await?;
    }
}

/// A frame that viewers take for lines of a log.
fn frame(length: usize) -> Bytes {
    let mut text = br#"{"type":"log","#.to_vec();
    text.resize(length.max(text.len()), b'x');
    let mut frame = text_header(text.len() as u64);
    frame.extend_from_slice(&text);
    frame.into()
}
