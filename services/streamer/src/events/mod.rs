//! The engine's events: read once, deduplicated, with a periodic list as the truth behind them.
//!
//! What cannot be published is not passed over: the reading begins again behind the last event that was. Where events
//! are lost all the same, a gap is published, and behind it the state of every container that may have changed.

mod inventory;
mod seen;

use std::{sync::Arc, time::Duration};

use dockline_docker::{Error as EngineError, EventStream};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_fanout::{Error as PublishError, EventItem};
use futures::StreamExt;
use tokio::time::{Instant, interval_at, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::{inventory::Inventory, seen::Seen};
use crate::{backoff::Backoff, clock, host::Session};

/// A replay begins this much before the last event that was seen: the engine appends to its history
/// and sends to its subscribers without a common lock.
const OVERLAP_SECONDS: i64 = 5;
/// How often the containers are listed.
const LIST_EVERY: Duration = Duration::from_secs(30);
/// A replay is complete when the engine is silent for this long.
const REPLAY_QUIET: Duration = Duration::from_millis(500);

pub(crate) struct EventReader {
    session: Session,
    seen: Seen,
    /// The last event that was published.
    last: Option<(Timestamp, String)>,
    inventory: Inventory,
    /// A gap was found and is not published yet.
    gap_owed: bool,
    /// Behind a gap: the state of what is in doubt is not published yet.
    states_owed: bool,
}

impl EventReader {
    pub(crate) fn new(session: Session) -> Self {
        Self {
            session,
            seen: Seen::default(),
            last: None,
            inventory: Inventory::default(),
            gap_owed: false,
            states_owed: false,
        }
    }

    pub(crate) async fn run(mut self, term: CancellationToken) {
        tokio::select! {
            () = self.read() => {}
            () = term.cancelled() => {}
        }
    }

    async fn read(&mut self) {
        let mut backoff = Backoff::new();
        // Where the leader before this one stopped.
        self.last = loop {
            match self.session.publisher.newest_event(&self.session.leadership).await {
                Ok(newest) => break newest.map(|event| (event.at, event.id())),
                Err(error) => debug!(host = %self.session.host.id, %error, "the newest event is not known"),
            }
            backoff.pause().await;
        };
        let mut was_online = None;
        loop {
            let round = match self.connect().await {
                Ok(events) => {
                    if was_online != Some(true) {
                        info!(host = %self.session.host.id, "the engine answers");
                    }
                    self.follow(events, &mut was_online).await
                }
                Err(error) => {
                    let why = Some(error.to_string());
                    if was_online != Some(false) {
                        warn!(host = %self.session.host.id, %error, "the engine does not answer; trying again");
                    }
                    self.condition(why, &mut was_online).await
                }
            };
            self.hint();
            match round {
                // The engine answered: its next failure is a new one.
                Ok(true) => backoff.reset(),
                Ok(false) => {}
                Err(error) => debug!(host = %self.session.host.id, %error, "events are not published"),
            }
            backoff.pause().await;
        }
    }

    /// Tells whether the engine answers, when that is news.
    async fn condition(
        &self,
        why: Option<String>,
        was_online: &mut Option<bool>,
    ) -> Result<bool, PublishError> {
        let is_online = why.is_none();
        if *was_online != Some(is_online) {
            self.publish(EventItem::HostState(self.session.host.id.clone(), why)).await?;
            *was_online = Some(is_online);
        }
        Ok(is_online)
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
        if let Ok(list) = engine.list().await {
            self.inventory.resume(&list);
        }
        Ok(events)
    }

    /// Follows a stream to its end.
    async fn follow(
        &mut self,
        mut events: EventStream,
        was_online: &mut Option<bool>,
    ) -> Result<bool, PublishError> {
        self.condition(None, was_online).await?;
        self.settle().await?;
        let session = self.session.clone();
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
                        self.take(event).await?;
                    }
                    Ok(Some(Err(error))) => {
                        debug!(host = %self.session.host.id, %error, "the event stream broke");
                        return Ok(true);
                    }
                    Ok(None) => return Ok(true),
                    Err(_) => if replay_ends.take().is_some() {
                        // The last event of before is not in the engine's history any more: it was
                        // restarted, or more happened than it keeps.
                        if resumed_from.is_some() && !replayed {
                            self.owe_gap();
                        } else if !self.states_owed {
                            self.inventory.nothing_in_doubt();
                        }
                        self.settle().await?;
                    }
                },
                _ = lists.tick() => self.list().await?,
                // Of what was published not everything is in the event log.
                () = session.signals.doubt.notified() => {
                    self.inventory.everything_in_doubt();
                    self.states_owed = true;
                    self.settle().await?;
                }
            }
        }
    }

    async fn take(&mut self, event: EngineEvent) -> Result<(), PublishError> {
        let id = event.id();
        if self.seen.contains(&id) {
            return Ok(());
        }
        let (at, container) = (event.at, (event.kind == "container").then(|| event.actor_id.clone()));
        self.publish(EventItem::Event(Arc::new(event))).await?;
        self.seen.insert(id.clone());
        self.last = Some((at, id));
        if let Some(container) = container {
            self.inventory.touch(container);
            self.hint();
        }
        self.session.metrics.event();
        Ok(())
    }

    /// Compares the containers' states with those of the last list. A change that no event told of
    /// means that events were lost.
    async fn list(&mut self) -> Result<(), PublishError> {
        let Ok(list) = self.session.host.engine.list().await else { return Ok(()) };
        if self.inventory.compare(&list) {
            self.owe_gap();
            self.hint();
        }
        self.settle().await
    }

    const fn owe_gap(&mut self) {
        (self.gap_owed, self.states_owed) = (true, true);
    }

    /// Publishes what is owed.
    async fn settle(&mut self) -> Result<(), PublishError> {
        if self.gap_owed {
            self.publish(EventItem::Gap(self.session.host.id.clone())).await?;
            self.gap_owed = false;
        }
        if self.states_owed {
            // The engine may be gone again: then it is owed until it is back.
            let Ok(list) = self.session.host.engine.list().await else { return Ok(()) };
            for event in self.inventory.states(&self.session.host.id, &list, clock::now()) {
                self.publish(EventItem::Event(Arc::new(event))).await?;
            }
            self.states_owed = false;
            self.inventory.nothing_in_doubt();
        }
        Ok(())
    }

    fn hint(&self) {
        self.session.hints.send_modify(|count| *count += 1);
    }

    async fn publish(&self, item: EventItem) -> Result<(), PublishError> {
        self.session.publisher.publish_event(&self.session.leadership, item).await?;
        self.session.signals.published.notify_one();
        Ok(())
    }
}
