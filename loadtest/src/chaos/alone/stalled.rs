//! A tenth of the viewers stops reading: the others notice nothing, and the replica keeps nothing for them.

use std::{
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

use crate::{
    chaos::{
        scene::Scene,
        trial::Trial,
        writer::{Pace, Writer},
    },
    clock::{millis, quantile},
    crowd::Crowd,
    proc_meter::resident_bytes,
    viewer::Sink,
};

/// All of them; ten thousand in the design.
const VIEWERS: usize = 1_000;
const STALLED: usize = VIEWERS / 10;
/// Those of the others who take the time.
const TIMED: usize = 20;
/// 400 lines of 250 bytes a second.
const PACE: Pace = Pace { lines: 40, padding: 230, every: Duration::from_millis(100) };
/// For so long each the others are timed, before the tenth stops reading and after.
const TIMED_FOR: Duration = Duration::from_secs(6);
/// The connections have settled after this time. The buffers of one who does not read are not all full then, but the server has
/// no less to do for those who are on the way there.
const SETTLED_AFTER: Duration = Duration::from_secs(4);
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// So much may be under way to each who does not read, and as much again for what the allocator keeps.
const MOST_FOR_EACH: f64 = 2.0 * 256.0 * 1024.0;

/// How long after their time stamps lines arrived, in nanoseconds.
struct Delays(Arc<Mutex<Vec<i64>>>);

impl Sink for Delays {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, arrived: i64) -> ControlFlow<()> {
        let mut delays = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        delays.extend(crate::bench::latency::stamps(kept).map(|stamp| arrived - stamp));
        ControlFlow::Continue(())
    }
}

/// Reads until it is told to stop.
struct UntilTold(Arc<AtomicBool>);

impl Sink for UntilTold {
    const WHOLE: bool = false;

    fn text(&mut self, _kept: &[u8], _length: u64, _arrived: i64) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

pub(crate) async fn stalled_viewers(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let writer = Writer::start(&scene.engines[engine], |spec| spec).await?;
    let path = format!("/ws/containers/{}/logs?tail=0", writer.container().id());
    let going = writer.go(PACE);
    let door = scene.doors[0].clone();
    let replica = scene.cluster.replicas[0].pid().context("the replica has ended")?;
    let delays = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::new(AtomicBool::new(false));
    let (others, _tally) = Crowd::counting(&door, &path, VIEWERS - STALLED - TIMED).await?;
    let timed = Crowd::of(&door, &path, TIMED, |_| Delays(Arc::clone(&delays))).await?;
    let stalling = Crowd::each(&door, &path, STALLED, |_, viewer| {
        let sink = UntilTold(Arc::clone(&told));
        async move { viewer.watch_then_stall(sink).await.map(drop) }
    })
    .await?;
    let memory_before = watch_memory(replica, SETTLED_AFTER).await?;
    take_p99(&delays)?;
    let memory_before = memory_before.max(watch_memory(replica, TIMED_FOR).await?);
    let p99_before = take_p99(&delays)?;
    told.store(true, Ordering::Relaxed);
    let most = watch_memory(replica, SETTLED_AFTER).await?;
    take_p99(&delays)?;
    let most = most.max(watch_memory(replica, TIMED_FOR).await?);
    let p99 = take_p99(&delays)?;
    stalling.leave().await.context("one who does not read was lost already")?;
    timed.leave().await.context("one who reads was lost")?;
    others.leave().await.context("one who reads was lost")?;
    going.stop().await?;
    let mut trial = Trial::default();
    let grown = (most - memory_before) / f64::from(1 << 20);
    if most - memory_before > MOST_FOR_EACH * STALLED as f64 {
        trial.broken.push(format!("the replica grew by {grown:.0} MiB"));
    }
    trial.p99_growth = Some(p99 / p99_before);
    trial.note = Some(format!(
        "{STALLED} of {VIEWERS} stalled: the replica grew by {grown:.1} MiB, the others' p99 went from {p99_before:.1} to {p99:.1} ms"
    ));
    Ok(trial)
}

/// The most memory that a process has while this passes.
async fn watch_memory(process: u32, length: Duration) -> Result<f64> {
    let (end, mut most) = (Instant::now() + length, resident_bytes(process)?);
    while Instant::now() < end {
        sleep(LOOK_EVERY).await;
        most = most.max(resident_bytes(process)?);
    }
    Ok(most)
}

/// The 99th percentile since the last time, in milliseconds.
fn take_p99(delays: &Mutex<Vec<i64>>) -> Result<f64> {
    let mut delays = std::mem::take(&mut *delays.lock().unwrap_or_else(PoisonError::into_inner));
    ensure!(!delays.is_empty(), "nobody saw a line");
    delays.sort_unstable();
    Ok(millis(quantile(&delays, 0.99)))
}
