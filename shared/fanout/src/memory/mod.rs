//! The in-process adapter of every port: standalone needs no Redis.

mod causes;
mod feeds;
mod host_board;
mod outbox;
mod people;
mod publish;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use dockline_domain::{ContainerId, HostId, event::EngineEvent, host::HostBook, log::Cursor};
use dockline_lease::{FenceToken, Leadership};
use parking_lot::Mutex;
use tokio::sync::{Notify, broadcast, watch};

use crate::{
    Error, EventItem, Result, Ring, RingLimits, StatsUpdate, Topic,
    session::{Revocation, SeatOf, TicketClaims},
};

/// How the in-process fan-out behaves.
#[derive(Debug, Clone, Copy)]
pub struct MemoryOptions {
    /// History per container.
    pub ring: RingLimits,
    /// How long a log stays open after its last viewer left.
    pub logs_idle: Duration,
    /// How long stats stay open after their last viewer left.
    pub stats_idle: Duration,
    /// Beyond this many bytes of history, the history of logs that nobody watches is dropped.
    pub unwatched_bytes: usize,
    /// How many recent events are kept.
    pub recent_events: usize,
    /// How many events of a host may wait for the event log; 0 without one.
    pub outbox: u64,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self {
            ring: RingLimits::default(),
            logs_idle: Duration::from_mins(5),
            stats_idle: Duration::from_secs(30),
            unwatched_bytes: 256 << 20,
            recent_events: 1_000,
            outbox: 0,
        }
    }
}

/// Fan-out within one process.
#[derive(Debug)]
pub struct MemoryFanout {
    options: MemoryOptions,
    hosts: Mutex<HashMap<HostId, Arc<HostState>>>,
    recent: Mutex<VecDeque<Arc<EngineEvent>>>,
    events: broadcast::Sender<EventItem>,
    tickets: Mutex<HashMap<String, (Instant, TicketClaims)>>,
    seats: Arc<Mutex<HashMap<SeatOf, u32>>>,
    revocations: broadcast::Sender<Revocation>,
    host_board: Mutex<Option<HostBook>>,
    /// When each was noted, and its `traceparent`.
    causes: Mutex<HashMap<(HostId, String), (Instant, String)>>,
}

/// Everything of one host.
#[derive(Debug, Default)]
struct HostState {
    newest_token: Mutex<Option<FenceToken>>,
    interest: Mutex<BTreeMap<Topic, Holders>>,
    interest_changed: Notify,
    logs: Mutex<HashMap<ContainerId, LogState>>,
    stats: Mutex<HashMap<ContainerId, watch::Sender<StatsUpdate>>>,
    outbox: Mutex<outbox::HostOutbox>,
}

#[derive(Debug, Default)]
struct Holders {
    count: u32,
    idle_since: Option<Instant>,
}

#[derive(Debug)]
struct LogState {
    ring: Arc<Ring>,
    head: Option<crate::LogHead>,
}

impl MemoryFanout {
    /// A fan-out without content.
    #[must_use]
    pub fn new(options: MemoryOptions) -> Self {
        Self {
            options,
            hosts: Mutex::default(),
            recent: Mutex::default(),
            events: broadcast::channel(1_024).0,
            tickets: Mutex::default(),
            seats: Arc::default(),
            revocations: broadcast::channel(1_024).0,
            host_board: Mutex::default(),
            causes: Mutex::default(),
        }
    }

    /// Takes over what an earlier process has read of events, oldest first: those that come next are looked for from there.
    pub fn remember(&self, events: impl IntoIterator<Item = EngineEvent>) {
        let mut recent = self.recent.lock();
        recent.extend(events.into_iter().map(Arc::new));
        let surplus = recent.len().saturating_sub(self.options.recent_events);
        recent.drain(..surplus);
    }

    fn host(&self, host: &HostId) -> Arc<HostState> {
        Arc::clone(self.hosts.lock().entry(host.clone()).or_default())
    }

    /// The led host, unless a newer term was seen.
    fn fenced(&self, leadership: &Leadership) -> Result<Arc<HostState>> {
        let host = self.host(leadership.host());
        let mut newest = host.newest_token.lock();
        if newest.is_some_and(|token| token > leadership.token()) {
            return Err(Error::Fenced);
        }
        *newest = Some(leadership.token());
        drop(newest);
        Ok(host)
    }
}

impl HostState {
    fn with_log<T>(
        &self,
        options: &MemoryOptions,
        id: &ContainerId,
        act: impl FnOnce(&mut LogState) -> T,
    ) -> T {
        let mut logs = self.logs.lock();
        let log = logs
            .entry(id.clone())
            .or_insert_with(|| LogState { ring: Arc::new(Ring::new(options.ring)), head: None });
        act(log)
    }
}

/// A head with its newest cursor.
const fn head(epoch: dockline_domain::log::Epoch, cursor: Option<Cursor>) -> crate::LogHead {
    let last = match cursor {
        Some(cursor) => cursor.last,
        None => 0,
    };
    crate::LogHead { epoch, last, cursor, unwatched: false }
}

#[cfg(test)]
mod tests {
    use dockline_domain::log::Epoch;
    use dockline_lease::{Lease, memory::MemoryLease};

    use super::*;
    use crate::{LogBegin, LogFeed, LogPublisher, StreamState};

    #[tokio::test]
    async fn a_newer_term_shuts_the_older_one_out() {
        let (host, container): (HostId, ContainerId) =
            ("local".parse().expect("valid"), "a".repeat(64).parse().expect("valid"));
        // Two independent elections: what a lost store of leases amounts to.
        let (first, second) = (MemoryLease::default(), MemoryLease::default());
        let old = first.campaign(&host).await.expect("elected");
        drop(second.campaign(&host).await.expect("elected"));
        let new = second.campaign(&host).await.expect("elected");
        assert!(new.token() > old.token());
        let fanout = MemoryFanout::new(MemoryOptions::default());
        let begin = LogBegin { epoch: Epoch(1), tty: false, gap: None };
        fanout.begin(&old, &container, begin).await.expect("the only leader");
        fanout.begin(&new, &container, begin).await.expect("the newer leader");
        assert_eq!(fanout.begin(&old, &container, begin).await, Err(Error::Fenced));
        assert_eq!(fanout.set_state(&old, &container, StreamState::Live).await, Err(Error::Fenced));
        let watch = fanout.watch(&host, &container).await.expect("watched");
        assert_eq!(watch.ring().state(), StreamState::Opening);
    }
}
