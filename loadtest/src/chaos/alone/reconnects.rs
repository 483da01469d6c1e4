//! Thousands of viewers come back at once.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    chaos::{
        scene::Scene,
        trial::{ARRIVAL, Trial},
        writer::{Pace, Writer},
    },
    crowd::Crowd,
    viewer::{Door, Sink, Viewer},
};

/// What the machine bears; a hundred thousand in the design.
const VIEWERS: usize = 5_000;
/// All of them see lines again within this time.
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);
const AGAIN_AFTER: Duration = Duration::from_millis(100);
const PACE: Pace = Pace { lines: 1, padding: 0, every: Duration::from_millis(200) };

/// Has enough with the first line.
struct First;

impl Sink for First {
    const WHOLE: bool = false;

    fn text(&mut self, kept: &[u8], _length: u64, _arrived: i64) -> ControlFlow<()> {
        if kept.starts_with(br#"{"type":"log""#) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

pub(crate) async fn reconnects(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let writer = Writer::start(&scene.engines[engine], |spec| spec).await?;
    let path = format!("/ws/containers/{}/logs?tail=0", writer.container().id());
    let going = writer.go(PACE);
    let mut crowds = Vec::new();
    for door in &scene.doors {
        crowds.push(Crowd::counting(door, &path, VIEWERS / scene.doors.len()).await?.0);
    }
    for crowd in crowds {
        crowd.leave().await?;
    }
    let began = Instant::now();
    let mut viewers = JoinSet::new();
    for index in 0..VIEWERS {
        viewers.spawn(come_back(scene.doors[index % scene.doors.len()].clone(), path.clone()));
    }
    let recovered = tokio::time::timeout(RECOVERED_WITHIN + ARRIVAL, async {
        while let Some(came) = viewers.join_next().await {
            came?;
        }
        anyhow::Ok(())
    });
    recovered.await.context("not everybody came back")??;
    let recovered = began.elapsed();
    going.stop().await?;
    let mut trial = Trial::default();
    if recovered > RECOVERED_WITHIN {
        trial.late.push(format!(
            "all were back after {:.1} s, not within {RECOVERED_WITHIN:?}",
            recovered.as_secs_f64()
        ));
    }
    let log = std::fs::read_to_string(scene.cluster.redis.folder().join("log"))?;
    if log.contains("output buffer limits") {
        trial.broken.push("Redis has closed a connection whose output buffer was full".to_owned());
    }
    trial.note = Some(format!("{VIEWERS} were back after {:.1} s", recovered.as_secs_f64()));
    Ok(trial)
}

async fn come_back(door: Door, path: String) {
    loop {
        if let Ok(viewer) = Viewer::open(&door, &path).await
            && viewer.watch(First).await.is_ok()
        {
            return;
        }
        sleep(AGAIN_AFTER).await;
    }
}
