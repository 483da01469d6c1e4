//! Nobody watches for longer than a log stays open: the engine's stream is closed, and who comes back goes on.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use dockline_testkit::eventually;

use crate::chaos::{
    check::Verdict,
    record::Witness,
    scene::Scene,
    trial::{ARRIVAL, Trial, judge, pause},
    writer::{Stream, Writer},
};

/// How long a log stays open: five minutes, in the small. In a cluster a replica's wants live no shorter.
pub(crate) const IDLE: Duration = Duration::from_secs(25);
/// By so much it may be earlier or later: a tenth, as 30 s are of five minutes, and what the looks add.
const TOLERANCE: Duration = Duration::from_millis(3_500);
const LOOK_FOR: Duration = Duration::from_secs(60);
/// As many as are left at once.
const LOGS: usize = 5;
const LINES: u64 = 200;

pub(crate) async fn idle(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let mut logs = Vec::new();
    for _ in 0..LOGS {
        let writer = Writer::start(&scene.engines[engine], |spec| spec).await?;
        let witnesses = Witness::at_each(&scene.doors, writer.container().id());
        logs.push((writer, witnesses));
    }
    write(&mut logs).await?;
    let open = open_streams(scene).await?;
    ensure!(open >= LOGS as f64, "{open} streams are open while {LOGS} logs are watched");
    for (_, witnesses) in &mut logs {
        for witness in witnesses {
            witness.leave().await;
        }
    }
    let (left, opened) = (Instant::now(), of_streamers(scene, "dockline_log_opens_total").await?);
    eventually(LOOK_FOR, async || {
        let open = open_streams(scene).await?;
        ensure!(open == 0.0, "{open} streams are open though nobody watches");
        Ok(())
    })
    .await?;
    let closed = left.elapsed();
    let mut trial =
        Trial { note: Some(format!("{LOGS} closed after {} ms", closed.as_millis())), ..Trial::default() };
    if closed.abs_diff(IDLE) > TOLERANCE {
        // Another streamer that takes over opens what is still wanted: then the leader was gone, and not the viewers.
        let opened = of_streamers(scene, "dockline_log_opens_total").await? - opened;
        trial.late.push(format!(
            "closed after {} ms, not {IDLE:?} ± {TOLERANCE:?}; {opened} were opened meanwhile",
            closed.as_millis()
        ));
    }
    for (writer, witnesses) in &mut logs {
        writer.lines(Stream::Stdout, LINES, 0).await?;
        for witness in witnesses {
            witness.come_back(scene.doors.clone(), writer.container().id());
        }
    }
    write(&mut logs).await?;
    for (writer, witnesses) in &mut logs {
        trial.verdict = Verdict::plus(trial.verdict, judge(writer, witnesses)?);
        trial.pause = trial.pause.max(pause(witnesses));
    }
    Ok(trial)
}

/// Writes some lines into each log, which all who watch it see.
async fn write(logs: &mut [(Writer, Vec<Witness>)]) -> Result<()> {
    for (writer, _) in &mut *logs {
        writer.lines(Stream::Stdout, LINES, 0).await?;
    }
    for (writer, witnesses) in logs {
        for witness in witnesses {
            witness.until(Stream::Stdout, writer.last(Stream::Stdout), ARRIVAL).await?;
        }
    }
    Ok(())
}

async fn open_streams(scene: &Scene) -> Result<f64> {
    of_streamers(scene, "dockline_log_streams").await
}

/// The sum of a metric over all streamers.
async fn of_streamers(scene: &Scene, metric: &str) -> Result<f64> {
    let mut sum = 0.0;
    for streamer in &scene.cluster.streamers {
        sum += Scene::metric(&streamer.url("/metrics"), metric).await?;
    }
    Ok(sum)
}
