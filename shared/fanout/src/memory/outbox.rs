//! What waits for the event log within this process.

use std::{
    collections::VecDeque,
    time::{SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use dockline_lease::Leadership;

use super::MemoryFanout;
use crate::{EventItem, Outbox, OutboxEntry, OutboxItem, OutboxLevel, OutboxPosition, Result};

/// One host's outbox.
#[derive(Debug, Default)]
pub(super) struct HostOutbox {
    entries: VecDeque<OutboxEntry>,
    last: Option<OutboxPosition>,
    lost: u64,
    has_begun: bool,
    /// Said last of the host: `Some(None)` that it answers.
    condition: Option<Option<String>>,
}

impl HostOutbox {
    pub(super) fn put(&mut self, item: EventItem, limit: u64) {
        if limit == 0 {
            return;
        }
        let condition = match &item {
            EventItem::HostState(_, reason) => Some(reason.clone()),
            _ => None,
        };
        if condition.is_some() && condition == self.condition {
            return;
        }
        if self.entries.len() as u64 >= limit {
            self.lost += 1;
            return;
        }
        if condition.is_some() {
            self.condition = condition;
        }
        self.push(OutboxItem::Published(item));
    }

    fn push(&mut self, item: OutboxItem) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_millis()).unwrap_or_default();
        let position = match self.last {
            // As in a Redis stream: places grow even when the clock does not.
            Some(last) if last.ms >= now => OutboxPosition { ms: last.ms, n: last.n + 1 },
            _ => OutboxPosition { ms: now, n: 0 },
        };
        self.last = Some(position);
        self.entries.push_back(OutboxEntry { position, item });
    }

    fn level(&self, limit: u64, lost: u64) -> OutboxLevel {
        OutboxLevel { waiting: self.entries.len() as u64, limit, lost }
    }
}

#[async_trait]
impl Outbox for MemoryFanout {
    async fn open_outbox(&self, leadership: &Leadership) -> Result<bool> {
        let host = self.fenced(leadership)?;
        // What is known of an earlier process is a beginning as well: the next event is looked for from there.
        let is_known = self.recent.lock().iter().any(|event| event.host == *leadership.host());
        let mut outbox = host.outbox.lock();
        let is_new = !std::mem::replace(&mut outbox.has_begun, true) && !is_known;
        if is_new {
            outbox.push(OutboxItem::Began);
        }
        Ok(is_new)
    }

    async fn waiting(&self, leadership: &Leadership, most: usize) -> Result<Vec<OutboxEntry>> {
        Ok(self.fenced(leadership)?.outbox.lock().entries.iter().take(most).cloned().collect())
    }

    async fn relayed(&self, leadership: &Leadership, to: OutboxPosition) -> Result<OutboxLevel> {
        let host = self.fenced(leadership)?;
        let mut outbox = host.outbox.lock();
        while outbox.entries.front().is_some_and(|entry| entry.position <= to) {
            outbox.entries.pop_front();
        }
        let lost = std::mem::take(&mut outbox.lost);
        if lost > 0 {
            outbox.push(OutboxItem::Lost(lost));
        }
        Ok(outbox.level(self.options.outbox, lost))
    }

    async fn outbox_level(&self, leadership: &Leadership) -> Result<OutboxLevel> {
        let host = self.fenced(leadership)?;
        let outbox = host.outbox.lock();
        Ok(outbox.level(self.options.outbox, 0))
    }
}
