//! A replica's side.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId, event::EngineEvent};
use tokio::sync::watch;

use super::{HostState, MemoryFanout};
use crate::{
    EventFeed, EventWatch, LogFeed, LogWatch, Result, StatsFeed, StatsUpdate, StatsWatch, Topic,
    session::Seat,
};

#[async_trait]
impl LogFeed for MemoryFanout {
    async fn watch(&self, host: &HostId, container: &ContainerId) -> Result<LogWatch> {
        let state = self.host(host);
        let interest = hold(&state, Topic::Logs(container.clone()));
        let ring = state.with_log(&self.options, container, |log| Arc::clone(&log.ring));
        self.drop_unwatched_history(&state);
        Ok(LogWatch::new(ring, interest))
    }
}

#[async_trait]
impl StatsFeed for MemoryFanout {
    async fn watch_stats(&self, host: &HostId, container: &ContainerId) -> Result<StatsWatch> {
        let state = self.host(host);
        let interest = hold(&state, Topic::Stats(container.clone()));
        let updates = state
            .stats
            .lock()
            .entry(container.clone())
            .or_insert_with(|| watch::channel(StatsUpdate::default()).0)
            .subscribe();
        Ok(StatsWatch::new(updates, interest))
    }
}

impl EventFeed for MemoryFanout {
    fn recent(&self) -> Vec<Arc<EngineEvent>> {
        self.recent.lock().iter().cloned().collect()
    }

    fn watch_events(&self) -> EventWatch {
        EventWatch(self.events.subscribe())
    }
}

impl MemoryFanout {
    /// Forgets the logs that nobody watches when all histories together are too large. Whoever comes
    /// back to one finds a new numbering, and a marker if they knew the old one.
    fn drop_unwatched_history(&self, state: &HostState) {
        let mut logs = state.logs.lock();
        let total: usize = logs.values().map(|log| log.ring.size()).sum();
        if total > self.options.unwatched_bytes {
            let interest = state.interest.lock();
            logs.retain(|container, _| interest.contains_key(&Topic::Logs(container.clone())));
        }
    }
}

/// Counts a holder in, and out again when the seat is dropped.
fn hold(state: &Arc<HostState>, topic: Topic) -> Seat {
    let mut interest = state.interest.lock();
    let holders = interest.entry(topic.clone()).or_default();
    holders.count += 1;
    holders.idle_since = None;
    drop(interest);
    state.interest_changed.notify_one();
    let state = Arc::clone(state);
    Seat::new(move || {
        if let Some(holders) = state.interest.lock().get_mut(&topic) {
            holders.count -= 1;
            if holders.count == 0 {
                holders.idle_since = Some(Instant::now());
            }
        }
    })
}
