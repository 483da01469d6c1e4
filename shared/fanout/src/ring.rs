use std::{collections::VecDeque, sync::Arc};

use bytestring::ByteString;
use dockline_domain::{
    Timestamp,
    log::{Epoch, GapReason, Position},
};
use parking_lot::Mutex;
use tokio::sync::{Notify, futures::OwnedNotified};

use crate::LogBatch;

/// How much history a ring keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingLimits {
    /// Beyond this many bytes the oldest batches go, as long as [`Self::chunks`] remain.
    pub bytes: usize,
    /// As many chunks are kept even if they need more than [`Self::bytes`].
    pub chunks: usize,
    /// Beyond this many bytes the oldest batches go in any case.
    pub hard_bytes: usize,
}

impl Default for RingLimits {
    fn default() -> Self {
        Self { bytes: 4 << 20, chunks: 1_000, hard_bytes: 32 << 20 }
    }
}

/// The condition of a stream, as viewers are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StreamState {
    /// It is being opened; viewers wait.
    #[default]
    Opening,
    /// What is written arrives at once.
    Live,
    /// The engine or the store does not answer; it goes on by itself.
    Delayed(String),
    /// The container's process ended; it goes on when the container starts again.
    Ended(String),
    /// The container was removed: nothing comes any more.
    Removed,
    /// The stream cannot be had, and trying again is pointless.
    Failed {
        /// Stable.
        code: &'static str,
        /// For people.
        message: String,
    },
}

/// A place where chunks are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapMark {
    /// The numbering that `from` and `to` belong to.
    pub epoch: Epoch,
    /// The first missing number.
    pub from: u64,
    /// The last missing number; `from - 1` when what is missing never had numbers.
    pub to: u64,
    /// Why.
    pub reason: GapReason,
}

/// Where a viewer wants to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAt {
    /// At the last lines.
    Tail(u64),
    /// At the oldest chunk there is.
    Oldest,
    /// At the first chunk that is not older.
    Since(Timestamp),
    /// Behind a position that was seen before.
    After(Position),
}

/// What a viewer needs to know before its first chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The numbering in force.
    pub epoch: Epoch,
    /// Whether the container has a terminal.
    pub tty: bool,
    /// The oldest chunk of the numbering that is still here.
    pub oldest: u64,
    /// The number that the next new chunk will have.
    pub next: u64,
    /// What cannot be shown any more of what was asked for.
    pub gap: Option<GapMark>,
    /// Where to read on.
    pub position: ReadPosition,
}

/// A viewer's place in a ring: all that a viewer costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadPosition {
    /// Index of the item, counted from the ring's birth.
    item: u64,
    /// The first chunk wanted, when the item is a batch.
    chunk: u64,
    epoch: Epoch,
}

impl ReadPosition {
    /// What has been read, right behind a frame.
    #[must_use]
    pub const fn seen(&self) -> Position {
        Position { epoch: self.epoch, n: self.chunk.saturating_sub(1) }
    }
}

/// What is next for a viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A WebSocket frame with chunks.
    Frame(ByteString),
    /// Chunks are missing here.
    Gap(GapMark),
    /// Everything was read; wait for [`Ring::changed`].
    CaughtUp,
}

#[derive(Debug)]
enum Item {
    Batch(Arc<LogBatch>),
    Gap(GapMark),
}

