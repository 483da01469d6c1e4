//! Partitions: packets of the leader's network are dropped, and nobody is told.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use dockline_testkit::{Way, eventually};
use tokio::time::sleep;

use crate::{
    chaos::{record::Witness, scene::Scene, trial::Trial},
    clock::now_nanos,
};

/// A leader without Redis stops within this time: the second of its lease's rule, and what a busy machine adds.
const STOPS_WITHIN: Duration = Duration::from_millis(1_250);
/// How long Redis stays out of reach: longer than a lease lives and a new leader needs.
const WITHOUT_REDIS: Duration = Duration::from_secs(3);
/// An engine that is out of reach is noticed within this time.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);
const LOOK_FOR: Duration = Duration::from_secs(10);
/// It stays out of reach a little longer than that.
const WITHOUT_ENGINE: Duration = Duration::from_secs(1);

pub(super) async fn cut_redis(scene: &mut Scene, engine: usize, way: Option<Way>) -> Result<Trial> {
    let leader = scene.leader(engine).await?;
    let process = &scene.cluster.streamers[leader];
    let stops = |text: &str| text.matches("no longer leading").count();
    let before = stops(&process.stderr());
    let cut = Instant::now();
    scene.cut_redis(leader, way)?;
    let stopped = eventually(LOOK_FOR, async || {
        ensure!(stops(&process.stderr()) > before, "it still leads");
        Ok(cut.elapsed())
    })
    .await;
    sleep(WITHOUT_REDIS.saturating_sub(cut.elapsed())).await;
    scene.mend(leader)?;
    Ok(promise("the leader stopped", stopped, STOPS_WITHIN))
}

pub(super) async fn cut_engine(
    scene: &mut Scene,
    engine: usize,
    way: Option<Way>,
    witnesses: &[Witness],
) -> Result<Trial> {
    let leader = scene.leader(engine).await?;
    let (host, cut, cut_at) = (scene.host(engine), Instant::now(), now_nanos());
    scene.cut_engine(leader, engine, way)?;
    let is_told = |witness: &Witness| {
        let record = witness.record();
        record.states.iter().any(|(at, state)| *at > cut_at && state == "delayed")
    };
    let noticed = eventually(LOOK_FOR, async || {
        let is_handed_over = scene.cluster.leader(&host) != Some(leader);
        ensure!(is_handed_over || witnesses.iter().all(is_told), "viewers were told nothing");
        Ok(cut.elapsed())
    })
    .await;
    sleep(WITHOUT_ENGINE).await;
    scene.mend(leader)?;
    Ok(promise("viewers were told", noticed, NOTICED_WITHIN))
}

/// That something happens within a time.
fn promise(what: &str, happened: Result<Duration>, within: Duration) -> Trial {
    match happened {
        Ok(after) if after <= within => {
            Trial { note: Some(format!("{what} after {} ms", after.as_millis())), ..Trial::default() }
        }
        Ok(after) => Trial {
            late: vec![format!("{what} after {} ms only, not within {within:?}", after.as_millis())],
            ..Trial::default()
        },
        Err(error) => Trial { broken: vec![format!("{what}: {error:#}")], ..Trial::default() },
    }
}
