use std::sync::Arc;

use async_trait::async_trait;
use dockline_domain::{HostId, event::EngineEvent};
use dockline_lease::Leadership;
use tokio::sync::broadcast;

use crate::Result;

/// Something that the event feed carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventItem {
    /// Something happened at an engine.
    Event(Arc<EngineEvent>),
    /// Events of this host were lost before they could be read: lists must be read again.
    Gap(HostId),
    /// The host's engine began (`None`) or ceased (`Some(why)`) to answer.
    HostState(HostId, Option<String>),
}

/// The streamer's side of events.
#[async_trait]
pub trait EventPublisher: Send + Sync {
    /// Publishes what happened at the led host. An event that was published before may be left out.
    async fn publish_event(&self, leadership: &Leadership, item: EventItem) -> Result<()>;

    /// The last event that was published of the led host, by whichever leader: the next one goes on from there.
    async fn newest_event(&self, leadership: &Leadership) -> Result<Option<Arc<EngineEvent>>>;
}

/// A replica's side of events.
pub trait EventFeed: Send + Sync {
    /// The newest events of all hosts, oldest first; bounded.
    fn recent(&self) -> Vec<Arc<EngineEvent>>;

    /// Everything from now on.
    fn watch_events(&self) -> EventWatch;
}

/// Watched events. A receiver that lags by more than the channel holds is told so.
#[derive(Debug)]
pub struct EventWatch(pub broadcast::Receiver<EventItem>);