/// The shared history of one container's log on one replica.
#[derive(Debug)]
pub struct Ring {
    limits: RingLimits,
    inner: Mutex<Inner>,
    changed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Inner {
    items: VecDeque<Item>,
    /// Index of the first item since the ring's birth.
    base: u64,
    bytes: usize,
    chunks: usize,
    numbering: Option<Numbering>,
    state: StreamState,
    /// Whether what the engine had stored has been read, so that "the last lines" means something.
    is_filled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Numbering {
    epoch: Epoch,
    tty: bool,
    last: u64,
}

impl Ring {
    /// An empty ring.
    #[must_use]
    pub fn new(limits: RingLimits) -> Self {
        Self { limits, inner: Mutex::default(), changed: Arc::new(Notify::new()) }
    }

    /// Completes at the next change. Take it *before* reading, or a change is missed.
    pub fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }

    /// The stream's condition.
    #[must_use]
    pub fn state(&self) -> StreamState {
        self.inner.lock().state.clone()
    }

    /// Bytes held.
    #[must_use]
    pub fn size(&self) -> usize {
        self.inner.lock().bytes
    }

    /// Finds where a viewer begins; `None` while that is not known yet.
    #[must_use]
    pub fn start(&self, at: StartAt) -> Option<Start> {
        let inner = self.inner.lock();
        let numbering = inner.numbering?;
        if !inner.knows(numbering, at) {
            return None;
        }
        let (position, gap) = inner.place(numbering, at);
        Some(Start {
            epoch: numbering.epoch,
            tty: numbering.tty,
            oldest: inner.oldest(numbering),
            next: numbering.last + 1,
            gap,
            position,
        })
    }

    /// Reads what is next and moves the position behind it.
    #[must_use]
    pub fn read(&self, position: &mut ReadPosition) -> Read {
        let (batch, from) = {
            let inner = self.inner.lock();
            if position.item < inner.base {
                return inner.catch_up(position);
            }
            let index = usize::try_from(position.item - inner.base).unwrap_or(usize::MAX);
            match inner.items.get(index) {
                None => return Read::CaughtUp,
                Some(Item::Gap(mark)) => {
                    position.item += 1;
                    return Read::Gap(*mark);
                }
                Some(Item::Batch(batch)) => {
                    let from = if position.epoch == batch.epoch() {
                        position.chunk.max(batch.first())
                    } else {
                        batch.first()
                    };
                    position.item += 1;
                    position.epoch = batch.epoch();
                    position.chunk = batch.last() + 1;
                    (Arc::clone(batch), from)
                }
            }
        };
        // Cutting a batch copies it: not under the lock.
        let frame = batch.frame_from(from);
        if frame.is_empty() { self.read(position) } else { Read::Frame(frame) }
    }

    pub(crate) fn begin(&self, epoch: Epoch, tty: bool, gap: Option<GapReason>) {
        let mut inner = self.inner.lock();
        if let (Some(old), Some(reason)) = (inner.numbering, gap) {
            let mark = GapMark { epoch: old.epoch, from: old.last + 1, to: old.last, reason };
            inner.items.push_back(Item::Gap(mark));
        }
        inner.numbering = Some(Numbering { epoch, tty, last: 0 });
        inner.is_filled = false;
        drop(inner);
        self.changed.notify_waiters();
    }

    pub(crate) fn append(&self, batch: LogBatch) {
        let mut inner = self.inner.lock();
        if let Some(numbering) = &mut inner.numbering {
            numbering.last = batch.last();
        }
        inner.bytes += batch.size();
        inner.chunks += batch.len();
        inner.items.push_back(Item::Batch(Arc::new(batch)));
        inner.evict(&self.limits);
        drop(inner);
        self.changed.notify_waiters();
    }

    pub(crate) fn mark_gap(&self, reason: GapReason) {
        let mut inner = self.inner.lock();
        if let Some(Numbering { epoch, last, .. }) = inner.numbering {
            inner.items.push_back(Item::Gap(GapMark { epoch, from: last + 1, to: last, reason }));
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    /// Goes on at chunk `first`; what lies before it cannot be had any more.
    pub(crate) fn skip_to(&self, first: u64, reason: GapReason) {
        let mut inner = self.inner.lock();
        if let Some(numbering) = &mut inner.numbering {
            let mark = GapMark { epoch: numbering.epoch, from: numbering.last + 1, to: first - 1, reason };
            numbering.last = first - 1;
            inner.items.push_back(Item::Gap(mark));
        }
        drop(inner);
        self.changed.notify_waiters();
    }

    pub(crate) fn set_state(&self, state: StreamState) {
        let mut inner = self.inner.lock();
        match state {
            StreamState::Opening => inner.is_filled = false,
            StreamState::Live | StreamState::Ended(_) => inner.is_filled = true,
            _ => {}
        }
        inner.state = state;
        drop(inner);
        self.changed.notify_waiters();
    }
}

impl Inner {
    fn end(&self) -> u64 {
        self.base + self.items.len() as u64
    }

    fn batches(&self) -> impl DoubleEndedIterator<Item = (u64, &Arc<LogBatch>)> {
        self.items.iter().enumerate().filter_map(|(index, item)| match item {
            Item::Batch(batch) => Some((self.base + index as u64, batch)),
            Item::Gap(_) => None,
        })
    }

    fn oldest(&self, numbering: Numbering) -> u64 {
        let first = self.batches().find(|(_, batch)| batch.epoch() == numbering.epoch);
        first.map_or(numbering.last + 1, |(_, batch)| batch.first())
    }

    /// Whether a viewer's place can be told already.
    fn knows(&self, numbering: Numbering, at: StartAt) -> bool {
        match at {
            StartAt::After(seen) if seen.epoch == numbering.epoch && seen.n > numbering.last => {
                // Seen at another replica, which is ahead of this one: this ring is being read, or is cut off.
                self.is_filled && !matches!(self.state, StreamState::Delayed(_))
            }
            StartAt::After(seen) => self.is_filled || self.holds_epoch(seen.epoch),
            _ => self.is_filled,
        }
    }

    fn holds_epoch(&self, epoch: Epoch) -> bool {
        self.numbering.is_some_and(|numbering| numbering.epoch == epoch)
            || self.batches().any(|(_, batch)| batch.epoch() == epoch)
    }

    fn place(&self, numbering: Numbering, at: StartAt) -> (ReadPosition, Option<GapMark>) {
        let epoch = numbering.epoch;
        let oldest = ReadPosition { item: self.base, chunk: 0, epoch };
        match at {
            StartAt::Oldest => (oldest, None),
            StartAt::Tail(lines) => {
                let mut lines = lines;
                for (item, batch) in self.batches().rev() {
                    if let Some(chunk) = batch.tail(&mut lines) {
                        return (ReadPosition { item, chunk, epoch: batch.epoch() }, None);
                    }
                }
                (oldest, None)
            }
            StartAt::Since(since) => {
                for (item, batch) in self.batches() {
                    if let Some(chunk) = batch.first_since(since) {
                        return (ReadPosition { item, chunk, epoch: batch.epoch() }, None);
                    }
                }
                (ReadPosition { item: self.end(), chunk: 0, epoch }, None)
            }
            StartAt::After(seen) => self.resume(numbering, seen),
        }
    }

    fn resume(&self, numbering: Numbering, seen: Position) -> (ReadPosition, Option<GapMark>) {
        let Position { epoch, n } = seen;
        let mut last_of_epoch = None;
        for (item, batch) in self.batches().filter(|(_, batch)| batch.epoch() == epoch) {
            last_of_epoch = Some((item, batch.last()));
            if batch.last() > n {
                let position = ReadPosition { item, chunk: n + 1, epoch };
                let missing = batch.first() > n + 1;
                let gap = missing.then(|| GapMark {
                    epoch,
                    from: n + 1,
                    to: batch.first() - 1,
                    reason: GapReason::SlowViewer,
                });
                return (position, gap);
            }
        }
        match last_of_epoch {
            // Everything of that epoch was seen; what follows it (a gap mark, a new epoch) was not.
            Some((item, last)) if last == n => (ReadPosition { item: item + 1, chunk: n + 1, epoch }, None),
            None if epoch == numbering.epoch && n == numbering.last => {
                (ReadPosition { item: self.end(), chunk: n + 1, epoch }, None)
            }
            // A position that this log never had: say so, and show what there is.
            _ => {
                let gap = GapMark { epoch, from: n.saturating_add(1), to: n, reason: GapReason::StateLost };
                (ReadPosition { item: self.base, chunk: 0, epoch: numbering.epoch }, Some(gap))
            }
        }
    }

    /// A viewer fell behind the oldest item: tells it what it missed and moves it there.
    fn catch_up(&self, position: &mut ReadPosition) -> Read {
        let (epoch, from) = (position.epoch, position.chunk);
        position.item = self.base;
        let first = self.batches().next().map(|(_, batch)| (batch.epoch(), batch.first()));
        let to = match first {
            Some((first_epoch, first)) if first_epoch == epoch => first.saturating_sub(1),
            _ => self.numbering.filter(|n| n.epoch == epoch).map_or(from.saturating_sub(1), |n| n.last),
        };
        position.chunk = to + 1;
        Read::Gap(GapMark { epoch, from, to, reason: GapReason::SlowViewer })
    }

    fn evict(&mut self, limits: &RingLimits) {
        while self.items.len() > 1
            && (self.bytes > limits.hard_bytes
                || self.bytes > limits.bytes && self.chunks >= limits.chunks + self.front_chunks())
        {
            if let Some(Item::Batch(batch)) = self.items.pop_front() {
                self.bytes -= batch.size();
                self.chunks -= batch.len();
            }
            self.base += 1;
        }
    }

    fn front_chunks(&self) -> usize {
        match self.items.front() {
            Some(Item::Batch(batch)) => batch.len(),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests;
