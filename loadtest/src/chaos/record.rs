//! A viewer that writes down everything it is told and comes back with its place when it is cut off.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Result, ensure};
use dockline_testkit::eventually;
use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

use super::{check::Seen, lines, writer::Stream};
use crate::viewer::{Door, Sink, Viewer};

/// Between two attempts to come back.
const AGAIN_AFTER: Duration = Duration::from_millis(50);

/// What a viewer wrote down.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Of each stream.
    pub(crate) seen: [Vec<Seen>; 2],
    /// When chunks arrived, in nanoseconds since 1970.
    pub(crate) arrived: Vec<i64>,
    /// States of the log that it was told, with their times.
    pub(crate) states: Vec<(i64, String)>,
    /// The last line of each stream.
    last: [u64; 2],
    /// Begins of lines.
    open: [Vec<u8>; 2],
    epoch: String,
    /// `epoch:n` of the last chunk.
    place: Option<String>,
    /// How many chunks ended no line.
    pieces: u64,
}

/// A viewer that watches until it is dropped.
#[derive(Debug)]
pub(crate) struct Witness {
    record: Arc<Mutex<Record>>,
    task: JoinSet<()>,
}

impl Witness {
    /// Watches a container's log from its begin. The doors are those of the replicas; a viewer whose replica dies goes
    /// on at the next one.
    pub(crate) fn at(doors: Vec<Door>, container: &str) -> Self {
        let record = Arc::new(Mutex::new(Record::default()));
        let mut task = JoinSet::new();
        task.spawn(watch(doors, container.to_owned(), Arc::clone(&record)));
        Self { record, task }
    }

    /// A viewer at each door.
    pub(crate) fn at_each(doors: &[Door], container: &str) -> Vec<Self> {
        (0..doors.len())
            .map(|first| {
                let mut doors = doors.to_vec();
                doors.rotate_left(first);
                Self::at(doors, container)
            })
            .collect()
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        lock(&self.record)
    }

    /// Waits until this line of a stream came, or a later one.
    pub(crate) async fn until(&self, stream: Stream, line: u64, within: Duration) -> Result<()> {
        eventually(within, async || {
            let record = self.record();
            let last = record.last(stream);
            ensure!(last >= line, "a viewer is at line {last}, not {line}: {:?}", record.states.last());
            Ok(())
        })
        .await
    }

    /// Waits until so many chunks came that end no line.
    pub(crate) async fn until_pieces(&self, count: u64, within: Duration) -> Result<()> {
        eventually(within, async || {
            let pieces = self.record().pieces;
            ensure!(pieces >= count, "{pieces} pieces of {count}");
            Ok(())
        })
        .await
    }

    /// Hangs up. The record stays, and [`Self::come_back`] goes on behind it.
    pub(crate) async fn leave(&mut self) {
        self.task.shutdown().await;
    }

    /// Comes back behind the last chunk.
    pub(crate) fn come_back(&mut self, doors: Vec<Door>, container: &str) {
        self.task.spawn(watch(doors, container.to_owned(), Arc::clone(&self.record)));
    }
}

async fn watch(doors: Vec<Door>, container: String, record: Arc<Mutex<Record>>) {
    for door in doors.iter().cycle() {
        let start =
            lock(&record).place.as_ref().map_or_else(|| "tail=all".to_owned(), |at| format!("from={at}"));
        let path = format!("/ws/containers/{container}/logs?{start}");
        match Viewer::open(door, &path).await {
            Ok(viewer) => drop(viewer.watch_to_the_end(Recorder(Arc::clone(&record))).await),
            Err(_refused) => sleep(AGAIN_AFTER).await,
        }
    }
}

struct Recorder(Arc<Mutex<Record>>);

impl Sink for Recorder {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, arrived: i64) -> ControlFlow<()> {
        lock(&self.0).take(kept, arrived);
        ControlFlow::Continue(())
    }
}

impl Record {
    /// The last line of a stream.
    pub(crate) const fn last(&self, stream: Stream) -> u64 {
        self.last[stream.index()]
    }

    fn take(&mut self, text: &[u8], arrived: i64) {
        let Ok(frame) = serde_json::from_slice::<Value>(text) else {
            self.seen[0].push(Seen::Foreign);
            return;
        };
        match frame["type"].as_str() {
            Some("gap") => self.gap(),
            Some("state") => {
                self.states.push((arrived, frame["state"].as_str().unwrap_or_default().to_owned()))
            }
            Some("log") => {
                let epoch = frame["epoch"].as_str().unwrap_or_default();
                if epoch != self.epoch {
                    // Another numbering begins with whole lines.
                    self.open = [Vec::new(), Vec::new()];
                    epoch.clone_into(&mut self.epoch);
                }
                for chunk in frame["chunks"].as_array().into_iter().flatten() {
                    self.chunk(chunk);
                    self.arrived.push(arrived);
                    self.place = Some(format!("{}:{}", self.epoch, chunk["n"]));
                }
            }
            _ => {}
        }
    }

    fn gap(&mut self) {
        for stream in Stream::BOTH {
            self.open[stream.index()].clear();
            self.seen[stream.index()].push(Seen::Gap);
        }
    }

    fn chunk(&mut self, chunk: &Value) {
        let stream = usize::from(chunk["s"] == 2);
        let line = &mut self.open[stream];
        // Lines are text, so one in base64 is not ours.
        line.extend_from_slice(chunk["d"].as_str().unwrap_or("?").as_bytes());
        if chunk["p"] == true {
            self.pieces += 1;
            return;
        }
        let number = lines::number(line);
        line.clear();
        self.seen[stream].push(number.map_or(Seen::Foreign, Seen::Line));
        self.last[stream] = self.last[stream].max(number.unwrap_or_default());
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_put_together_from_their_pieces() {
        let mut record = Record::default();
        let whole = String::from_utf8(lines::text(2, 20)).expect("text");
        let (begin, end) = whole.split_at(10);
        let chunks = json!([
            {"n": 1, "s": 1, "d": "line 1 0 \n"}, {"n": 2, "s": 1, "d": begin, "p": true},
            {"n": 3, "s": 2, "d": "line 1 0 \n"}, {"n": 4, "s": 1, "d": end},
        ]);
        record.take(json!({"type": "log", "epoch": "e", "chunks": chunks}).to_string().as_bytes(), 1);
        assert_eq!(record.seen, [vec![Seen::Line(1), Seen::Line(2)], vec![Seen::Line(1)]]);
        assert_eq!((record.place.as_deref(), record.pieces), (Some("e:4"), 1));
        // The begin of a line that is not there makes its end a foreign one.
        let chunks = json!([{"n": 5, "s": 1, "d": end}]);
        record.take(json!({"type": "log", "epoch": "e", "chunks": chunks}).to_string().as_bytes(), 2);
        record.take(br#"{"type":"gap","from":6,"to":7,"reason":"rotated","epoch":"e"}"#, 3);
        assert_eq!(record.seen[0][2..], [Seen::Foreign, Seen::Gap]);
    }
}
