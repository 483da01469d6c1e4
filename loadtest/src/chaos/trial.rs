//! One trial: a writer, viewers at every replica, a fault at a random moment, and the verdict.

use std::time::Duration;

use anyhow::{Context, Result};
use rand::{Rng, rngs::StdRng};
use tokio::time::sleep;

use super::{
    check::{Verdict, check},
    fault::Fault,
    inject,
    record::Witness,
    scene::Scene,
    writer::{Pace, Stream, Writer},
};

/// Everything that was written has arrived within this time after the fault.
pub(crate) const ARRIVAL: Duration = Duration::from_secs(40);
/// How many lines must arrive behind a fault before the writer stops.
const BEHIND: u64 = 300;

/// What came of one.
#[derive(Debug, Default)]
pub(crate) struct Trial {
    /// Of all viewers together.
    pub(crate) verdict: Verdict,
    /// The longest time in which a viewer got nothing.
    pub(crate) pause: Duration,
    /// Writes that were refused because the writer's term had ended.
    pub(crate) refused: u64,
    /// Promises that were not kept, in words.
    pub(crate) broken: Vec<String>,
    /// What happened, but later than promised, in words.
    pub(crate) late: Vec<String>,
    /// The 99th percentile of the delays of viewers whom the fault does not concern, with it, by that without it.
    pub(crate) p99_growth: Option<f64>,
    /// What else was measured, in words.
    pub(crate) note: Option<String>,
}

/// Injects a fault while a thousand lines a second are written.
pub(crate) async fn under_way(
    scene: &mut Scene,
    engine: usize,
    fault: Fault,
    random: &mut StdRng,
) -> Result<Trial> {
    let writer = Writer::start(&scene.engines[engine], |spec| spec).await?;
    let id = writer.container().id().to_owned();
    let witnesses = Witness::at_each(&scene.doors, &id);
    let refused = scene.refused();
    scene.leader(engine).await?;
    let going = writer.go(Pace::USUAL);
    for witness in &witnesses {
        witness.until(Stream::Stdout, 1, ARRIVAL).await.context("before the fault")?;
    }
    sleep(Duration::from_millis(random.random_range(200..1_000))).await;
    let mut trial = inject::inject(scene, engine, fault, &witnesses, random).await?;
    let highest =
        witnesses.iter().map(|witness| witness.record().last(Stream::Stdout)).max().unwrap_or_default();
    for witness in &witnesses {
        witness.until(Stream::Stdout, highest + BEHIND, ARRIVAL).await.context("behind the fault")?;
    }
    let mut writer = going.stop().await?;
    for witness in &witnesses {
        witness.until(Stream::Stdout, writer.last(Stream::Stdout), ARRIVAL).await.context("at the end")?;
    }
    trial.verdict = judge(&mut writer, &witnesses)?;
    trial.pause = pause(&witnesses);
    trial.refused = scene.refused() - refused;
    Ok(trial)
}

/// What the viewers saw, compared with the writer's own record.
pub(crate) fn judge(writer: &mut Writer, witnesses: &[Witness]) -> Result<Verdict> {
    Ok(verdict(&writer.record()?, witnesses))
}

/// What the viewers saw, compared with the numbers of each stream.
pub(crate) fn verdict(written: &[Vec<u64>; 2], witnesses: &[Witness]) -> Verdict {
    let mut sum = Verdict::default();
    for witness in witnesses {
        let record = witness.record();
        for stream in Stream::BOTH {
            sum = sum.plus(check(&written[stream.index()], &record.seen[stream.index()]));
        }
    }
    sum
}

/// The longest time in which a viewer got nothing.
pub(crate) fn pause(witnesses: &[Witness]) -> Duration {
    let pause = |witness: &Witness| {
        let record = witness.record();
        record.arrived.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    };
    Duration::from_nanos(witnesses.iter().map(pause).max().unwrap_or_default().unsigned_abs())
}
