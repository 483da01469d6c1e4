//! What viewers ask of a ring and are told.

use bytestring::ByteString;
use dockline_domain::{
    Timestamp,
    log::{Epoch, GapReason, Position},
};

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
    pub(super) item: u64,
    /// The first chunk wanted, when the item is a batch.
    pub(super) chunk: u64,
    pub(super) epoch: Epoch,
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
    /// Everything was read; wait for [`Ring::changed`](super::Ring::changed).
    CaughtUp,
}
