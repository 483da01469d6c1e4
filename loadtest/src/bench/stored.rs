//! Downloading a stored log, against the engine's own API.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::report::{Row, Target, figure};
use crate::stage::Stage;
use crate::viewer::Door;
use crate::{engine_logs, http_body};

/// For the engine to store the log, and for each reading of it.
const DEADLINE: Duration = Duration::from_secs(120);
/// Each way is taken this often, in turn; the quickest counts.
const ROUNDS: usize = 3;

/// With lines of 1 KB, and with short ones, which cost more for each byte.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    Ok(vec![measure(stage, 1_024, 100).await?, measure(stage, 100, 30).await?])
}

async fn measure(stage: &Stage, line_bytes: usize, megabytes: usize) -> Result<Row> {
    let lines = megabytes * 1_000_000 / line_bytes;
    let container = print(stage, lines, line_bytes)?;
    let id = container.id();
    let open = stage.open().await?;
    let size = lines as f64 * line_bytes as f64 / 1e6;
    let (mut raw, mut stamped, mut dockline) = (f64::MAX, f64::MAX, f64::MAX);
    let expected = (lines * line_bytes) as u64;
    for _ in 0..ROUNDS {
        for (query, best) in [("", &mut raw), ("&timestamps=1", &mut stamped)] {
            let began = Instant::now();
            let read = timeout(DEADLINE, engine_logs::read(&stage.engine, id, query, |_| ())).await;
            let read = read.context("the engine's log took too long")??;
            *best = best.min(began.elapsed().as_secs_f64());
            ensure!(read.bytes >= expected, "the engine sent {} bytes of {expected}", read.bytes);
        }
        let began = Instant::now();
        let bytes =
            timeout(DEADLINE, download(&open.door, id)).await.context("the download took too long")??;
        dockline = dockline.min(began.elapsed().as_secs_f64());
        ensure!(bytes == expected, "Dockline sent {bytes} bytes of {expected}");
    }
    open.close().await?;
    let share = raw / dockline;
    Ok(Row {
        name: format!("stored log, {megabytes} MB in {line_bytes}-byte lines"),
        measured: format!("{} MB/s", figure(size / dockline)),
        baseline: format!("engine API: {} MB/s", figure(size / raw)),
        ratio: Some(share),
        judged: share,
        target: Target::AtLeast(0.9, ">= 90 %"),
        note: format!(
            "with timestamps=1, which Dockline has to ask for, the engine's API gives {} MB/s; the quickest of {ROUNDS} each",
            figure(size / stamped)
        ),
    })
}

/// A container that has printed so many lines and ended.
fn print(stage: &Stage, lines: usize, line_bytes: usize) -> Result<TestContainer> {
    let line = "x".repeat(line_bytes - 1);
    let container =
        stage.engine.run_container(&ContainerSpec::script(format!("yes {line} | head -n {lines}")))?;
    let code = container.wait_exit(DEADLINE)?;
    ensure!(code == 0, "the container that prints ended with {code}");
    Ok(container)
}

async fn download(door: &Door, container: &str) -> Result<u64> {
    let socket = TcpStream::connect(&door.address).await.context("connect to dockline")?;
    let path = format!("/api/v1/containers/{container}/logs?format=text");
    let headers = format!("Authorization: Bearer {}\r\n", door.token);
    let mut bytes = 0;
    http_body::get(socket, &path, &headers, |piece| bytes += piece.len() as u64).await?;
    Ok(bytes)
}
