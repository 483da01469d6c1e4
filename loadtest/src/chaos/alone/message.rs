//! The last message of a log is lost on its way to a replica, and none follows that would show it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use dockline_testkit::{Way, eventually};
use rand::{Rng, rngs::StdRng};

use crate::chaos::{
    record::Witness,
    scene::Scene,
    trial::{ARRIVAL, Trial, judge, pause},
    writer::{Stream, Writer},
};

/// A line that was lost on its way is there within this time.
const FILLED_WITHIN: Duration = Duration::from_secs(2);
/// What the harness adds: it looks every 20 ms, on a busy machine.
const MEASURED_TO: Duration = Duration::from_millis(150);
/// The message is on its way within this time.
const LOST_WITHIN: Duration = Duration::from_secs(5);

pub(crate) async fn lose_last(scene: &mut Scene, engine: usize, random: &mut StdRng) -> Result<Trial> {
    let mut writer = Writer::start(&scene.engines[engine], |spec| spec).await?;
    let id = writer.container().id().to_owned();
    let witnesses = Witness::at_each(&scene.doors, &id);
    writer.lines(Stream::Stdout, 50, 0).await?;
    for witness in &witnesses {
        witness.until(Stream::Stdout, 50, ARRIVAL).await?;
    }
    // Somewhere in the second between two comparisons.
    tokio::time::sleep(Duration::from_millis(random.random_range(100..1_100))).await;
    let link = &scene.replica_links()[0];
    let lost = link.lost(Way::Down);
    link.lose_next(Way::Down, format!("log-news:{id}").as_bytes());
    let written = Instant::now();
    writer.lines(Stream::Stdout, 1, 0).await?;
    eventually(LOST_WITHIN, async || {
        ensure!(link.lost(Way::Down) > lost, "no message was lost");
        Ok(())
    })
    .await?;
    for witness in &witnesses {
        witness.until(Stream::Stdout, 51, ARRIVAL).await?;
    }
    let filled = written.elapsed();
    let mut trial =
        Trial { verdict: judge(&mut writer, &witnesses)?, pause: pause(&witnesses), ..Trial::default() };
    if filled > FILLED_WITHIN + MEASURED_TO {
        trial.late.push(format!(
            "the lost line was there after {} ms, not within {FILLED_WITHIN:?}",
            filled.as_millis()
        ));
    }
    trial.note = Some(format!("filled after {} ms", filled.as_millis()));
    Ok(trial)
}
