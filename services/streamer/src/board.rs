//! Where a streamer of a cluster learns the hosts: it has no database, and replicas post what is in theirs.

use std::{sync::Arc, time::Duration};

use dockline_docker::Hosts;
use dockline_fanout::{Error, HostBoard};
use dockline_hosts::Opener;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// How often the board is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Keeps a directory equal to what replicas post.
///
/// When the board is empty or does not answer, the hosts of before stay: a store that has forgotten them says nothing
/// about them.
pub struct BoardReader {
    board: Arc<dyn HostBoard>,
    opener: Opener,
    hosts: Hosts,
    /// The revision of the book in force; `None` before the first.
    known: Option<u64>,
    /// Whether the last look failed: said once.
    is_silent: bool,
}

impl BoardReader {
    /// Fills `hosts` from `board`.
    #[must_use]
    pub const fn new(board: Arc<dyn HostBoard>, opener: Opener, hosts: Hosts) -> Self {
        Self { board, opener, hosts, known: None, is_silent: false }
    }

    /// Runs until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let look = async {
            loop {
                ticks.tick().await;
                match self.look().await {
                    Ok(()) => self.is_silent = false,
                    Err(error) if !self.is_silent => {
                        warn!(%error, "the hosts cannot be read; those of before stay");
                        self.is_silent = true;
                    }
                    Err(_) => {}
                }
            }
        };
        tokio::select! {
            () = look => {}
            () = shutdown.cancelled() => {}
        }
    }

    async fn look(&mut self) -> Result<(), Error> {
        // One number a second, the book only when it is another one: also an older one, of a database that was set
        // back, is what counts now.
        let posted = self.board.posted_revision().await?;
        if posted.is_none() || posted == self.known {
            return Ok(());
        }
        if let Some(book) = self.board.posted_hosts().await? {
            self.opener.fill(&self.hosts, &book);
            info!(hosts = book.hosts.len(), revision = book.revision, "the hosts were told");
            self.known = Some(book.revision);
        }
        Ok(())
    }
}

impl std::fmt::Debug for BoardReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoardReader").field("known", &self.known).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use dockline_auth::{Sealer, SecretKey};
    use dockline_docker::fake::FakeEngine;
    use dockline_domain::host::{HostBook, HostOrigin, HostRecord};
    use dockline_fanout::memory::{MemoryFanout, MemoryOptions};

    use super::*;

    fn book(revision: u64, names: &[&str]) -> HostBook {
        let record = |name: &&str| HostRecord {
            id: name.parse().expect("an id"),
            address: "unix:///nowhere".to_owned(),
            labels: BTreeMap::new(),
            enabled: true,
            origin: HostOrigin::Added,
            sealed: None,
            revision: 1,
            created_at: 0,
            updated_at: 0,
        };
        HostBook { revision, hosts: names.iter().map(record).collect() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_posted_is_known_within_a_second_and_nothing_is_no_news() {
        let board = Arc::new(MemoryFanout::new(MemoryOptions::default()));
        let opener =
            Opener::with_engines(Sealer::new(&SecretKey::generate()), |host, _| FakeEngine::new(host));
        let (hosts, shutdown) = (Hosts::default(), CancellationToken::new());
        let reader = BoardReader::new(board.clone(), opener, hosts.clone());
        let running = tokio::spawn(reader.run(shutdown.clone()));
        let names = || hosts.all().iter().map(|host| host.id.to_string()).collect::<Vec<_>>();
        let second = || tokio::time::sleep(LOOK_EVERY + Duration::from_millis(1));
        second().await;
        assert_eq!(names(), [""; 0]);
        board.post_hosts(&book(1, &["a", "b"])).await.expect("posted");
        second().await;
        assert_eq!(names(), ["a", "b"]);
        board.post_hosts(&book(2, &["b"])).await.expect("posted");
        second().await;
        assert_eq!(names(), ["b"]);
        board.post_hosts(&book(3, &[])).await.expect("posted");
        second().await;
        assert_eq!(names(), [""; 0], "the last one was removed");
        shutdown.cancel();
        running.await.expect("no panic");
    }
}
