//! One term: renewed until it is given back, lost, or should be another's.

use std::sync::LazyLock;

use dockline_domain::HostId;
use dockline_redis::{Args, Redis, Script};
use tokio::time::{Instant, interval_at, timeout_at};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, info, warn};

use super::{
    Timing, lease_key,
    members::{Led, Members},
    millis,
};
use crate::{FenceToken, Leadership};

static RENEW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("renew.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("release.lua")));

pub(super) struct Term {
    pub(super) host: HostId,
    pub(super) token: FenceToken,
    /// When the claim was sent: the lease lives at least its time to live from then on.
    pub(super) asked: Instant,
    /// Whether the store had never heard of this host, or had forgotten everything.
    pub(super) on_empty_store: bool,
}

impl Term {
    /// Starts the renewals. The term ends when the leadership is dropped, or when `ended` says so.
    pub(super) fn begin(
        self,
        redis: &Redis,
        timing: Timing,
        members: &Members,
        terms: &TaskTracker,
    ) -> Leadership {
        let ended = CancellationToken::new();
        let resigned = CancellationToken::new();
        let (host, token) = (self.host.clone(), self.token);
        let empty_store_at = self.on_empty_store.then(std::time::Instant::now);
        let keeper = Keeper {
            term: self,
            redis: redis.clone(),
            timing,
            led: members.leads(&host),
            ended: ended.clone(),
        };
        terms.spawn(keeper.run(resigned.clone()));
        Leadership::new(host, token, ended, move || resigned.cancel()).on_empty_store(empty_store_at)
    }
}

struct Keeper {
    term: Term,
    redis: Redis,
    timing: Timing,
    led: Led,
    ended: CancellationToken,
}

impl Keeper {
    async fn run(self, resigned: CancellationToken) {
        let is_ours = self.keep(&resigned).await;
        self.ended.cancel();
        // Not before the last of the work has stopped, or the next leader meets our last writes.
        resigned.cancelled().await;
        if is_ours {
            self.release().await;
        }
    }

    /// Renews. Returns whether the lease was still ours at the end.
    async fn keep(&self, resigned: &CancellationToken) -> bool {
        let key = lease_key(&self.redis, &self.term.host);
        let args = Args::new().number(self.term.token.number()).number(millis(self.timing.time_to_live));
        let began = Instant::now();
        let mut renewed = self.term.asked;
        let mut ticks = interval_at(began + self.timing.renew_every, self.timing.renew_every);
        loop {
            let stop_at = renewed + self.timing.stop_after;
            tokio::select! {
                biased;
                () = resigned.cancelled() => return true,
                () = tokio::time::sleep_until(stop_at) => {
                    warn!(host = %self.term.host, "the lease could not be renewed in time: stopping");
                    return false;
                }
                _ = ticks.tick() => {}
            }
            let asked = Instant::now();
            // Also a renewal that hangs ends at the time to stop; ended then, not when it returns.
            match timeout_at(stop_at, self.redis.run::<i64>(&RENEW, &[&key], &args)).await {
                Ok(Ok(1)) => renewed = asked,
                Ok(Ok(_)) => {
                    warn!(host = %self.term.host, "the lease was lost: stopping");
                    return false;
                }
                Ok(Err(error)) => debug!(host = %self.term.host, %error, "a renewal failed"),
                Err(_) => {}
            }
            if began.elapsed() >= self.timing.hold_at_least && self.led.should_go() {
                info!(host = %self.term.host, "handing the host over to another streamer");
                return true;
            }
        }
    }

    async fn release(&self) {
        let key = lease_key(&self.redis, &self.term.host);
        let channel = self.redis.keys().of_host(&self.term.host, "released");
        let args =
            Args::new().number(self.term.token.number()).bytes(self.redis.publish_command()).bytes(channel);
        if let Err(error) = self.redis.run::<i64>(&RELEASE, &[&key], &args).await {
            debug!(host = %self.term.host, %error, "the lease was not given back; it runs out");
        }
    }
}
