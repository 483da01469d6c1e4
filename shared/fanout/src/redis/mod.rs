//! The adapter for many processes: Redis holds what is shared, every replica keeps its own rings.
//!
//! - Writes of a streamer are scripts (`lua/`) that compare the term's token with the lease before anything
//!   else, in the same step.
//! - A log is a Redis stream whose IDs are chunk numbers, beside a hash that says where it ends. Batches are
//!   published as well, and a replica appends what follows its ring's end ([`follow`]); a hole, a broken
//!   subscription or a lost last message send it to the stream.
//! - Wants, seats and tickets have a time to live: a replica that dies leaves nothing behind for long
//!   ([`hold`]).

mod causes;
mod events;
mod follow;
mod hold;
mod host_board;
mod names;
mod outbox;
mod people;
mod publish;
mod stats;
mod wire;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
    time::Duration,
};

use dashmap::DashMap;
use dockline_domain::{ContainerId, HostId};
use dockline_redis::{Redis, Script};
use futures::{Stream, StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use self::{events::Events, follow::Followers, hold::Holds, names::LogNames, stats::StatsFollowers};
use crate::{Error, LogHead, RingLimits};

/// How the fan-out over Redis behaves.
#[derive(Debug, Clone, Copy)]
pub struct RedisOptions {
    /// History per container, in Redis and in each replica that shows it.
    pub ring: RingLimits,
    /// How long a log stays open after its last viewer left.
    pub logs_idle: Duration,
    /// How long stats stay open after their last viewer left.
    pub stats_idle: Duration,
    /// How long a replica keeps a history that nobody watches there.
    pub keep_unwatched: Duration,
    /// How long Redis keeps what nobody writes to any more.
    pub keep_in_store: Duration,
    /// How many recent events of a host are kept.
    pub recent_events: usize,
    /// How many events of a host may wait for the event log; 0 without one.
    pub outbox: u64,
    /// What a replica holds (seats, wants) is free again after this time without a renewal.
    pub hold_for: Duration,
    /// How often holds are renewed; some times more often than they run out.
    pub renew_every: Duration,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            ring: RingLimits::default(),
            logs_idle: Duration::from_mins(5),
            stats_idle: Duration::from_secs(30),
            keep_unwatched: Duration::from_mins(1),
            keep_in_store: Duration::from_hours(7 * 24),
            recent_events: 1_000,
            outbox: 0,
            hold_for: Duration::from_secs(25),
            renew_every: Duration::from_secs(8),
        }
    }
}

/// Fan-out over Redis.
#[derive(Debug)]
pub struct RedisFanout {
    redis: Redis,
    options: RedisOptions,
    followers: Arc<Followers>,
    stats: StatsFollowers,
    events: Events,
    holds: Arc<Holds>,
    /// Where the logs stand that this process published, for a store that forgets. Replicas remember as well.
    published: Arc<DashMap<(HostId, ContainerId), Published>>,
    /// Per host, who waits for something new to be wanted.
    wants: Arc<Mutex<HashMap<HostId, Wants>>>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

#[derive(Debug, Clone, Copy)]
struct Published {
    head: LogHead,
    tty: bool,
}

#[derive(Debug)]
struct Wants {
    changed: Arc<Notify>,
    _task: AbortOnDropHandle<()>,
}

impl RedisFanout {
    /// A fan-out for everything that is watched, and for the events of `hosts`: those that are in use now, and again
    /// whenever that changes.
    #[must_use]
    pub fn new(
        redis: Redis,
        options: RedisOptions,
        hosts: impl Stream<Item = BTreeSet<HostId>> + Send + 'static,
    ) -> Self {
        let holds = Arc::new(Holds::new(redis.clone(), &options));
        let followers = Arc::new(Followers::default());
        let housekeeping = hold::housekeeping(Arc::clone(&holds), Arc::clone(&followers), options);
        let events = Events::new(redis.clone(), &options);
        let (published, wants) = (Arc::default(), Arc::default());
        let directory =
            follow_hosts(hosts.boxed(), events.clone(), Arc::clone(&published), Arc::clone(&wants));
        let task = |task| AbortOnDropHandle::new(task);
        Self {
            events,
            stats: StatsFollowers::default(),
            followers,
            holds,
            published,
            wants,
            _tasks: [task(tokio::spawn(housekeeping)), task(tokio::spawn(directory))],
            redis,
            options,
        }
    }

    fn names(&self, host: &HostId, container: &ContainerId) -> LogNames {
        LogNames::new(self.redis.keys(), host, container)
    }
}

/// Reads the events of the hosts in use, and forgets what was kept for others.
async fn follow_hosts(
    mut hosts: BoxStream<'static, BTreeSet<HostId>>,
    events: Events,
    published: Arc<DashMap<(HostId, ContainerId), Published>>,
    wants: Arc<Mutex<HashMap<HostId, Wants>>>,
) {
    while let Some(hosts) = hosts.next().await {
        events.follow(&hosts);
        published.retain(|(host, _), _| hosts.contains(host));
        wants.lock().retain(|host, _| hosts.contains(host));
    }
}

#[async_trait::async_trait]
impl crate::StoreHealth for RedisFanout {
    async fn ping(&self) -> Result<(), Error> {
        // A key, not PING: in a cluster any node answers that, also for a slot that nobody serves.
        let key = self.redis.keys().of_all("streamers");
        Ok(self.redis.query::<i64>(dockline_redis::cmd("EXISTS").arg(key)).await.map(drop)?)
    }
}

impl From<dockline_redis::Error> for Error {
    fn from(error: dockline_redis::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// A script, loaded once.
macro_rules! script {
    ($name:ident, $file:literal) => {
        static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(&crate::flaw::script(include_str!(concat!("lua/", $file)))));
    };
}

script!(HEAD, "head.lua");
script!(BEGIN, "begin.lua");
script!(RESTORE, "restore.lua");
script!(SEED, "seed.lua");
script!(PUBLISH, "publish.lua");
script!(MARK_GAP, "mark_gap.lua");
script!(STATE, "state.lua");
script!(FORGET, "forget.lua");
script!(STATS, "stats.lua");
script!(EVENT, "event.lua");
script!(OUTBOX_OPEN, "outbox_open.lua");
script!(OUTBOX_READ, "outbox_read.lua");
script!(OUTBOX_RELAYED, "outbox_relayed.lua");
script!(OUTBOX_LEVEL, "outbox_level.lua");
script!(POST_HOSTS, "post_hosts.lua");
script!(WANT, "want.lua");
script!(WANTED, "wanted.lua");
script!(TAKE_SEAT, "take_seat.lua");
script!(KEEP_SEATS, "keep_seats.lua");
