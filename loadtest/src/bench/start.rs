//! From the start of the process to the ready line, and its memory when nobody uses it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::proc_meter;
use crate::report::{Row, Target, figure};
use crate::stage::Stage;

const STARTS: usize = 10;
/// Until the memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

/// With an empty data folder each time, which takes longest, and with one that is there already.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let mut first = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut process = stage.command().start().await?;
        first.push(began.elapsed().as_secs_f64());
        process.terminate().await?;
    }
    let folder = tempfile::Builder::new().prefix("dockline-start").tempdir().context("make a folder")?;
    let command = stage.command().data_dir(folder.path());
    command.start().await?.terminate().await?;
    let mut again = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut process = command.start().await?;
        again.push(began.elapsed().as_secs_f64());
        process.terminate().await?;
    }
    let (first, again) = (Spread::of(first), Spread::of(again));
    Ok(vec![
        Row {
            name: "cold start, empty data folder".to_owned(),
            measured: format!("{} s", figure(first.median)),
            baseline: format!("existing data folder: {} s", figure(again.median)),
            ratio: Some(first.median / again.median),
            judged: first.median,
            target: Target::AtMost(0.5, "< 0.5 s"),
            note: format!(
                "to the ready line, medians of {STARTS}, looked for every 5 ms; slowest {} s and {} s",
                figure(first.slowest),
                figure(again.slowest)
            ),
        },
        idle_memory(stage).await?,
    ])
}

async fn idle_memory(stage: &Stage) -> Result<Row> {
    let mut process = stage.command().start().await?;
    sleep(IDLE).await;
    let megabyte = 1_000_000.0;
    let own = proc_meter::resident_bytes(process.pid().context("dockline has ended")?)? / megabyte;
    let engine = proc_meter::resident_bytes(stage.engine_pid()?)? / megabyte;
    process.terminate().await?;
    Ok(Row {
        name: "idle memory after 5 s".to_owned(),
        measured: format!("{} MB", figure(own)),
        baseline: format!("dockerd: {} MB", figure(engine)),
        ratio: Some(own / engine),
        judged: own,
        target: Target::AtMost(40.0, "< 40 MB"),
        note: String::new(),
    })
}

/// The middle and the end of some times.
struct Spread {
    median: f64,
    slowest: f64,
}

impl Spread {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let at = |index: usize| seconds.get(index).copied().unwrap_or_default();
        let middle = seconds.len() / 2;
        let median = if seconds.len().is_multiple_of(2) {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self { median, slowest: at(seconds.len().saturating_sub(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 2.0]);
        assert_eq!((spread.median, spread.slowest), (2.5, 4.0));
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]).median, 2.0);
    }
}
