//! How many new lines a second come through one WebSocket, against a follower of the engine's own API.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::time::{sleep, timeout};

use crate::engine_logs;
use crate::feed::Feed;
use crate::report::{Row, Target, figure};
use crate::stage::Stage;
use crate::tally::lines_of;
use crate::viewer::{Sink, Viewer};

const LINES: usize = 300_000;
const LINE_BYTES: usize = 100;
const DEADLINE: Duration = Duration::from_secs(90);
/// Until a follower is surely waiting for the first line.
const ATTACH: Duration = Duration::from_secs(1);

/// A container that prints as fast as the engine takes it, read in both ways one after the other.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let raw = timeout(DEADLINE, by_engine(stage)).await.context("the engine's follower took too long")??;
    let dockline =
        timeout(DEADLINE, by_dockline(stage)).await.context("Dockline's viewer took too long")??;
    ensure!(raw.seconds > 0.0 && dockline.seconds > 0.0, "too few lines arrived");
    let share = dockline.rate() / raw.rate();
    Ok(vec![Row {
        name: "live lines to one viewer, flat out".to_owned(),
        measured: format!("{} lines/s", figure(dockline.rate())),
        baseline: format!("engine API: {} lines/s", figure(raw.rate())),
        ratio: Some(share),
        judged: share,
        target: Target::AtLeast(0.9, ">= 90 %"),
        note: format!(
            "{LINES} lines of {LINE_BYTES} bytes; {} arrived at the engine's follower, {} at Dockline's viewer with {} gaps told",
            raw.lines, dockline.lines, dockline.gaps
        ),
    }])
}

/// What arrived, from the first to the last line.
#[derive(Debug, Default)]
struct Arrived {
    lines: u64,
    gaps: u64,
    seconds: f64,
}

impl Arrived {
    fn rate(&self) -> f64 {
        self.lines as f64 / self.seconds
    }
}

async fn by_engine(stage: &Stage) -> Result<Arrived> {
    let feed = Feed::start(&stage.engine).await?;
    let id = feed.id().to_owned();
    let mut times: Option<(Instant, Instant)> = None;
    let follow = engine_logs::read(&stage.engine, &id, "&follow=1&tail=0", |_| {
        let now = Instant::now();
        times = Some((times.map_or(now, |(first, _)| first), now));
    });
    let print = async {
        sleep(ATTACH).await;
        feed.print_all(LINES, LINE_BYTES).await
    };
    let (frames, _finished) = tokio::try_join!(follow, print)?;
    let (first, last) = times.context("no line arrived")?;
    Ok(Arrived { lines: frames.lines, gaps: 0, seconds: (last - first).as_secs_f64() })
}

async fn by_dockline(stage: &Stage) -> Result<Arrived> {
    let feed = Feed::start(&stage.engine).await?;
    let open = stage.open().await?;
    let viewer = Viewer::open(&open.door, &feed.live_path()).await?;
    let print = async {
        sleep(ATTACH).await;
        feed.print_all(LINES, LINE_BYTES).await
    };
    let (race, _finished) = tokio::try_join!(viewer.watch(Race::default()), print)?;
    open.close().await?;
    let (first, last) = race.times.context("no line arrived")?;
    Ok(Arrived { lines: race.lines, gaps: race.gaps, seconds: (last - first) as f64 / 1e9 })
}

/// Counts lines until the container has ended.
#[derive(Debug, Default)]
struct Race {
    lines: u64,
    gaps: u64,
    times: Option<(i64, i64)>,
}

impl Sink for Race {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, arrived: i64) -> ControlFlow<()> {
        if kept.starts_with(br#"{"type":"log""#) {
            self.lines += lines_of(kept) as u64;
            self.times = Some((self.times.map_or(arrived, |(first, _)| first), arrived));
        } else if kept.starts_with(br#"{"type":"gap""#) {
            self.gaps += 1;
        } else if kept.starts_with(br#"{"type":"state","state":"ended""#) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_race_ends_with_the_container() {
        let mut race = Race::default();
        assert!(race.text(br#"{"type":"log","chunks":[{"n":1},{"n":2}]}"#, 0, 5).is_continue());
        assert!(race.text(br#"{"type":"log","chunks":[{"n":3}]}"#, 0, 9).is_continue());
        assert!(race.text(br#"{"type":"state","state":"ended","reason":""}"#, 0, 11).is_break());
        assert_eq!((race.lines, race.times), (3, Some((5, 9))));
    }
}
