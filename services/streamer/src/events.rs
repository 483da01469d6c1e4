//! The engine's events: read once, deduplicated, with a periodic list as the truth behind them.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use dockline_docker::{Error as EngineError, EventStream};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_fanout::EventItem;
use futures::StreamExt;
use tokio::time::{Instant, interval_at, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::{backoff::Backoff, host::Session};

/// A replay begins this much before the last event that was seen: the engine appends to its history
/// and sends to its subscribers without a common lock.
const OVERLAP_SECONDS: i64 = 5;
/// The engine keeps this many events (`eventsLimit` in moby's `daemon/events/events.go`).
const ENGINE_HISTORY: usize = 256;
/// How many identities are remembered to recognize replays: many times the engine's own history.
const REMEMBERED: usize = 16 * ENGINE_HISTORY;
/// How often the containers are listed.
const LIST_EVERY: Duration = Duration::from_secs(30);
/// A replay is complete when the engine is silent for this long.
const REPLAY_QUIET: Duration = Duration::from_millis(500);

pub(crate) struct EventReader {
    session: Session,
    seen: Seen,
    last: Option<(Timestamp, String)>,
    containers: Option<BTreeMap<String, String>>,
    /// Containers that an event told of since the last list.
    touched: HashSet<String>,
    /// Containers whose change no event had told of when they were last listed.
    suspects: HashSet<String>,
}

impl EventReader {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            seen: Seen::default(),
            last: None,
            containers: None,
            touched: HashSet::new(),
            suspects: HashSet::new(),
        }
    }

    pub(crate) async fn run(mut self, term: CancellationToken) {
        tokio::select! {
            () = self.read() => {}
            () = term.cancelled() => {}
        }
    }

    async fn read(&mut self) {
        // Where the leader before this one stopped.
        match self.session.publisher.newest_event(&self.session.leadership).await {
            Ok(newest) => self.last = newest.map(|event| (event.at, event.id())),
            Err(error) => debug!(host = %self.session.host.id, %error, "the newest event is not known"),
        }
        let mut backoff = Backoff::new();
        let mut was_online = None;
        loop {
            match self.connect().await {
                Ok(events) => {
                    if was_online != Some(true) {
                        info!(host = %self.session.host.id, "the engine answers");
                        self.publish(EventItem::HostState(self.session.host.id.clone(), None)).await;
                    }
                    was_online = Some(true);
                    backoff.reset();
                    self.follow(events).await;
                }
                Err(error) => {
                    if was_online != Some(false) {
                        warn!(host = %self.session.host.id, %error, "the engine does not answer; trying again");
                        let why = Some(error.to_string());
                        self.publish(EventItem::HostState(self.session.host.id.clone(), why)).await;
                    }
                    was_online = Some(false);
                }
            }
            self.hint();
            backoff.pause().await;
        }
    }

    async fn connect(&mut self) -> Result<EventStream, EngineError> {
        let engine = &self.session.host.engine;
        engine.info().await?;
        let since = match &self.last {
            Some((at, _)) => at.minus_seconds(OVERLAP_SECONDS),
            // The first time: everything that the engine still holds.
            None => Timestamp(0),
        };
        let events = engine.events(Some(since)).await?;
        self.list().await;
        Ok(events)
    }

    async fn follow(&mut self, mut events: EventStream) {
        let resumed_from = self.last.clone();
        let mut replayed = false;
        let mut replay_ends = Some(Instant::now() + REPLAY_QUIET);
        let mut lists = interval_at(Instant::now() + LIST_EVERY, LIST_EVERY);
        loop {
            let deadline = replay_ends.unwrap_or_else(|| Instant::now() + LIST_EVERY);
            tokio::select! {
                next = timeout_at(deadline, events.next()) => match next {
                    Ok(Some(Ok(event))) => {
                        replayed |= resumed_from.as_ref().is_some_and(|(_, id)| *id == event.id());
                        replay_ends = replay_ends.map(|_| Instant::now() + REPLAY_QUIET);
                        self.take(event).await;
                    }
                    Ok(Some(Err(error))) => {
                        debug!(host = %self.session.host.id, %error, "the event stream broke");
                        return;
                    }
                    Ok(None) => return,
                    Err(_) => {
                        // The last event of before is not in the engine's history any more: it was
                        // restarted, or more happened than it keeps.
                        if replay_ends.take().is_some() && resumed_from.is_some() && !replayed {
                            self.publish(EventItem::Gap(self.session.host.id.clone())).await;
                        }
                    }
                },
                _ = lists.tick() => self.list().await,
            }
        }
    }

    async fn take(&mut self, event: EngineEvent) {
        let id = event.id();
        if !self.seen.insert(id.clone()) {
            return;
        }
        self.last = Some((event.at, id));
        if event.kind == "container" {
            self.touched.insert(event.actor_id.clone());
            self.hint();
        }
        self.session.metrics.event();
        self.publish(EventItem::Event(Arc::new(event))).await;
    }

    /// Compares the containers' states with those of the last list. A change that no event told of
    /// means that events were lost.
    async fn list(&mut self) {
        let Ok(list) = self.session.host.engine.list().await else { return };
        let now: BTreeMap<String, String> = list
            .iter()
            .map(|one| {
                let (id, _, _, state) = one.identity();
                (id.to_owned(), state.to_owned())
            })
            .collect();
        // The event of a change that the list shows may still be on its way: it has until the next list.
        if self.suspects.iter().any(|id| !self.touched.contains(id)) {
            self.publish(EventItem::Gap(self.session.host.id.clone())).await;
            self.hint();
        }
        if let Some(before) = &self.containers {
            let changed = now.iter().filter(|(id, state)| before.get(*id) != Some(state)).map(|(id, _)| id);
            let gone = before.keys().filter(|id| !now.contains_key(*id));
            let silent = changed.chain(gone).filter(|id| !self.touched.contains(*id));
            self.suspects = silent.cloned().collect();
        }
        self.containers = Some(now);
        self.touched.clear();
    }

    fn hint(&self) {
        self.session.hints.send_modify(|count| *count += 1);
    }

    async fn publish(&self, item: EventItem) {
        if let Err(error) = self.session.publisher.publish_event(&self.session.leadership, item).await {
            debug!(host = %self.session.host.id, %error, "an event was not published");
        }
    }
}

/// The identities of the last events.
#[derive(Debug, Default)]
struct Seen {
    order: VecDeque<String>,
    ids: HashSet<String>,
}

impl Seen {
    /// Whether the identity is new.
    fn insert(&mut self, id: String) -> bool {
        if !self.ids.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replays_are_recognized_and_memory_is_bounded() {
        let mut seen = Seen::default();
        assert!(seen.insert("a".into()));
        assert!(!seen.insert("a".into()));
        for n in 0..2 * REMEMBERED {
            assert!(seen.insert(n.to_string()));
        }
        assert_eq!(seen.ids.len(), REMEMBERED);
        assert_eq!(seen.order.len(), REMEMBERED);
    }
}
