use std::sync::Arc;

use async_trait::async_trait;
use dockline_domain::{
    ContainerId, HostId,
    log::{Cursor, Epoch, GapReason},
};
use dockline_lease::Leadership;

use crate::{LogBatch, Result, Ring, StreamState};

/// Where a container's published log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The numbering in force.
    pub epoch: Epoch,
    /// The last published chunk; 0 before the first.
    pub last: u64,
    /// The way back to it; `None` before the first chunk.
    pub cursor: Option<Cursor>,
    /// Whether nobody has watched since then: see [`LogPublisher::rest`].
    pub unwatched: bool,
}

/// The beginning of a new numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogBegin {
    /// The new numbering; larger than every earlier one of this container.
    pub epoch: Epoch,
    /// Whether the container has a terminal.
    pub tty: bool,
    /// Why the old numbering could not be continued; `None` only when there was none.
    pub gap: Option<GapReason>,
}

/// The streamer's side of a container's log.
#[async_trait]
pub trait LogPublisher: Send + Sync {
    /// Where the published log stands; `None` if nothing was ever published.
    async fn head(&self, leadership: &Leadership, container: &ContainerId) -> Result<Option<LogHead>>;

    /// Begins a new numbering.
    async fn begin(&self, leadership: &Leadership, container: &ContainerId, begin: LogBegin) -> Result<()>;

    /// Appends a batch if it follows the head exactly. Repeating a batch whose fate is unknown is safe.
    async fn publish(&self, leadership: &Leadership, container: &ContainerId, batch: LogBatch) -> Result<()>;

    /// Marks that the engine lost an unknown number of chunks here, within the numbering.
    async fn mark_gap(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        reason: GapReason,
    ) -> Result<()>;

    /// Says what condition the stream is in.
    async fn set_state(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        state: StreamState,
    ) -> Result<()>;

    /// Nobody watches any more: says [`StreamState::Opening`] to whoever comes next, and keeps in mind until the next
    /// state that what goes missing from now on was not missed by anybody.
    async fn rest(&self, leadership: &Leadership, container: &ContainerId) -> Result<()>;

    /// Forgets a container that no longer exists.
    async fn forget(&self, leadership: &Leadership, container: &ContainerId) -> Result<()>;
}

/// A replica's side of containers' logs.
#[async_trait]
pub trait LogFeed: Send + Sync {
    /// Watches a container's log. The stream runs at least as long as the watch exists.
    async fn watch(&self, host: &HostId, container: &ContainerId) -> Result<LogWatch>;
}

/// A watched log: its shared history, and the interest that keeps it running.
#[derive(Debug)]
pub struct LogWatch {
    ring: Arc<Ring>,
    _interest: crate::session::Seat,
}

impl LogWatch {
    /// A watch over `ring`; `interest` is given back when the watch is dropped.
    #[must_use]
    pub const fn new(ring: Arc<Ring>, interest: crate::session::Seat) -> Self {
        Self { ring, _interest: interest }
    }

    /// The shared history.
    #[must_use]
    pub const fn ring(&self) -> &Arc<Ring> {
        &self.ring
    }
}
