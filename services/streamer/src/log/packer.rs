use std::time::Duration;

use dockline_domain::{
    ContainerId,
    log::{Chunk, CursorTracker, Epoch},
};
use dockline_fanout::{
    BatchBuilder,
    flaw::{Flaw, planted},
};
use tokio::time::Instant;

use super::Fail;
use crate::host::Session;

/// A batch goes out at the latest this long after the one before it. The first chunk after a pause
/// goes out at once.
const LONGEST_WAIT: Duration = Duration::from_millis(5);
/// A batch of this size goes out at once, in bytes of its frame.
const FULL_BYTES: usize = 64 * 1024;
/// A batch of this many chunks goes out at once.
const FULL_CHUNKS: usize = 256;

/// Numbers chunks and packs them into batches.
#[derive(Debug)]
pub(super) struct Packer {
    epoch: Epoch,
    tracker: CursorTracker,
    builder: BatchBuilder,
    bytes: usize,
    last_flush: Option<Instant>,
    /// Begins of lines, of [`Flaw::MergeFirst`] alone.
    open: [Option<Chunk>; 2],
}

impl Packer {
    /// At the start of an epoch.
    pub(super) fn begin(epoch: Epoch) -> Self {
        Self::resume(epoch, CursorTracker::new(true))
    }

    /// Behind the last published chunk.
    pub(super) fn resume(epoch: Epoch, tracker: CursorTracker) -> Self {
        let builder = BatchBuilder::new(epoch, tracker.last() + 1);
        Self { epoch, tracker, builder, bytes: 0, last_flush: None, open: [None, None] }
    }

    pub(super) const fn tracker(&self) -> &CursorTracker {
        &self.tracker
    }

    pub(super) const fn not_from_log_start(&mut self) {
        self.tracker.not_from_log_start();
    }

    /// Numbers a chunk.
    pub(super) fn push(&mut self, chunk: &Chunk) {
        if planted(Flaw::MergeFirst) {
            if let Some(line) = self.merge(chunk) {
                self.take(&line);
            }
            return;
        }
        self.take(chunk);
    }

    /// A whole line from its pieces: what must not be done here.
    fn merge(&mut self, chunk: &Chunk) -> Option<Chunk> {
        let open = &mut self.open[usize::from(chunk.stream.number() - 1)];
        let line = match open.take() {
            None => chunk.clone(),
            Some(begin) => Chunk { bytes: [begin.bytes, chunk.bytes.clone()].concat().into(), ..begin },
        };
        if line.is_partial() {
            *open = Some(line);
            return None;
        }
        Some(line)
    }

    fn take(&mut self, chunk: &Chunk) {
        self.tracker.push(chunk);
        self.bytes += chunk.bytes.len();
        self.builder.push(chunk);
    }

    pub(super) const fn is_full(&self) -> bool {
        self.builder.size() >= FULL_BYTES || self.builder.len() >= FULL_CHUNKS
    }

    /// When what is packed must go out; `None` if nothing is.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.builder.is_empty() {
            return None;
        }
        Some(self.last_flush.map_or_else(Instant::now, |last| last + LONGEST_WAIT))
    }

    /// Publishes what is packed. Until this returns nothing more is read: one batch is under way at a
    /// time, so a batch whose fate is unknown can be sent again.
    pub(super) async fn flush(&mut self, session: &Session, container: &ContainerId) -> Result<(), Fail> {
        let next = BatchBuilder::new(self.epoch, self.tracker.last() + 1);
        let builder = std::mem::replace(&mut self.builder, next);
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(batch) = self.tracker.cursor().and_then(|cursor| builder.finish(cursor)) {
            let chunks = batch.len();
            session.publisher.publish(&session.leadership, container, batch).await?;
            session.metrics.published(chunks, bytes);
            self.last_flush = Some(Instant::now());
        }
        Ok(())
    }
}
