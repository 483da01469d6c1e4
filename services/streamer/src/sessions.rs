//! Which hosts are campaigned for: a reconciler over the directory, as [`crate::readers`] is one over what is wanted.

use std::{collections::BTreeMap, sync::Arc};

use dockline_docker::{Engine, Host};
use dockline_domain::HostId;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{Streamer, host::HostTask};

/// The hosts of one streamer.
pub(crate) struct Sessions<'a> {
    streamer: &'a Streamer,
    running: BTreeMap<HostId, Running>,
    tasks: JoinSet<()>,
}

struct Running {
    engine: Arc<dyn Engine>,
    stop: CancellationToken,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(streamer: &'a Streamer) -> Self {
        Self { streamer, running: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// Ends the sessions of hosts that are gone, disabled or have another engine, and begins those that are missing. A
    /// new session need not wait for the old one of its host: the lease makes it.
    pub(crate) fn reconcile(&mut self, directory: &BTreeMap<HostId, Host>) {
        self.running.retain(|id, running| {
            let host = directory.get(id).filter(|host| host.enabled);
            let stays = host.is_some_and(|host| Arc::ptr_eq(&host.engine, &running.engine));
            if !stays {
                info!(host = %id, "the host is not read any more, or in another way");
                running.stop.cancel();
            }
            stays
        });
        for (id, host) in directory.iter().filter(|(_, host)| host.enabled) {
            if self.running.contains_key(id) {
                continue;
            }
            let stop = CancellationToken::new();
            let task = HostTask {
                host: host.clone(),
                lease: Arc::clone(&self.streamer.lease),
                publisher: Arc::clone(&self.streamer.publisher),
                metrics: self.streamer.metrics.clone(),
                recorder: self.streamer.recorder.clone(),
            };
            self.tasks.spawn(task.run(stop.clone()));
            self.running.insert(id.clone(), Running { engine: Arc::clone(&host.engine), stop });
        }
    }

    /// Waits for a session that broke: what it was for is not read any more, so that is the end of the streamer.
    pub(crate) async fn broken(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            go_on_with_panic(ended);
        }
        std::future::pending().await
    }

    /// Ends all sessions, and waits for that.
    pub(crate) async fn end(mut self) {
        for running in self.running.values() {
            running.stop.cancel();
        }
        while let Some(ended) = self.tasks.join_next().await {
            go_on_with_panic(ended);
        }
    }
}

fn go_on_with_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Some(panic) = ended.err().and_then(|error| error.try_into_panic().ok()) {
        std::panic::resume_unwind(panic);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dockline_docker::{Hosts, fake::FakeEngine};
    use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
    use dockline_lease::memory::MemoryLease;
    use dockline_telemetry::Metrics;
    use tokio::time::sleep;

    use super::*;

    fn host(engine: &Arc<FakeEngine>, revision: u64, enabled: bool) -> BTreeMap<HostId, Host> {
        let id: HostId = "edge".parse().expect("an id");
        let address = "unix:///nowhere".parse().expect("an address");
        let host = Host { revision, enabled, ..Host::new(id.clone(), address, Arc::clone(engine) as _) };
        BTreeMap::from([(id, host)])
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_are_read_while_they_are_enabled_and_anew_when_their_engine_is_another() {
        let id: HostId = "edge".parse().expect("an id");
        let (first, second) = (FakeEngine::new(id.clone()), FakeEngine::new(id));
        let hosts = Hosts::default();
        let fanout = Arc::new(MemoryFanout::new(MemoryOptions::default()));
        let metrics = Metrics::new().expect("metrics").streamer;
        let streamer = Streamer::new(hosts.clone(), Arc::new(MemoryLease::default()), fanout, metrics);
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(streamer.run(shutdown.clone()));
        let opened =
            |engine: &FakeEngine| engine.calls().iter().filter(|call| call.starts_with("events")).count();
        let settle = || sleep(Duration::from_secs(10));
        settle().await;
        hosts.replace(host(&first, 1, true));
        settle().await;
        assert_eq!(opened(&first), 1, "added");
        hosts.replace(host(&first, 2, true));
        settle().await;
        assert_eq!(opened(&first), 1, "another label breaks no stream");
        hosts.replace(host(&first, 3, false));
        settle().await;
        let lists = first.calls().len();
        sleep(Duration::from_secs(120)).await;
        assert_eq!(first.calls().len(), lists, "a disabled host is not asked");
        hosts.replace(host(&first, 4, true));
        settle().await;
        assert_eq!(opened(&first), 2, "enabled again");
        hosts.replace(host(&second, 5, true));
        settle().await;
        assert_eq!((opened(&first), opened(&second)), (2, 1), "another address");
        hosts.replace(BTreeMap::new());
        settle().await;
        let lists = second.calls().len();
        sleep(Duration::from_secs(120)).await;
        assert_eq!(second.calls().len(), lists, "removed");
        shutdown.cancel();
        running.await.expect("no panic");
    }
}
