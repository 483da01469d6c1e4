//! Lines delivered to many viewers for each second of one core.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use crate::bare_server::{BareFrames, BareServer};
use crate::crowd::Crowd;
use crate::feed::{Feed, Pace};
use crate::proc_meter;
use crate::report::{Row, Target, figure};
use crate::stage::{Open, Stage};
use crate::tally::{Counts, Tally, Witness};

const VIEWERS: usize = 1_000;
const LINE_BYTES: usize = 1_024;
/// Lines of one burst: about as many as one frame holds.
const BURST: usize = 50;
/// 1,000 lines a second, in bursts.
const BURST_EVERY: Duration = Duration::from_millis(50);
/// Not measured: the buffers fill.
const WARM_UP: Duration = Duration::from_secs(2);

/// Lines in bursts, as programs print them, and one by one, which is the hardest for whoever batches.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let bursts = Pace::bursts(BURST, LINE_BYTES, BURST_EVERY);
    let mut rows = vec![measure(stage, "1,000 viewers, 1 KB lines in bursts", &bursts).await?];
    let even = Pace::thousand_a_second(LINE_BYTES);
    let row = measure(stage, "the same, one line each millisecond", &even).await?;
    rows.push(Row { target: Target::None, ..row });
    Ok(rows)
}

async fn measure(stage: &Stage, name: &str, pace: &Pace) -> Result<Row> {
    let dockline = with_dockline(stage, pace).await?;
    let bare = with_bare_server(stage, &dockline).await?;
    let (rate, bare_rate) = (dockline.per_core(), bare.per_core());
    Ok(Row {
        name: name.to_owned(),
        measured: format!("{} deliveries/s/core", figure(rate)),
        baseline: format!("bare server, same frames: {}", figure(bare_rate)),
        ratio: Some(rate / bare_rate),
        judged: rate,
        target: Target::AtLeast(1e6, ">= 1 M/s/core"),
        note: format!(
            "{} of {} lines/s reached each viewer on average, {} cores used, {} bytes a frame, {} gaps told",
            figure(dockline.lines / dockline.seconds / VIEWERS as f64),
            figure(dockline.witnessed / dockline.seconds),
            figure(dockline.cpu / dockline.seconds),
            figure(dockline.frame_bytes()),
            dockline.counts.gaps,
        ),
    })
}

/// What a measurement brought.
struct Measured {
    /// Of all viewers together.
    counts: Counts,
    /// Lines, of all viewers together.
    lines: f64,
    /// Lines that the witness saw.
    witnessed: f64,
    cpu: f64,
    seconds: f64,
}

impl Measured {
    fn per_core(&self) -> f64 {
        self.lines / self.cpu
    }

    fn frame_bytes(&self) -> f64 {
        self.counts.bytes / self.counts.frames
    }
}

async fn with_dockline(stage: &Stage, pace: &Pace) -> Result<Measured> {
    let mut feed = Feed::start(&stage.engine).await?;
    let open = stage.open().await?;
    let witness_tally = Arc::new(Tally::default());
    let path = feed.live_path();
    let witness = Crowd::of(&open.door, &path, 1, |_| Witness(Arc::clone(&witness_tally))).await?;
    let (crowd, tally) = Crowd::counting(&open.door, &path, VIEWERS - 1).await?;

    let printing = feed.print(pace, WARM_UP + stage.window + WARM_UP);
    let measuring = in_window(stage, &open, &tally, &witness_tally);
    let (counts, witnessed, cpu, seconds) = tokio::select! {
        measured = measuring => measured?,
        printed = printing => return Err(printed.err().unwrap_or_else(|| anyhow::anyhow!("printed to the end"))),
    };
    witness.leave().await?;
    crowd.leave().await?;
    open.close().await?;
    ensure!(witnessed.lines > 0.0 && counts.frames > 0.0, "no line arrived");
    // The witness counts lines and bytes; the others only bytes, of the same frames.
    let lines = counts.bytes * witnessed.lines / witnessed.bytes + witnessed.lines;
    Ok(Measured { counts, lines, witnessed: witnessed.lines, cpu, seconds })
}

async fn in_window(
    stage: &Stage,
    open: &Open,
    tally: &Tally,
    witness: &Tally,
) -> Result<(Counts, Counts, f64, f64)> {
    sleep(WARM_UP).await;
    let (before, witnessed, cpu, began) = (tally.counts(), witness.counts(), open.cpu()?, Instant::now());
    sleep(stage.window).await;
    let counts = tally.counts() - before;
    Ok((counts, witness.counts() - witnessed, open.cpu()? - cpu, began.elapsed().as_secs_f64()))
}

/// The same number of sockets, frames as large as Dockline's were on average, as often.
async fn with_bare_server(stage: &Stage, dockline: &Measured) -> Result<Measured> {
    let frames_each = dockline.counts.frames / (VIEWERS - 1) as f64;
    let lines_per_frame = dockline.lines / (dockline.counts.frames + frames_each);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive figures")]
    let frames = BareFrames {
        frame_bytes: dockline.frame_bytes() as usize,
        every_us: (dockline.seconds / frames_each * 1e6).max(1.0) as u64,
    };
    let bare = BareServer::start(frames).await?;
    let (crowd, tally) = Crowd::counting(&bare.door, "/", VIEWERS).await?;
    sleep(WARM_UP).await;
    let (before, cpu, began) = (tally.counts(), proc_meter::cpu_seconds(bare.pid)?, Instant::now());
    sleep(stage.window).await;
    let counts = tally.counts() - before;
    let cpu = proc_meter::cpu_seconds(bare.pid)? - cpu;
    crowd.leave().await?;
    let lines = counts.frames * lines_per_frame;
    Ok(Measured { counts, lines, witnessed: 0.0, cpu, seconds: began.elapsed().as_secs_f64() })
}
