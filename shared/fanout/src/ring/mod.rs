mod place;
mod viewer;

use std::{collections::VecDeque, sync::Arc};

use dockline_domain::log::{Epoch, GapReason};
use parking_lot::Mutex;
use tokio::sync::{Notify, futures::OwnedNotified};

pub use self::viewer::{GapMark, Read, ReadPosition, Start, StartAt, StreamState};
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
