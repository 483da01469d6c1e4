//! Who stands for election, and who should lead which host.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock},
    time::Duration,
};

use dockline_domain::HostId;
use dockline_redis::{Args, Redis, Script, cmd};
use parking_lot::Mutex;
use rand::Rng;
use tokio::{task::JoinHandle, time::interval};
use tracing::debug;

static ATTEND: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("attend.lua")));

/// How often a member says that it lives, and when it counts as gone.
const ATTEND_EVERY: Duration = Duration::from_millis(500);
const GONE_AFTER_MS: u64 = 2_000;
/// A leader with more than so many hundredths of its share hands over hosts that others come first for.
const TOO_MANY_PERCENT: usize = 125;

/// The live members as one of them sees them.
#[derive(Debug)]
pub(super) struct Members {
    redis: Redis,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    me: String,
    live: Mutex<BTreeSet<String>>,
    /// Hosts that this process wants to lead, and those that it leads. Terms of one host may overlap for a moment, so
    /// they are counted.
    standing: Counts,
    led: Counts,
}

#[derive(Debug, Default)]
struct Counts(Mutex<BTreeMap<HostId, usize>>);

impl Counts {
    fn add(&self, host: &HostId) {
        *self.0.lock().entry(host.clone()).or_default() += 1;
    }

    fn remove(&self, host: &HostId) {
        let mut counts = self.0.lock();
        if let Some(count) = counts.get_mut(host) {
            *count -= 1;
            if *count == 0 {
                counts.remove(host);
            }
        }
    }

    fn hosts(&self) -> BTreeSet<HostId> {
        self.0.lock().keys().cloned().collect()
    }
}

impl Members {
    pub(super) fn join(redis: Redis) -> Self {
        let me = format!("{:016x}", rand::rng().random::<u64>());
        let shared = Arc::new(Shared {
            live: Mutex::new(BTreeSet::from([me.clone()])),
            me,
            standing: Counts::default(),
            led: Counts::default(),
        });
        let task = tokio::spawn(attend(redis.clone(), Arc::clone(&shared)));
        Self { redis, shared, task }
    }

    pub(super) async fn leave(&self) {
        self.task.abort();
        let leave = cmd("ZREM").arg(key(&self.redis)).arg(&self.shared.me).to_owned();
        // Whoever stays finds out by the time to live otherwise.
        if let Err(error) = self.redis.query::<i64>(&leave).await {
            debug!(%error, "could not leave the list of streamers");
        }
    }

    /// Notes that this process stands for a host, as long as the answer exists.
    pub(super) fn candidate(&self, host: &HostId) -> Standing {
        self.shared.standing.add(host);
        Standing { shared: Arc::clone(&self.shared), host: host.clone() }
    }

    /// How many live members come before this one for a host.
    pub(super) fn place(&self, host: &HostId) -> u32 {
        self.shared.place(host)
    }

    pub(super) fn leads(&self, host: &HostId) -> Led {
        self.shared.led.add(host);
        Led { shared: Arc::clone(&self.shared), host: host.clone() }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A host that this process wants to lead, as long as this exists.
#[derive(Debug)]
pub(super) struct Standing {
    shared: Arc<Shared>,
    host: HostId,
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.shared.standing.remove(&self.host);
    }
}

/// A host that this process leads, as long as this exists.
#[derive(Debug)]
pub(super) struct Led {
    shared: Arc<Shared>,
    host: HostId,
}

impl Led {
    /// Whether another should have this host: one comes before us for it, and we have more than our share.
    pub(super) fn should_go(&self) -> bool {
        let members = self.shared.live.lock().len();
        let (standing, led) = (self.shared.standing.hosts(), self.shared.led.hosts());
        let (hosts, led) = (standing.union(&led).count(), led.len());
        led * members * 100 > hosts * TOO_MANY_PERCENT && self.shared.place(&self.host) > 0
    }
}

impl Drop for Led {
    fn drop(&mut self) {
        self.shared.led.remove(&self.host);
    }
}

impl Shared {
    /// Rendezvous hashing: when a member comes or goes, only its own hosts move.
    fn place(&self, host: &HostId) -> u32 {
        let mine = weight(&self.me, host);
        let before = self.live.lock().iter().filter(|other| weight(other, host) > mine).count();
        u32::try_from(before).unwrap_or(u32::MAX)
    }
}

fn weight(member: &str, host: &HostId) -> u64 {
    // `DefaultHasher::new` has fixed keys: every member of one release computes the same. Members of two
    // releases that disagree wait a moment longer, nothing else.
    let mut hasher = DefaultHasher::new();
    (member, host).hash(&mut hasher);
    hasher.finish()
}

async fn attend(redis: Redis, shared: Arc<Shared>) {
    let mut ticks = interval(ATTEND_EVERY);
    loop {
        ticks.tick().await;
        let args = Args::new().bytes(&shared.me).number(GONE_AFTER_MS);
        match redis.run::<Vec<String>>(&ATTEND, &[&key(&redis)], &args).await {
            Ok(live) => *shared.live.lock() = live.into_iter().collect(),
            // Those who were there last: the lease itself decides.
            Err(error) => debug!(%error, "the list of streamers cannot be read"),
        }
    }
}

fn key(redis: &Redis) -> String {
    redis.keys().of_all("streamers")
}
