//! A viewer that writes down everything it is told and comes back with its place when it is cut off.

use std::{ops::ControlFlow, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use super::check::Seen;
use crate::viewer::{Door, Sink, Viewer};

/// The log must come to its end within this time.
const DEADLINE: Duration = Duration::from_secs(60);
/// Between two attempts to come back.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// What a viewer wrote down.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) seen: Vec<Seen>,
    /// When each line arrived, in nanoseconds since 1970.
    pub(crate) arrived: Vec<i64>,
    last_line: u64,
    /// `epoch:n` of the last chunk.
    place: Option<String>,
    is_done: bool,
}

/// Watches until `last_line` arrives. The doors are those of the replicas; a viewer whose replica dies goes on at
/// the next one.
pub(crate) async fn watch(doors: Vec<Door>, container: String, last_line: u64) -> Result<Record> {
    let mut record = Record { last_line, ..Record::default() };
    let end = Instant::now() + DEADLINE;
    let mut attempts = 0;
    while !record.is_done {
        let door = &doors[attempts % doors.len()];
        attempts += 1;
        let start =
            record.place.as_ref().map_or_else(|| "tail=all".to_owned(), |place| format!("from={place}"));
        let path = format!("/ws/containers/{container}/logs?{start}");
        let Ok(viewer) = Viewer::open(door, &path).await else {
            anyhow::ensure!(Instant::now() < end, "no replica could be reached");
            sleep(AGAIN_AFTER).await;
            continue;
        };
        let left = end.saturating_duration_since(Instant::now());
        let recorder = Recorder(std::mem::take(&mut record));
        record = timeout(left, viewer.watch_to_the_end(recorder))
            .await
            .context("the log did not come to its end")?
            .0;
    }
    Ok(record)
}

struct Recorder(Record);

impl Sink for Recorder {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, arrived: i64) -> ControlFlow<()> {
        let Ok(frame) = serde_json::from_slice::<Value>(kept) else {
            self.0.seen.push(Seen::Foreign);
            return ControlFlow::Continue(());
        };
        match frame["type"].as_str() {
            Some("gap") => self.0.seen.push(Seen::Gap),
            Some("log") => {
                let epoch = frame["epoch"].as_str().unwrap_or_default();
                for chunk in frame["chunks"].as_array().into_iter().flatten() {
                    let line = chunk["d"].as_str().and_then(|text| text.strip_prefix("line "));
                    let line = line.and_then(|text| text.trim_end().parse().ok());
                    self.0.seen.push(line.map_or(Seen::Foreign, Seen::Line));
                    self.0.arrived.push(arrived);
                    self.0.place = Some(format!("{epoch}:{}", chunk["n"]));
                    self.0.is_done |= line == Some(self.0.last_line);
                }
            }
            _ => {}
        }
        if self.0.is_done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
