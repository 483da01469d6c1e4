use async_trait::async_trait;
use bytestring::ByteString;
use dockline_domain::{ContainerId, HostId};
use dockline_lease::Leadership;
use tokio::sync::watch;

use crate::{Result, StreamState, session::Seat};

/// The newest of a container's resource use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatsUpdate {
    /// The newest sample as a WebSocket frame, encoded once for all viewers.
    pub frame: Option<ByteString>,
    /// The stream's condition.
    pub state: StreamState,
}

/// The streamer's side of resource use. Only the newest value counts: nothing is replayed.
#[async_trait]
pub trait StatsPublisher: Send + Sync {
    /// Replaces the newest value.
    async fn publish_stats(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        update: StatsUpdate,
    ) -> Result<()>;
}

/// A replica's side of resource use.
#[async_trait]
pub trait StatsFeed: Send + Sync {
    /// Watches a container's resource use.
    async fn watch_stats(&self, host: &HostId, container: &ContainerId) -> Result<StatsWatch>;
}

/// Watched resource use.
#[derive(Debug)]
pub struct StatsWatch {
    /// The newest value.
    pub updates: watch::Receiver<StatsUpdate>,
    _interest: Seat,
}

impl StatsWatch {
    /// A watch; `interest` is given back when it is dropped.
    #[must_use]
    pub const fn new(updates: watch::Receiver<StatsUpdate>, interest: Seat) -> Self {
        Self { updates, _interest: interest }
    }
}
