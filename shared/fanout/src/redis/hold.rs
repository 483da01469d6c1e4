//! What this replica holds in Redis on behalf of its viewers: wants and seats. Everything has a time to live and
//! is renewed long before; what a dead replica held is free again within [`RedisOptions::hold_for`].

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use dockline_domain::HostId;
use dockline_redis::{Args, Redis};
use parking_lot::Mutex;
use rand::Rng;
use tokio::time::{MissedTickBehavior, interval};
use tracing::debug;

use super::{KEEP_SEATS, RedisFanout, RedisOptions, TAKE_SEAT, WANT, follow::Followers, names};
use crate::{
    Result, Topic,
    session::{Seat, SeatOf, Seats},
};

#[derive(Debug)]
pub(super) struct Holds {
    redis: Redis,
    options: RedisOptions,
    wants: Mutex<HashMap<(HostId, Topic), usize>>,
    seats: Mutex<HashMap<SeatOf, BTreeSet<String>>>,
}

impl Holds {
    pub(super) fn new(redis: Redis, options: &RedisOptions) -> Self {
        Self { redis, options: *options, wants: Mutex::default(), seats: Mutex::default() }
    }

    /// Wants a topic until the seat is dropped, and its idle time beyond. A want that is held is good for at least
    /// the time that holds last; given back, it is good for its idle time.
    pub(super) fn want(self: &Arc<Self>, host: &HostId, topic: Topic) -> Seat {
        *self.wants.lock().entry((host.clone(), topic.clone())).or_default() += 1;
        self.tell(host, &topic, self.idle(&topic).max(self.options.hold_for));
        let (holds, host) = (Arc::clone(self), host.clone());
        Seat::new(move || {
            let key = (host, topic);
            let is_last = {
                let mut wants = holds.wants.lock();
                let count = wants.get_mut(&key).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if count == 0 {
                    wants.remove(&key);
                }
                count == 0
            };
            if is_last {
                let (host, topic) = key;
                holds.tell(&host, &topic, holds.idle(&topic));
            }
        })
    }

    const fn idle(&self, topic: &Topic) -> Duration {
        match topic {
            Topic::Logs(_) => self.options.logs_idle,
            Topic::Stats(_) => self.options.stats_idle,
        }
    }

    /// Says again what is held: the store may have forgotten it.
    pub(super) fn remind(self: &Arc<Self>, host: &HostId, topic: &Topic) {
        if self.wants.lock().contains_key(&(host.clone(), topic.clone())) {
            self.tell(host, topic, self.idle(topic).max(self.options.hold_for));
        }
    }

    /// Tells the store without waiting: a want that does not arrive is told again with the next renewal.
    fn tell(self: &Arc<Self>, host: &HostId, topic: &Topic, keep: Duration) {
        let (holds, host, topic) = (Arc::clone(self), host.clone(), topic.clone());
        tokio::spawn(async move { holds.renew_wants(&host, &[topic], keep).await });
    }

    async fn renew_wants(&self, host: &HostId, topics: &[Topic], keep: Duration) {
        let keys = self.redis.keys();
        let args = Args::new()
            .number(millis(keep))
            .bytes(self.redis.publish_command())
            .bytes(names::wanted_channel(keys, host));
        let args = topics.iter().fold(args, |args, topic| args.bytes(format_topic(topic)));
        if let Err(error) = self.redis.run::<u8>(&WANT, &[&names::wanted(keys, host)], &args).await {
            debug!(%host, %error, "could not say what is wanted");
        }
    }

    async fn renew(&self) {
        let mut wants: HashMap<(HostId, Duration), Vec<Topic>> = HashMap::new();
        for (host, topic) in self.wants.lock().keys() {
            let keep = self.idle(topic).max(self.options.hold_for);
            wants.entry((host.clone(), keep)).or_default().push(topic.clone());
        }
        for ((host, keep), topics) in wants {
            self.renew_wants(&host, &topics, keep).await;
        }
        let seats: Vec<(SeatOf, BTreeSet<String>)> =
            self.seats.lock().iter().map(|(of, holders)| (of.clone(), holders.clone())).collect();
        for (of, holders) in seats {
            let args = Args::new().number(millis(self.options.hold_for));
            let args = holders.iter().fold(args, |args, holder| args.bytes(holder));
            if let Err(error) = self.redis.run::<u8>(&KEEP_SEATS, &[&self.seat_key(&of)], &args).await {
                debug!(?of, %error, "could not keep seats");
            }
        }
    }

    fn seat_key(&self, of: &SeatOf) -> String {
        let name = match of {
            SeatOf::User(user) => format!("seats:user:{user}"),
            SeatOf::Logs(container) => format!("seats:logs:{container}"),
            SeatOf::Stats(container) => format!("seats:stats:{container}"),
        };
        self.redis.keys().of_all(&name)
    }

    fn give_back(self: Arc<Self>, of: SeatOf, holder: String) {
        {
            let mut seats = self.seats.lock();
            if let Some(holders) = seats.get_mut(&of) {
                holders.remove(&holder);
                if holders.is_empty() {
                    seats.remove(&of);
                }
            }
        }
        tokio::spawn(async move {
            let free = dockline_redis::cmd("ZREM").arg(self.seat_key(&of)).arg(holder).to_owned();
            // Without an answer the seat runs out by itself.
            if let Err(error) = self.redis.query::<i64>(&free).await {
                debug!(?of, %error, "could not give a seat back");
            }
        });
    }
}

/// Renews what is held, and lets go of histories that nobody watches.
pub(super) async fn housekeeping(holds: Arc<Holds>, followers: Arc<Followers>, options: RedisOptions) {
    let mut ticks = interval(options.renew_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        holds.renew().await;
        followers.drop_idle(options.keep_unwatched);
    }
}

#[async_trait]
impl Seats for RedisFanout {
    async fn take(&self, of: SeatOf, limit: u32) -> Result<Option<Seat>> {
        let holder = format!("{:032x}", rand::rng().random::<u128>());
        let args = Args::new().number(limit.into()).number(millis(self.options.hold_for)).bytes(&holder);
        let key = self.holds.seat_key(&of);
        if self.redis.run::<u8>(&TAKE_SEAT, &[&key], &args).await? == 0 {
            return Ok(None);
        }
        self.holds.seats.lock().entry(of.clone()).or_default().insert(holder.clone());
        let holds = Arc::clone(&self.holds);
        Ok(Some(Seat::new(move || holds.give_back(of, holder))))
    }
}

fn format_topic(topic: &Topic) -> String {
    match topic {
        Topic::Logs(container) => format!("logs:{container}"),
        Topic::Stats(container) => format!("stats:{container}"),
    }
}

/// `None` for what another release may want.
pub(super) fn parse_topic(text: &str) -> Option<Topic> {
    let (kind, container) = text.split_once(':')?;
    let container = container.parse().ok()?;
    match kind {
        "logs" => Some(Topic::Logs(container)),
        "stats" => Some(Topic::Stats(container)),
        _ => None,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
