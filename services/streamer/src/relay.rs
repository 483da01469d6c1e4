//! From a host's outbox to the event log, by the host's leader.
//!
//! An entry leaves the outbox when the log has acknowledged it and every entry before it. Whoever leads next begins
//! with what is still there: an event may arrive twice, with the same identity, and none is left out.

use std::{sync::Arc, time::Duration};

use dockline_contract::kafka::{DockerEvent, Payload};
use dockline_domain::{HostId, event::EngineEvent};
use dockline_eventlog::{AppendError, CloudEvent, EventLog, Topic};
use dockline_fanout::{Error as PublishError, EventItem, OutboxEntry, OutboxItem, OutboxLevel};
use dockline_telemetry::trace;
use rand::Rng;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{Span, debug, info, info_span, warn};

use crate::{backoff::Backoff, host::Session};

/// How many events are under way at once.
const BATCH: usize = 500;
/// How often the outbox is looked at when nothing hints at it, and its level while the log does not answer.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Relay {
    session: Session,
    log: Arc<dyn EventLog>,
    is_half_full: bool,
}

/// What ends a round early.
enum Fail {
    Log(String),
    Store(PublishError),
}

impl From<PublishError> for Fail {
    fn from(error: PublishError) -> Self {
        Self::Store(error)
    }
}

impl Relay {
    pub(crate) const fn new(session: Session, log: Arc<dyn EventLog>) -> Self {
        Self { session, log, is_half_full: false }
    }

    pub(crate) async fn run(mut self, term: CancellationToken) {
        tokio::select! {
            () = self.carry() => {}
            // What is under way may still arrive; the next leader sends it again.
            () = term.cancelled() => {}
        }
        self.session.metrics.outbox_left(self.session.host.id.as_str());
    }

    async fn carry(&mut self) {
        let mut backoff = Backoff::new();
        let mut is_open = false;
        let mut is_troubled = false;
        loop {
            match self.round(&mut is_open).await {
                Ok(more) => {
                    backoff.reset();
                    if std::mem::take(&mut is_troubled) {
                        info!(host = %self.session.host.id, "events are going to the event log again");
                    }
                    if !more {
                        // A hint, or the time: both mean "look".
                        let published = self.session.signals.published.notified();
                        let _either = tokio::time::timeout(LOOK_EVERY, published).await;
                    }
                    continue;
                }
                Err(Fail::Log(reason)) => {
                    if !std::mem::replace(&mut is_troubled, true) {
                        warn!(host = %self.session.host.id, reason, "events wait: the event log does not take them");
                    }
                    if let Ok(level) = self.session.publisher.outbox_level(&self.session.leadership).await {
                        self.tell(level);
                    }
                }
                Err(Fail::Store(error)) => {
                    debug!(host = %self.session.host.id, %error, "the outbox cannot be read")
                }
            }
            backoff.pause().await;
        }
    }

    /// Carries some entries over. Whether there may be more.
    async fn round(&mut self, is_open: &mut bool) -> Result<bool, Fail> {
        let session = self.session.clone();
        let (publisher, leadership) = (&session.publisher, &session.leadership);
        if !*is_open {
            if publisher.open_outbox(leadership).await? {
                // Whoever reads the log knows nothing of this host, or something that is no longer so.
                session.signals.doubt.notify_one();
            }
            *is_open = true;
        }
        let entries = publisher.waiting(leadership, BATCH).await?;
        let Some(last) = entries.last() else {
            self.tell(publisher.outbox_level(leadership).await?);
            return Ok(false);
        };
        let mut events: Vec<CloudEvent> =
            entries.iter().map(|entry| cloud_event(&entry.event(&session.host.id))).collect();
        let carrying = self.trace(&entries, &mut events).await;
        let appended = self.append(&events).await;
        drop(carrying);
        let arrived = match &appended {
            Ok(()) => Some(last),
            Err(error) => error.delivered.checked_sub(1).and_then(|index| entries.get(index)),
        };
        if let Some(OutboxEntry { position, .. }) = arrived {
            let level = publisher.relayed(leadership, *position).await?;
            session
                .metrics
                .relayed(appended.as_ref().map_or_else(|error| error.delivered, |()| entries.len()));
            if level.lost > 0 {
                warn!(host = %session.host.id, events = level.lost, "the outbox was full: these events are not in the event log");
                session.metrics.outbox_lost(level.lost);
                session.signals.doubt.notify_one();
            }
            self.tell(level);
        }
        appended.map(|()| entries.len() == BATCH).map_err(|error| Fail::Log(error.reason))
    }

