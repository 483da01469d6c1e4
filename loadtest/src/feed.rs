//! A container that prints what it is told to, when it is told to.
//!
//! A shell cannot print a thousand lines a second evenly: it starts a process to sleep. So the container runs `cat` on a
//! FIFO, and the pace is kept here.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, eventually};
use tokio::io::AsyncWriteExt;
use tokio::net::unix::pipe::{OpenOptions, Sender};
use tokio::time::{Instant, MissedTickBehavior, interval};

/// The container opens its end within this time.
const OPEN_DEADLINE: Duration = Duration::from_secs(20);

/// How the container prints.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// What it prints at once: whole lines.
    burst: Bytes,
    every: Duration,
}

impl Pace {
    /// Bursts of so many lines of this length, each line's end counted in.
    pub(crate) fn bursts(lines: usize, line_bytes: usize, every: Duration) -> Self {
        Self { burst: block(lines, line_bytes), every }
    }

    /// A thousand lines a second, one each millisecond.
    pub(crate) fn thousand_a_second(line_bytes: usize) -> Self {
        Self::bursts(1, line_bytes, Duration::from_millis(1))
    }
}

/// So many lines of this length.
pub(crate) fn block(lines: usize, line_bytes: usize) -> Bytes {
    let mut line = vec![b'x'; line_bytes.max(1)];
    if let Some(last) = line.last_mut() {
        *last = b'\n';
    }
    line.repeat(lines).into()
}

/// A running container and the FIFO that feeds it. Dropped in this order: at the FIFO's end the container ends too.
#[derive(Debug)]
pub(crate) struct Feed {
    sender: Sender,
    container: TestContainer,
    _folder: tempfile::TempDir,
}

impl Feed {
    /// Starts a container that has printed nothing yet.
    pub(crate) async fn start(engine: &TestEngine) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dockline-feed").tempdir().context("make a folder")?;
        let fifo = folder.path().join("lines");
        make_fifo(&fifo)?;
        let volume = format!("--volume={}:/feed", folder.path().display());
        let spec = ContainerSpec::script("exec cat /feed/lines").option(volume);
        let container = engine.run_container(&spec)?;
        let sender = eventually(OPEN_DEADLINE, || async {
            OpenOptions::new().open_sender(&fifo).context("the container has not opened its FIFO")
        })
        .await?;
        Ok(Self { sender, container, _folder: folder })
    }

    /// The container's ID.
    pub(crate) fn id(&self) -> &str {
        self.container.id()
    }

    /// The path of its log's WebSocket for one who wants new lines only.
    pub(crate) fn live_path(&self) -> String {
        format!("/ws/containers/{}/logs?tail=0", self.id())
    }

    /// Prints at this pace, for this long. What was late is caught up with.
    pub(crate) async fn print(&mut self, pace: &Pace, length: Duration) -> Result<()> {
        let end = Instant::now() + length;
        let mut ticks = interval(pace.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while ticks.tick().await < end && Instant::now() < end {
            self.write(&pace.burst).await?;
        }
        Ok(())
    }

    /// Prints so many lines as fast as the engine takes them, and lets the container end.
    pub(crate) async fn print_all(mut self, lines: usize, line_bytes: usize) -> Result<Finished> {
        const AT_ONCE: usize = 500;
        let full = block(AT_ONCE, line_bytes);
        let mut left = lines;
        while left > 0 {
            let now = left.min(AT_ONCE);
            self.write(&full[..now * line_bytes]).await?;
            left -= now;
        }
        Ok(Finished { _container: self.container })
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.sender.write_all(bytes).await.context("the container that prints has ended")
    }
}

/// A container that has been told everything and ends by itself; removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Finished {
    _container: TestContainer,
}

pub(crate) fn make_fifo(path: &Path) -> Result<()> {
    let status = Command::new("mkfifo").arg(path).status().context("run mkfifo")?;
    ensure!(status.success(), "mkfifo {} ended with {status}", path.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_length_they_should() {
        assert_eq!(block(2, 4).as_ref(), b"xxx\nxxx\n");
    }

    #[tokio::test]
    async fn a_fifo_takes_what_a_reader_wants() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("lines");
        make_fifo(&fifo).expect("a FIFO");
        assert!(OpenOptions::new().open_sender(&fifo).is_err(), "nobody reads yet");
    }
}
