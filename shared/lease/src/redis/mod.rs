//! Elections over Redis: a lease with a time to live per host, and a token that only grows.
//!
//! Redis can forget (a failover, FLUSHALL), and a paused process can believe in a lease that has run out.
//! Neither does harm: every write carries the term's token, and the script that stores it compares the token
//! with the lease in the same step.

mod members;
mod term;

use std::{sync::LazyLock, time::Duration};

use async_trait::async_trait;
use dockline_domain::HostId;
use dockline_redis::{Args, Message, Redis, Script};
use rand::Rng;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;

use self::{members::Members, term::Term};
use crate::{Error, FenceToken, Leadership, Lease};

static CLAIM: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("claim.lua")));

/// How long things take. The defaults hold a take-over after kill −9 under two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// A lease that is not renewed is free after this time.
    pub time_to_live: Duration,
    /// How often it is renewed.
    pub renew_every: Duration,
    /// A leader that could not renew for this time, counted from before the last request that succeeded was
    /// sent, stops. The rest of the time to live is the difference of clock rates that is tolerated, as in
    /// Kubernetes' leader election.
    pub stop_after: Duration,
    /// A leader keeps a host at least this long before it hands it to one who should have it.
    pub hold_at_least: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            time_to_live: Duration::from_millis(1_500),
            renew_every: Duration::from_millis(300),
            stop_after: Duration::from_millis(1_000),
            hold_at_least: Duration::from_mins(1),
        }
    }
}

/// By how much whoever is not first in line lets the one before go first.
const PLACE_IN_LINE: Duration = Duration::from_millis(150);
/// Spreads those who wait for the same lease.
const JITTER_MS: u64 = 100;
/// The longest wait without a look at the lease: whoever has it may have lost it with Redis' memory.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The key of a host's lease, which holds the term's token: scripts that store a leader's writes compare it.
#[must_use]
pub fn lease_key(redis: &Redis, host: &HostId) -> String {
    redis.keys().of_host(host, "lease")
}

/// Elections over Redis.
#[derive(Debug)]
pub struct RedisLease {
    redis: Redis,
    timing: Timing,
    members: Members,
    terms: TaskTracker,
}

impl RedisLease {
    /// Joins those who stand for election.
    #[must_use]
    pub fn new(redis: Redis, timing: Timing) -> Self {
        let members = Members::join(redis.clone());
        Self { redis, timing, members, terms: TaskTracker::new() }
    }

    /// Waits until every term that ended here has been given back, and leaves.
    pub async fn close(&self) {
        self.terms.close();
        self.terms.wait().await;
        self.members.leave().await;
    }

    /// Tries once: a term, or how long to wait at most.
    async fn claim(&self, host: &HostId) -> Result<Result<Term, Duration>, Error> {
        let (lease, fence) = (lease_key(&self.redis, host), self.redis.keys().of_host(host, "fence"));
        let args = Args::new().number(millis(self.timing.time_to_live));
        let asked = Instant::now();
        let (token, rest): (u64, u64) = self.redis.run(&CLAIM, &[&lease, &fence], &args).await?;
        if token == 0 {
            return Ok(Err(Duration::from_millis(rest)));
        }
        Ok(Ok(Term { host: host.clone(), token: FenceToken(token), asked, on_empty_store: rest == 1 }))
    }
}

#[async_trait]
impl Lease for RedisLease {
    async fn campaign(&self, host: &HostId) -> Result<Leadership, Error> {
        let _standing = self.members.candidate(host);
        let released = self.redis.keys().of_host(host, "released");
        let mut released = self.redis.subscribe(&released);
        loop {
            // The first in line takes a free lease at once, the others a moment later, if it is still free.
            let place = self.members.place(host);
            sleep(PLACE_IN_LINE.saturating_mul(place.min(4))).await;
            match self.claim(host).await? {
                Ok(term) => return Ok(term.begin(&self.redis, self.timing, &self.members, &self.terms)),
                Err(left) => {
                    let jitter = Duration::from_millis(rand::rng().random_range(0..JITTER_MS / 2));
                    let wait = left.min(LOOK_EVERY) + jitter;
                    // Woken by a release or by the time: both mean "try again".
                    let _either =
                        timeout(wait, async { while let Some(Message::Sync) = released.next().await {} })
                            .await;
                }
            }
        }
    }
}

impl From<dockline_redis::Error> for Error {
    fn from(error: dockline_redis::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
