//! What a large file costs in memory on its way into a container and out of it.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use dockline_testkit::{ContainerSpec, TestContainer};
use futures::{StreamExt, stream};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::proc_meter;
use crate::report::{Row, Target, figure};
use crate::stage::{Open, Stage};

/// 1 GiB.
const SIZE: u64 = 1 << 30;
const PIECE: usize = 64 << 10;
/// What is made at the first use of everything is no growth.
const FIRST: u64 = 8 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(20);
const MOST_MIB: f64 = 32.0;

/// Up, and down again.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let container = stage.engine.run_container(&ContainerSpec::script("exec sleep 3600"))?;
    let open = stage.open().await?;
    let url = format!(
        "http://{}/api/v1/containers/{}/files/content?path=/large",
        open.door.address,
        container.id()
    );
    up(&open, &url, FIRST).await?;
    down(&open, &url, FIRST).await?;
    let mut rows = Vec::new();
    for (name, is_up) in [("upload", true), ("download", false)] {
        let before = open.resident()?;
        let watch = Watch::start(open.pid);
        let began = Instant::now();
        if is_up {
            up(&open, &url, SIZE).await?;
        } else {
            down(&open, &url, SIZE).await?;
        }
        let seconds = began.elapsed().as_secs_f64();
        let (most, looks) = watch.finish().await?;
        let grown = (most - before) / 1_048_576.0;
        let by_docker = by_docker(stage, &container, is_up).await?;
        rows.push(Row {
            name: format!("memory of a 1 GiB {name}"),
            measured: format!("{} MiB more, {} MB/s", figure(grown), figure(SIZE as f64 / 1e6 / seconds)),
            baseline: format!("docker exec with cat: {} MB/s", figure(SIZE as f64 / 1e6 / by_docker)),
            ratio: Some(by_docker / seconds),
            judged: grown,
            target: Target::AtMost(MOST_MIB, "<= 32 MiB"),
            note: format!(
                "the most of {looks} looks at the resident memory, against {} MiB before; the ratio is of the speeds",
                figure(before / 1_048_576.0)
            ),
        });
    }
    open.close().await?;
    Ok(rows)
}

async fn up(open: &Open, url: &str, size: u64) -> Result<()> {
    let piece = Bytes::from(vec![b'z'; PIECE]);
    let pieces = (0..size / PIECE as u64).map(move |_| anyhow::Ok(piece.clone()));
    let body = reqwest::Body::wrap_stream(stream::iter(pieces));
    let request = reqwest::Client::new()
        .put(url)
        .bearer_auth(&open.door.token)
        .header("content-length", size)
        .body(body);
    let answer = request.send().await.context("send a file")?;
    let status = answer.status();
    ensure!(status.is_success(), "the upload ended with {status}: {}", answer.text().await?);
    Ok(())
}

async fn down(open: &Open, url: &str, size: u64) -> Result<()> {
    let answer = reqwest::Client::new()
        .get(url)
        .bearer_auth(&open.door.token)
        .send()
        .await
        .context("ask for a file")?;
    let status = answer.status();
    ensure!(status.is_success(), "the download ended with {status}");
    let (mut pieces, mut read) = (answer.bytes_stream(), 0);
    while let Some(piece) = pieces.next().await {
        read += piece?.len() as u64;
    }
    ensure!(read == size, "{read} of {size} bytes came");
    Ok(())
}

/// The seconds that the docker client takes for the same, with `cat` in the container.
async fn by_docker(stage: &Stage, container: &TestContainer, is_up: bool) -> Result<f64> {
    // The engines bring a client along that speaks to all of them.
    let client = std::env::var_os("DOCKLINE_TEST_DOCKER").unwrap_or_else(|| "docker".into());
    let script = if is_up { "cat >/by-docker" } else { "cat /large" };
    let mut command = Command::new(client);
    command.arg("-H").arg(&stage.engine.host).args(["exec", "-i", container.id(), "sh", "-c", script]);
    command.env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT").kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let began = Instant::now();
    let mut child = command.spawn().context("start `docker exec`")?;
    let mut stdin = child.stdin.take().context("the client's input")?;
    if is_up {
        let piece = vec![b'z'; PIECE];
        for _ in 0..SIZE / PIECE as u64 {
            stdin.write_all(&piece).await?;
        }
    }
    drop(stdin);
    let status = child.wait().await?;
    ensure!(status.success(), "`docker exec` ended with {status}");
    Ok(began.elapsed().as_secs_f64())
}

/// Looks at a process's memory until told to stop.
struct Watch {
    stop: Arc<AtomicBool>,
    looks: Arc<AtomicU64>,
    looking: JoinHandle<Result<f64>>,
}

impl Watch {
    fn start(pid: u32) -> Self {
        let (stop, looks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let looking = tokio::spawn({
            let (stop, looks) = (Arc::clone(&stop), Arc::clone(&looks));
            async move {
                let mut most: f64 = 0.0;
                while !stop.load(Ordering::Relaxed) {
                    most = most.max(proc_meter::resident_bytes(pid)?);
                    looks.fetch_add(1, Ordering::Relaxed);
                    sleep(LOOK_EVERY).await;
                }
                Ok(most)
            }
        });
        Self { stop, looks, looking }
    }

    async fn finish(self) -> Result<(f64, u64)> {
        self.stop.store(true, Ordering::Relaxed);
        let most = self.looking.await.context("look at the memory")??;
        Ok((most, self.looks.load(Ordering::Relaxed)))
    }
}
