//! Events: a Redis stream per host is the truth, a message is a hint to read it.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use dockline_lease::Leadership;
use dockline_redis::{Redis, Result as RedisResult, cmd};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::broadcast,
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, warn};

use super::{EVENT, RedisFanout, RedisOptions, outbox};
use crate::{Error, EventFeed, EventItem, EventPublisher, EventWatch, Result};

/// How often the stream is read without a hint.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many entries are read at once.
const PAGE: usize = 256;
/// How many items a watcher may lag behind.
const LAG: usize = 1_024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stored {
    Event { at: i64, kind: String, action: String, actor_id: String, attributes: BTreeMap<String, String> },
    Gap,
    HostState(Option<String>),
}

/// The events of all hosts as this replica has read them.
#[derive(Debug, Clone)]
pub(super) struct Events {
    redis: Redis,
    shared: Arc<Shared>,
    followers: Arc<Mutex<BTreeMap<HostId, AbortOnDropHandle<()>>>>,
}

#[derive(Debug)]
struct Shared {
    recent: Mutex<VecDeque<Arc<EngineEvent>>>,
    limit: usize,
    items: broadcast::Sender<EventItem>,
}

#[async_trait]
impl EventPublisher for RedisFanout {
    async fn publish_event(&self, leadership: &Leadership, item: EventItem) -> Result<()> {
        let keys = self.redis.keys();
        let name = |name: &str| keys.of_host(leadership.host(), name);
        let (stream, identities, newest) = (name("events"), name("event-ids"), name("event-newest"));
        let [outbox, outbox_meta] = outbox::names(self, leadership.host());
        let condition = match &item {
            EventItem::HostState(_, None) => "online".to_owned(),
            EventItem::HostState(_, Some(reason)) => format!("offline: {reason}"),
            _ => String::new(),
        };
        let (stored, id, at) = match item {
            EventItem::Event(event) => {
                // What the engine never says again needs no memory.
                let id = if event.is_of_engine() { event.id() } else { String::new() };
                (Stored::of(&event), id, event.at.0 / 1_000_000)
            }
            EventItem::Gap(_) => (Stored::Gap, String::new(), 0),
            EventItem::HostState(_, reason) => (Stored::HostState(reason), String::new(), 0),
        };
        let stored = serde_json::to_vec(&stored).map_err(|error| Error::Unavailable(error.to_string()))?;
        self.fenced(leadership, &EVENT, &[&stream, &identities, &newest, &outbox, &outbox_meta], |args| {
            args.bytes(&stored)
                .number(self.options.recent_events as u64)
                .bytes(&id)
                .number(at.unsigned_abs())
                .bytes(self.redis.publish_command())
                .bytes(name("event-news"))
                .number(self.options.outbox)
                .bytes(&condition)
        })
        .await
        .map(drop)
    }

    async fn newest_event(&self, leadership: &Leadership) -> Result<Option<Arc<EngineEvent>>> {
        let key = self.redis.keys().of_host(leadership.host(), "event-newest");
        let newest: Option<Vec<u8>> = self.redis.query(cmd("GET").arg(key)).await?;
        let stored: Option<Stored> = newest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(match stored.map(|stored| stored.item(leadership.host())) {
            Some(EventItem::Event(event)) => Some(event),
            _ => None,
        })
    }
}

impl EventFeed for RedisFanout {
    fn recent(&self) -> Vec<Arc<EngineEvent>> {
        self.events.shared.recent.lock().iter().cloned().collect()
    }

    fn watch_events(&self) -> EventWatch {
        EventWatch(self.events.shared.items.subscribe())
    }
}

impl Events {
    pub(super) fn new(redis: Redis, options: &RedisOptions) -> Self {
        let shared = Arc::new(Shared {
            recent: Mutex::default(),
            limit: options.recent_events,
            items: broadcast::channel(LAG).0,
        });
        Self { redis, shared, followers: Arc::default() }
    }

    /// Reads the events of these hosts and of no others. What was read of others stays.
    pub(super) fn follow(&self, hosts: &BTreeSet<HostId>) {
        let mut followers = self.followers.lock();
        followers.retain(|host, _| hosts.contains(host));
        for host in hosts {
            followers.entry(host.clone()).or_insert_with(|| {
                let (redis, shared) = (self.redis.clone(), Arc::clone(&self.shared));
                let follower = Follower { redis, host: host.clone(), shared, after: None };
                AbortOnDropHandle::new(tokio::spawn(follower.run()))
            });
        }
    }
}

