//! A cluster: a line's way over Redis to viewers of three replicas, and a streamer's memory while Redis hangs.

use std::time::Duration;

use anyhow::{Context, Result};
use dockline_testkit::{DocklineCluster, DocklineCommand};
use tokio::time::sleep;

use super::latency;
use crate::crowd::Crowd;
use crate::feed::{Feed, Pace};
use crate::proc_meter::resident_bytes;
use crate::report::{Row, Target, figure};
use crate::stage::{self, Stage};
use crate::viewer::Door;

const REPLICAS: usize = 3;
/// Those who take the time of every line, at each replica; the others only count.
const TIMED: usize = 10;
const VIEWERS: usize = 1_000;
/// Of the container that prints while Redis hangs: 2 MB/s.
const STALL_LINES: usize = 20;
const STALL_LINE_BYTES: usize = 1_000;
const STALL_EVERY: Duration = Duration::from_millis(10);

pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let program = DocklineCommand::new(&stage.program)
        .env("DOCKLINE_SOCKETS_PER_USER", stage::SOCKETS)
        .env("DOCKLINE_VIEWERS_PER_CONTAINER", stage::SOCKETS);
    let hosts = [stage.engine.host.clone()];
    let mut cluster = DocklineCluster::start(program, &hosts, REPLICAS, 1).await?;
    let token = stage::set_up(&cluster.replicas[0]).await?;
    let doors: Vec<Door> = cluster
        .replicas
        .iter()
        .map(|replica| Door { address: replica.address().to_owned(), token: token.clone() })
        .collect();
    let rows = vec![delivery(stage, &doors).await?, stall(stage, &mut cluster, &doors[0]).await?];
    cluster.stop().await?;
    Ok(rows)
}

async fn delivery(stage: &Stage, doors: &[Door]) -> Result<Row> {
    let mut feed = Feed::start(&stage.engine).await?;
    let mut others = Vec::new();
    for (index, door) in doors.iter().enumerate() {
        let share = VIEWERS / doors.len() + usize::from(index < VIEWERS % doors.len()) - TIMED;
        others.push(Crowd::counting(door, &feed.live_path(), share).await?);
    }
    let watched = latency::watch(stage, &mut feed, doors, TIMED).await?;
    let mut gaps = 0.0;
    for (crowd, tally) in others {
        crowd.leave().await?;
        gaps += tally.counts().gaps;
    }
    let mut row = watched.row(
        &format!("{VIEWERS} viewers on {REPLICAS} replicas"),
        TIMED * doors.len(),
        stage.window,
    )?;
    row.note += &format!(
        "; {} viewers took the time; {gaps} markers of lines that the others missed",
        TIMED * doors.len()
    );
    Ok(row)
}

/// The memory of the streamer may not grow with what it cannot publish.
async fn stall(stage: &Stage, cluster: &mut DocklineCluster, door: &Door) -> Result<Row> {
    let mut feed = Feed::start(&stage.engine).await?;
    let (crowd, _tally) = Crowd::counting(door, &feed.live_path(), 1).await?;
    let streamer = cluster.streamers[0].pid().context("the streamer has ended")?;
    let pace = Pace::bursts(STALL_LINES, STALL_LINE_BYTES, STALL_EVERY);
    feed.print(&pace, Duration::from_secs(5)).await?;
    let before = resident_bytes(streamer)?;
    cluster.redis.pause().await?;
    let mut most = before;
    let printed = feed.print(&pace, stage.window);
    tokio::pin!(printed);
    loop {
        tokio::select! {
            done = &mut printed => break done?,
            () = sleep(Duration::from_millis(100)) => most = most.max(resident_bytes(streamer)?),
        }
    }
    cluster.redis.resume().await?;
    crowd.leave().await?;
    let mebibytes = |bytes: f64| figure(bytes / f64::from(1 << 20));
    Ok(Row {
        name: "streamer's memory while Redis hangs".to_owned(),
        measured: format!("{} MiB at most", mebibytes(most)),
        baseline: format!("{} MiB before", mebibytes(before)),
        ratio: Some(most / before),
        judged: most - before,
        target: Target::AtMost(f64::from(16 << 20), "<= 16 MiB more"),
        note: format!("a container printed 2 MB/s for {} s while Redis was stopped", stage.window.as_secs()),
    })
}
