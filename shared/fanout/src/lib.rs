//! Live fan-out: from one streamer per host to every viewer on every replica.
//!
//! Ports, each small: [`LogPublisher`], [`StatsPublisher`] and [`EventPublisher`] for the streamer (every
//! write carries a `Leadership`), [`Outbox`] for what of it goes on to the event log, [`LogFeed`], [`StatsFeed`] and [`EventFeed`] for replicas, [`Interest`]
//! for what is watched at all, [`HostBoard`] for the hosts that there are, [`Causes`] for traces, and [`session`] for
//! state about people's connections.
//!
//! A viewer is not a queue: it is a position in the container's shared [`Ring`]. A viewer that stalls
//! costs a position, not memory, and delays nobody.
//!
//! Adapters: [`memory::MemoryFanout`] within one process, [`redis::RedisFanout`] for many.

mod batch;
mod causes;
mod events;
pub mod flaw;
mod host_board;
mod interest;
mod logs;
pub mod memory;
mod outbox;
pub mod redis;
mod ring;
pub mod session;
mod stats;

pub use batch::{BatchBuilder, LOG_FRAME_BEGINS, LogBatch};
pub use causes::{CAUSE_LIVES, Causes};
pub use events::{EventFeed, EventItem, EventPublisher, EventWatch};
pub use host_board::HostBoard;
pub use interest::{Interest, Topic};
pub use logs::{LogBegin, LogFeed, LogHead, LogPublisher, LogWatch};
pub use outbox::{Outbox, OutboxEntry, OutboxItem, OutboxLevel, OutboxPosition};
pub use ring::{GapMark, Read, ReadPosition, Ring, RingLimits, Start, StartAt, StreamState};
pub use stats::{StatsFeed, StatsPublisher, StatsUpdate, StatsWatch};

/// Whether the store that processes share answers.
#[async_trait::async_trait]
pub trait StoreHealth: Send + Sync {
    /// Asks it.
    async fn ping(&self) -> Result<()>;
}

/// Why a fan-out operation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A newer term of leadership exists: stop publishing at once.
    #[error("the term of leadership has ended")]
    Fenced,
    /// Another writer moved the log on: read the head again and go on from there.
    #[error("the log's head is {epoch_matches} but ends at chunk {last}", epoch_matches = if *.same_epoch { "of the same epoch" } else { "of another epoch" })]
    Conflict {
        /// Whether the stored epoch is the writer's.
        same_epoch: bool,
        /// The last stored chunk.
        last: u64,
    },
    /// The shared store does not answer.
    #[error("the shared store does not answer: {0}")]
    Unavailable(String),
}

/// Result of a fan-out operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;