struct Follower {
    redis: Redis,
    host: HostId,
    shared: Arc<Shared>,
    /// The ID of the last entry that was read; `None` before the first reading.
    after: Option<String>,
}

impl Follower {
    async fn run(mut self) {
        let mut news = self.redis.subscribe(&self.redis.keys().of_host(&self.host, "event-news"));
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = news.next() => if message.is_none() { return },
                _ = look.tick() => {}
            }
            if let Err(error) = self.read().await {
                debug!(host = %self.host, %error, "events cannot be read from Redis");
            }
        }
    }

    async fn read(&mut self) -> RedisResult<()> {
        type Entry = (String, Vec<(String, Vec<u8>)>);
        let stream = self.redis.keys().of_host(&self.host, "events");
        // What was there before this replica began is history, not news.
        let is_news = self.after.is_some();
        if let Some(after) = &self.after {
            // An entry that is gone was trimmed together with some that nobody here has seen.
            let oldest: Vec<Entry> =
                self.redis.query(cmd("XRANGE").arg(&stream).arg("-").arg("+").arg("COUNT").arg(1)).await?;
            if let Some((oldest, _)) = oldest.first()
                && after != "0-0"
                && is_before(after, oldest)
            {
                self.shared.tell(EventItem::Gap(self.host.clone()));
            }
        }
        loop {
            let after = self.after.clone().unwrap_or_else(|| "0-0".to_owned());
            let mut read = cmd("XRANGE");
            read.arg(&stream).arg(format!("({after}")).arg("+").arg("COUNT").arg(PAGE);
            let entries: Vec<Entry> = self.redis.read_page(&read).await?;
            let is_last = entries.len() < PAGE;
            for (id, fields) in entries {
                for (_, value) in fields {
                    match serde_json::from_slice::<Stored>(&value) {
                        Ok(stored) => self.shared.take(stored.item(&self.host), is_news),
                        Err(error) => warn!(id, %error, "skipped an event that is not ours"),
                    }
                }
                self.after = Some(id);
            }
            if is_last {
                self.after.get_or_insert(after);
                return Ok(());
            }
        }
    }
}

impl Shared {
    fn take(&self, item: EventItem, is_news: bool) {
        if let EventItem::Event(event) = &item {
            let mut recent = self.recent.lock();
            // Only a store that has forgotten takes an event twice.
            if recent.iter().rev().take_while(|other| other.at >= event.at).any(|other| other == event) {
                return;
            }
            if recent.len() >= self.limit {
                recent.pop_front();
            }
            // Hosts are read one by one: in the order of time all the same, which is nearly the order of arrival.
            let place = recent.iter().rposition(|other| other.at <= event.at).map_or(0, |index| index + 1);
            recent.insert(place, Arc::clone(event));
        }
        if is_news {
            self.tell(item);
        }
    }

    fn tell(&self, item: EventItem) {
        // No receiver is no error: nobody watches.
        let _receivers = self.items.send(item);
    }
}

impl Stored {
    fn of(event: &EngineEvent) -> Self {
        Self::Event {
            at: event.at.0,
            kind: event.kind.clone(),
            action: event.action.clone(),
            actor_id: event.actor_id.clone(),
            attributes: event.attributes.clone(),
        }
    }

    pub(super) fn item(self, host: &HostId) -> EventItem {
        match self {
            Self::Event { at, kind, action, actor_id, attributes } => {
                let at = Timestamp(at);
                let host = host.clone();
                EventItem::Event(Arc::new(EngineEvent { host, at, kind, action, actor_id, attributes }))
            }
            Self::Gap => EventItem::Gap(host.clone()),
            Self::HostState(reason) => EventItem::HostState(host.clone(), reason),
        }
    }
}

/// Compares stream IDs.
fn is_before(one: &str, other: &str) -> bool {
    let parse = |id: &str| -> Option<(u64, u64)> {
        let (ms, n) = id.split_once('-')?;
        Some((ms.parse().ok()?, n.parse().ok()?))
    };
    parse(one) < parse(other)
}
