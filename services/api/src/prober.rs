//! Which engines answer: each is asked once a second, so that nobody waits for one that is known not to.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use dockline_docker::{Error, Host, Hosts};
use dockline_domain::HostId;
use futures::future::join_all;
use parking_lot::Mutex;
use prometheus::IntGaugeVec;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How often each engine is asked.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// An engine that takes longer counts as unresponsive.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// What the last pings said.
#[derive(Debug)]
pub(crate) struct Prober {
    failures: Mutex<HashMap<HostId, Failure>>,
    /// 1 for each host that answered, 0 for each that did not.
    up: IntGaugeVec,
}

/// A ping that was not answered.
#[derive(Debug, Clone)]
struct Failure {
    /// Of the host as it was then: what was changed since has not been tried.
    revision: u64,
    reason: String,
    since: Instant,
}

impl Prober {
    /// Nobody has been asked yet; what the pings say is also told as the metric `up`.
    pub(crate) fn new(up: IntGaugeVec) -> Self {
        Self { failures: Mutex::default(), up }
    }

    /// Asks every enabled host until `shutdown`.
    pub(crate) async fn run(&self, hosts: &Hosts, shutdown: &CancellationToken) {
        let mut ticks = interval(ASK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ask = async {
            let mut before = HashSet::new();
            loop {
                ticks.tick().await;
                let asked: Vec<Host> = hosts.all().into_iter().filter(|host| host.enabled).collect();
                let ids = asked.iter().map(|host| host.id.clone()).collect();
                for gone in before.difference(&ids) {
                    self.forget(gone);
                }
                join_all(asked.iter().map(|host| self.ask(host))).await;
                before = ids;
            }
        };
        tokio::select! {
            () = ask => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Why the host's engine counts as unresponsive, if it does.
    pub(crate) fn failure(&self, host: &Host) -> Option<String> {
        let failures = self.failures.lock();
        failures
            .get(&host.id)
            .filter(|failure| failure.revision == host.revision)
            .map(|one| one.reason.clone())
    }

    fn forget(&self, host: &HostId) {
        self.failures.lock().remove(host);
        // An error says that there is no such series: the host went before its first answer.
        let _never_asked = self.up.remove_label_values(&[host.as_str()]);
    }

    async fn ask(&self, host: &Host) {
        let answer = match timeout(ANSWER_WITHIN, host.engine.ping()).await {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_) => Err(Error::TimedOut { operation: "answer a ping" }.to_string()),
        };
        self.up.with_label_values(&[host.id.as_str()]).set(i64::from(answer.is_ok()));
        let mut failures = self.failures.lock();
        match answer {
            Ok(()) => {
                if let Some(failure) = failures.remove(&host.id) {
                    let seconds = failure.since.elapsed().as_secs();
                    info!(host = %host.id, seconds, "the engine answers again");
                }
            }
            Err(reason) => {
                let since = failures.get(&host.id).map(|known| known.since);
                if since.is_none() {
                    warn!(host = %host.id, reason, "the engine does not answer; lists do not wait for it");
                }
                let since = since.unwrap_or_else(Instant::now);
                failures.insert(host.id.clone(), Failure { revision: host.revision, reason, since });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use dockline_docker::fake::FakeEngine;
    use prometheus::core::Collector;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_host_is_unresponsive_from_a_failed_ping_to_the_next_that_is_answered() {
        let id: HostId = "edge".parse().expect("an id");
        let engine = FakeEngine::new(id.clone());
        let address = "unix:///nowhere".parse().expect("an address");
        let host = Host::new(id, address, Arc::clone(&engine) as _);
        let up = IntGaugeVec::new(prometheus::Opts::new("up", "up"), &["host"]).expect("a metric");
        let told = || {
            let series = up.collect().swap_remove(0);
            series.get_metric().iter().map(|one| one.get_gauge().get_value()).collect::<Vec<_>>()
        };
        let (hosts, prober) = (Hosts::fixed([host.clone()]), Prober::new(up.clone()));
        let shutdown = CancellationToken::new();
        let test = async {
            let step = || tokio::time::sleep(ASK_EVERY + Duration::from_millis(10));
            step().await;
            assert_eq!(prober.failure(&host), None);
            assert_eq!(told(), [1.0]);
            engine.set_unreachable(true);
            step().await;
            assert_eq!(told(), [0.0]);
            assert!(prober.failure(&host).expect("unresponsive").contains("switched off"));
            let changed = Host { revision: 1, ..host.clone() };
            assert_eq!(prober.failure(&changed), None, "what was changed has not been tried");
            engine.set_unreachable(false);
            step().await;
            assert_eq!(prober.failure(&host), None);
            assert_eq!(told(), [1.0]);
            hosts.replace(std::collections::BTreeMap::new());
            step().await;
            assert!(told().is_empty(), "a host that went is not told of");
            shutdown.cancel();
        };
        tokio::join!(prober.run(&hosts, &shutdown), test);
    }
}
