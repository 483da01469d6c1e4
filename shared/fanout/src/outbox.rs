use async_trait::async_trait;
use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use dockline_lease::Leadership;

use crate::{EventItem, Result};

/// What has been published of a host's events and is not in the event log yet.
///
/// Whatever [`crate::EventPublisher`] takes is put in here in the same step, so that nothing can be shown to people
/// and then be missing in the log. The host's leader carries it over, in this order, and takes it out when the log has
/// it. The outbox is bounded: what does not fit any more while the log is away is counted, and the count stands in its
/// place.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Makes sure that there is an outbox; whether there was none. Then nobody knows what came before: this is the
    /// first start, or the store has forgotten.
    async fn open_outbox(&self, leadership: &Leadership) -> Result<bool>;

    /// The oldest entries, at most so many.
    async fn waiting(&self, leadership: &Leadership, most: usize) -> Result<Vec<OutboxEntry>>;

    /// Takes out everything up to here; more than once is fine.
    async fn relayed(&self, leadership: &Leadership, to: OutboxPosition) -> Result<OutboxLevel>;

    /// How full it is.
    async fn outbox_level(&self, leadership: &Leadership) -> Result<OutboxLevel>;
}

/// How full an outbox is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxLevel {
    /// Entries in it.
    pub waiting: u64,
    /// How many it takes; 0 if it takes none, since there is no event log.
    pub limit: u64,
    /// Entries that did not fit and whose count was put in just now.
    pub lost: u64,
}

/// A place in an outbox; later entries have larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutboxPosition {
    /// Of the store's clock, since the Unix epoch.
    pub ms: u64,
    /// Counts entries of one millisecond.
    pub n: u64,
}

/// Something that waits to be carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its place.
    pub position: OutboxPosition,
    /// What it is.
    pub item: OutboxItem,
}

/// What waits to be carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxItem {
    /// Something that was published.
    Published(EventItem),
    /// So many did not fit in.
    Lost(u64),
    /// The outbox began here.
    Began,
}

impl OutboxEntry {
    /// The entry as an event: what happened to the host itself becomes one of the kind `host`, whose identity
    /// comes from its place.
    #[must_use]
    pub fn event(&self, host: &HostId) -> EngineEvent {
        let of_host = |action: &str, attributes: &[(&str, String)]| EngineEvent {
            host: host.clone(),
            at: Timestamp(i64::try_from(self.position.ms * 1_000_000 + self.position.n).unwrap_or(i64::MAX)),
            kind: "host".to_owned(),
            action: action.to_owned(),
            actor_id: host.to_string(),
            attributes: attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), value.clone()))
                .chain([("name".to_owned(), host.to_string())])
                .collect(),
        };
        match &self.item {
            OutboxItem::Published(EventItem::Event(event)) => EngineEvent::clone(event),
            OutboxItem::Published(EventItem::Gap(_)) => {
                of_host("gap", &[("reason", "engine_lost".to_owned())])
            }
            OutboxItem::Published(EventItem::HostState(_, None)) => of_host("online", &[]),
            OutboxItem::Published(EventItem::HostState(_, Some(reason))) => {
                of_host("offline", &[("reason", reason.clone())])
            }
            OutboxItem::Lost(count) => {
                of_host("gap", &[("reason", "outbox_full".to_owned()), ("lost", count.to_string())])
            }
            OutboxItem::Began => of_host("gap", &[("reason", "outbox_new".to_owned())]),
        }
    }
}
