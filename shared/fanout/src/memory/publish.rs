//! The streamer's side.

use std::sync::Arc;

use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId, event::EngineEvent, log::GapReason};
use dockline_lease::Leadership;
use std::{collections::BTreeSet, time::Instant};
use tokio::sync::watch;

use super::{MemoryFanout, head};
use crate::{
    Error, EventItem, EventPublisher, Interest, LogBatch, LogBegin, LogHead, LogPublisher, Result,
    StatsPublisher, StatsUpdate, StreamState, Topic,
};

#[async_trait]
impl LogPublisher for MemoryFanout {
    async fn head(&self, leadership: &Leadership, container: &ContainerId) -> Result<Option<LogHead>> {
        let host = self.fenced(leadership)?;
        let logs = host.logs.lock();
        Ok(logs.get(container).and_then(|log| log.head))
    }

    async fn begin(&self, leadership: &Leadership, container: &ContainerId, begin: LogBegin) -> Result<()> {
        self.fenced(leadership)?.with_log(&self.options, container, |log| {
            log.head = Some(head(begin.epoch, None));
            log.ring.begin(begin.epoch, begin.tty, begin.gap);
        });
        Ok(())
    }

    async fn publish(&self, leadership: &Leadership, container: &ContainerId, batch: LogBatch) -> Result<()> {
        self.fenced(leadership)?.with_log(&self.options, container, |log| {
            let stored = log.head.ok_or(Error::Conflict { same_epoch: false, last: 0 })?;
            let same_epoch = stored.epoch == batch.epoch();
            if same_epoch && stored.cursor.as_ref() == Some(batch.cursor()) {
                return Ok(()); // A repetition after an unknown outcome.
            }
            if !same_epoch || stored.last + 1 != batch.first() {
                return Err(Error::Conflict { same_epoch, last: stored.last });
            }
            log.head = Some(head(batch.epoch(), Some(*batch.cursor())));
            log.ring.append(batch);
            Ok(())
        })
    }

    async fn mark_gap(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        reason: GapReason,
    ) -> Result<()> {
        self.fenced(leadership)?.with_log(&self.options, container, |log| log.ring.mark_gap(reason));
        Ok(())
    }

    async fn set_state(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        state: StreamState,
    ) -> Result<()> {
        self.say(leadership, container, state, false)
    }

    async fn rest(&self, leadership: &Leadership, container: &ContainerId) -> Result<()> {
        self.say(leadership, container, StreamState::Opening, true)
    }

    async fn forget(&self, leadership: &Leadership, container: &ContainerId) -> Result<()> {
        let host = self.fenced(leadership)?;
        if let Some(log) = host.logs.lock().remove(container) {
            log.ring.set_state(StreamState::Removed);
        }
        host.stats.lock().remove(container);
        Ok(())
    }
}

impl MemoryFanout {
    fn say(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        state: StreamState,
        unwatched: bool,
    ) -> Result<()> {
        self.fenced(leadership)?.with_log(&self.options, container, |log| {
            if let Some(head) = &mut log.head {
                head.unwatched = unwatched;
            }
            log.ring.set_state(state);
        });
        Ok(())
    }
}

#[async_trait]
impl StatsPublisher for MemoryFanout {
    async fn publish_stats(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        update: StatsUpdate,
    ) -> Result<()> {
        let host = self.fenced(leadership)?;
        let mut stats = host.stats.lock();
        let sender =
            stats.entry(container.clone()).or_insert_with(|| watch::channel(StatsUpdate::default()).0);
        sender.send_replace(update);
        Ok(())
    }
}

#[async_trait]
impl EventPublisher for MemoryFanout {
    async fn publish_event(&self, leadership: &Leadership, item: EventItem) -> Result<()> {
        let host = self.fenced(leadership)?;
        if let EventItem::Event(event) = &item {
            let mut recent = self.recent.lock();
            // What an earlier process has read is replayed to this one. Hosts' clocks differ, so all of them are looked at.
            if recent.iter().rev().any(|other| other == event) {
                return Ok(());
            }
            if recent.len() >= self.options.recent_events {
                recent.pop_front();
            }
            recent.push_back(Arc::clone(event));
        }
        host.outbox.lock().put(item.clone(), self.options.outbox);
        // No receiver is no error: nobody watches.
        let _receivers = self.events.send(item);
        Ok(())
    }

    async fn newest_event(&self, leadership: &Leadership) -> Result<Option<Arc<EngineEvent>>> {
        self.fenced(leadership)?;
        let recent = self.recent.lock();
        let is_it = |event: &&Arc<EngineEvent>| event.host == *leadership.host() && event.is_of_engine();
        Ok(recent.iter().rev().find(is_it).cloned())
    }
}

#[async_trait]
impl Interest for MemoryFanout {
    async fn wanted(&self, host: &HostId) -> Result<BTreeSet<Topic>> {
        let host = self.host(host);
        let mut interest = host.interest.lock();
        let now = Instant::now();
        interest.retain(|topic, holders| {
            let idle = match topic {
                Topic::Logs(_) => self.options.logs_idle,
                Topic::Stats(_) => self.options.stats_idle,
            };
            holders.count > 0 || holders.idle_since.is_some_and(|since| now - since < idle)
        });
        Ok(interest.keys().cloned().collect())
    }

    async fn changed(&self, host: &HostId) {
        self.host(host).interest_changed.notified().await;
    }
}
