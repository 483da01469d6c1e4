//! A container's log as a numbered sequence of chunks, and the way back to a number after a break.
//!
//! Docker's log has no positions: only time stamps, which may repeat and run backwards. Dockline gives
//! every *chunk* (one message of the engine's log driver; a line longer than 16 KiB is several) a
//! number within an [`Epoch`], and keeps a [`Cursor`] with which [`locate()`] finds the same place again
//! in a window of the log that is read later, perhaps by another process.

mod chunk;
mod cursor;
mod locate;
mod recent;

pub use chunk::{Chunk, ChunkHash, Stream};
pub use cursor::{Cursor, CursorTracker};
pub use locate::{Located, MIN_EARLIER_CHUNKS, Window, locate};
pub use recent::Recent;

use std::{fmt, str::FromStr};

use crate::ids::InvalidId;

/// One unbroken numbering of one container's chunks. A new epoch begins where the old numbering
/// cannot be continued, and never without a gap marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Epoch {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { what: "an epoch", rule: "16 lower-case hexadecimal digits" };
        if text.len() != 16 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(invalid);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| invalid)
    }
}

/// A place in a numbered log: everything up to and including chunk `n` of `epoch` has been seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The numbering.
    pub epoch: Epoch,
    /// The last chunk seen; 0 when none was.
    pub n: u64,
}

impl FromStr for Position {
    type Err = InvalidId;

    /// `<epoch>:<n>`, as clients send it in `from=`.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId { what: "a log position", rule: "<epoch>:<n>" };
        let (epoch, n) = text.split_once(':').ok_or(invalid.clone())?;
        if n.is_empty() || !n.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid);
        }
        Ok(Self { epoch: epoch.parse()?, n: n.parse().map_err(|_| invalid)? })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.n)
    }
}

/// Why chunks are missing. Each reason is shown to people and to programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapReason {
    /// The engine rotated the chunks away before they could be read.
    Rotated,
    /// Nobody watched for so long that the numbering was not continued.
    Unwatched,
    /// This viewer fell behind by more than the shared history holds.
    SlowViewer,
    /// The engine's own follower skipped chunks.
    EngineLost,
    /// The shared state was lost, for example by a restart.
    StateLost,
}

impl GapReason {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Unwatched => "unwatched",
            Self::SlowViewer => "slow_viewer",
            Self::EngineLost => "engine_lost",
            Self::StateLost => "state_lost",
        }
    }

    /// Reads the name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Rotated, Self::Unwatched, Self::SlowViewer, Self::EngineLost, Self::StateLost]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_round_trip_and_refuse_nonsense() {
        let position = Position { epoch: Epoch(0x1f), n: 1042 };
        assert_eq!(position.to_string(), "000000000000001f:1042");
        assert_eq!(position.to_string().parse(), Ok(position));
        for bad in [
            "",
            ":",
            "1f:1",
            "000000000000001f",
            "000000000000001f:",
            "000000000000001f:-1",
            "000000000000001F:1",
            "000000000000001f:99999999999999999999",
            "000000000000001f:+1",
        ] {
            assert!(bad.parse::<Position>().is_err(), "{bad:?}");
        }
    }
}
