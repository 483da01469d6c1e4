//! `docker logs --follow`, the program that people compare with.

use std::process::Stdio;

use anyhow::{Context, Result};
use dockline_domain::Timestamp;
use dockline_testkit::TestEngine;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::clock::now_nanos;

/// A line's own time stamp and when its last byte was read, in nanoseconds since 1970.
pub(crate) type Arrival = (i64, i64);

/// The running client; killed when dropped.
#[derive(Debug)]
pub(crate) struct DockerFollow {
    child: Child,
    reader: JoinHandle<Vec<Arrival>>,
}

impl DockerFollow {
    /// Follows what is new from now on.
    pub(crate) fn start(engine: &TestEngine, container: &str) -> Result<Self> {
        // The engines bring a client along that speaks to all of them.
        let client = std::env::var_os("DOCKLINE_TEST_DOCKER").unwrap_or_else(|| "docker".into());
        let mut child = Command::new(client)
            .arg("-H")
            .arg(&engine.host)
            .args(["logs", "--follow", "--timestamps", "--tail=0", container])
            .env_remove("DOCKER_HOST")
            .env_remove("DOCKER_CONTEXT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("start `docker logs`")?;
        let stdout = child.stdout.take().context("the client's output")?;
        Ok(Self { child, reader: tokio::spawn(read(stdout)) })
    }

    /// Ends the client and gives what it printed.
    pub(crate) async fn finish(mut self) -> Result<Vec<Arrival>> {
        self.child.kill().await.context("kill `docker logs`")?;
        self.reader.await.context("read `docker logs`")
    }
}

async fn read(mut stdout: ChildStdout) -> Vec<Arrival> {
    let mut arrivals = Vec::new();
    let mut pending = Vec::with_capacity(256 * 1024);
    while let Ok(1..) = stdout.read_buf(&mut pending).await {
        let now = now_nanos();
        let end = memchr::memrchr(b'\n', &pending).map_or(0, |at| at + 1);
        let stamps = pending[..end].split(|&byte| byte == b'\n').filter_map(stamp);
        arrivals.extend(stamps.map(|stamp| (stamp, now)));
        pending.drain(..end);
    }
    arrivals
}

/// The time at a line's begin.
fn stamp(line: &[u8]) -> Option<i64> {
    let end = memchr::memchr(b' ', line)?;
    Timestamp::parse(&line[..end]).map(|time| time.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_time_at_a_lines_begin() {
        assert_eq!(stamp(b"1970-01-01T00:00:01.000000002Z xx"), Some(1_000_000_002));
        assert_eq!(stamp(b"xx"), None);
    }
}