    /// Lets events that came of a request go on with its trace. The spans last for as long as the events are under way.
    async fn trace(&self, entries: &[OutboxEntry], events: &mut [CloudEvent]) -> Vec<Span> {
        if !trace::is_exporting() {
            return Vec::new();
        }
        let container = |entry: &OutboxEntry| match &entry.item {
            OutboxItem::Published(EventItem::Event(event)) if event.kind == "container" => {
                Some(event.actor_id.clone())
            }
            _ => None,
        };
        let (places, containers): (Vec<usize>, Vec<String>) =
            entries.iter().enumerate().filter_map(|(place, entry)| Some((place, container(entry)?))).unzip();
        let asked: Vec<&str> = containers.iter().map(String::as_str).collect();
        // Without an answer the events have traces of their own.
        let causes = self.session.publisher.causes(&self.session.host.id, &asked).await.unwrap_or_default();
        let mut spans = Vec::new();
        for (place, cause) in places.into_iter().zip(causes) {
            let (Some(event), Some(cause)) = (events.get_mut(place), cause) else { continue };
            let span = info_span!(parent: None, "relay event", otel.kind = "producer", kind = event.kind);
            trace::go_on(&span, &cause);
            event.trace_parent = trace::parent_of(&span).or(event.trace_parent.take());
            spans.push(span);
        }
        spans
    }

    /// Appends, and looks at the level while that takes its time.
    async fn append(&mut self, events: &[CloudEvent]) -> Result<(), AppendError> {
        let log = Arc::clone(&self.log);
        let append = log.append(Topic::Events, events);
        tokio::pin!(append);
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        look.tick().await;
        loop {
            tokio::select! {
                appended = &mut append => return appended,
                _ = look.tick() => {
                    let level = self.session.publisher.outbox_level(&self.session.leadership).await;
                    if let Ok(level) = level {
                        self.tell(level);
                    }
                }
            }
        }
    }

    fn tell(&mut self, level: OutboxLevel) {
        let host = &self.session.host.id;
        self.session.metrics.outbox(host.as_str(), level.waiting, level.limit);
        let is_half_full = level.waiting * 2 >= level.limit.max(1);
        if is_half_full && !self.is_half_full {
            warn!(%host, waiting = level.waiting, limit = level.limit, "the outbox is half full: the event log takes too little");
        }
        self.is_half_full = is_half_full;
    }
}

/// An event as the log takes it.
#[must_use]
pub fn cloud_event(event: &EngineEvent) -> CloudEvent {
    let payload = DockerEvent::of(event);
    CloudEvent {
        kind: payload.type_name(),
        subject: Some(payload.subject()),
        // Texts and a map of texts: serialization cannot fail.
        data: serde_json::to_vec(&payload).unwrap_or_default().into(),
        trace_parent: Some(trace_parent(&payload.id)),
        id: payload.id,
        time: payload.at,
        ..envelope(&event.host, DockerEvent::SCHEMA)
    }
}

/// What every CloudEvent of a host has in common.
pub(crate) fn envelope(host: &HostId, schema: &str) -> CloudEvent {
    CloudEvent {
        id: String::new(),
        kind: String::new(),
        source: format!("/hosts/{host}"),
        subject: None,
        time: String::new(),
        schema: schema.to_owned(),
        key: host.to_string(),
        trace_parent: None,
        data: bytes::Bytes::new(),
    }
}

/// The trace of an event that nobody asked for begins with it, and has its identity, which is of the right length: so
/// whatever is done about it is found under it. Nothing of it is exported here, which the last field says.
fn trace_parent(id: &str) -> String {
    let span: u64 = rand::rng().random_range(1..=u64::MAX);
    format!("00-{id}-{span:016x}-00")
}

#[cfg(test)]
mod tests {
    use dockline_domain::Timestamp;

    use super::*;

    #[test]
    fn an_event_becomes_a_cloud_event_that_is_always_the_same() {
        let event = EngineEvent {
            host: "edge".parse().expect("valid"),
            at: Timestamp(1_795_514_400_123_456_789),
            kind: "container".to_owned(),
            action: "start".to_owned(),
            actor_id: "abc".to_owned(),
            attributes: [("name".to_owned(), "web".to_owned())].into(),
        };
        let (one, other) = (cloud_event(&event), cloud_event(&event));
        assert_eq!((&one.id, &one.data), (&other.id, &other.data));
        assert_eq!(one.id, event.id());
        assert_eq!((one.key.as_str(), one.source.as_str()), ("edge", "/hosts/edge"));
        assert_eq!(one.kind, "io.dockline.docker.container.start.v1");
        assert_eq!(one.subject.as_deref(), Some("containers/abc"));
        let trace = one.trace_parent.expect("a trace");
        let parts: Vec<&str> = trace.split('-').collect();
        assert_eq!((parts[0], parts[1], parts[2].len(), parts[3]), ("00", event.id().as_str(), 16, "00"));
    }
}
