//! The Docker hosts of the installation as this replica knows them.
//!
//! The database is the truth. A change made here is in force here at once; one made at another replica is found within
//! a second, by comparing one number. Streamers have no database: each replica sees to it that the board, which they
//! read, has the newest book.

use std::{future::Future, sync::Arc, time::Duration};

use dockline_docker::{Address, Hosts};
use dockline_domain::{
    HostId,
    host::{HostBook, HostRecord},
};
use dockline_fanout::HostBoard;
use dockline_hosts::Opener;
use dockline_persistence::{Database, Error, HostBooks, HostChange, Moment, NewHost, Result};
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Interval, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

/// How often the database is asked whether another replica changed something, and the board whether it is up to date.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What a directory is made of.
pub struct DirectoryParts {
    /// Where the hosts are kept.
    pub database: Database,
    /// The hosts that the settings name.
    pub declared: Vec<(HostId, Address)>,
    /// The setting that names them, for messages.
    pub setting: &'static str,
    /// What the others of this process see.
    pub hosts: Hosts,
    /// Makes engines of records.
    pub opener: Opener,
    /// What streamers read.
    pub board: Arc<dyn HostBoard>,
}

/// The hosts: stored, opened, and told to whoever has no database.
pub struct Directory {
    books: HostBooks,
    setting: &'static str,
    hosts: Hosts,
    opener: Opener,
    board: Arc<dyn HostBoard>,
    book: Mutex<Arc<HostBook>>,
    /// Held while the book is read and put in force, so that of two readings the later one stays.
    reading: tokio::sync::Mutex<()>,
    /// Streamers are to be told at once.
    changed_here: Notify,
}

impl Directory {
    /// Writes the hosts of the settings down and fills the directory. Nobody is contacted but the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(parts: DirectoryParts) -> Result<Self> {
        let books = parts.database.hosts();
        let declared = parts.declared.into_iter().map(|(id, address)| (id, address.to_string())).collect();
        let book = books.declare(declared, Moment::now()).await?;
        parts.opener.fill(&parts.hosts, &book);
        Ok(Self {
            books,
            setting: parts.setting,
            hosts: parts.hosts,
            opener: parts.opener,
            board: parts.board,
            book: Mutex::new(Arc::new(book)),
            reading: tokio::sync::Mutex::default(),
            changed_here: Notify::new(),
        })
    }

    /// Keeps up with other replicas, and the board with this one, until `shutdown`.
    pub(crate) async fn follow(&self, shutdown: &CancellationToken) {
        let look = async {
            let mut ticks = every_second();
            loop {
                ticks.tick().await;
                self.catch_up().await;
            }
        };
        // Beside the other: a store that hangs must not keep this replica from what others changed.
        let post = async {
            let mut ticks = every_second();
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    () = self.changed_here.notified() => {}
                }
                if let Err(reason) = self.post().await {
                    debug!(
                        reason,
                        "the hosts could not be told to the streamers, which go on with those of before"
                    );
                }
            }
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(look, post) } => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// Reads the hosts again if another replica changed them. What was known stays when the database does not answer.
    pub(crate) async fn catch_up(&self) {
        let caught_up = async {
            if self.books.revision().await? != self.book().revision {
                self.read().await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = caught_up.await {
            debug!(%error, "the hosts cannot be read; those of before are in force");
        }
    }

    /// The hosts as they are stored.
    pub(crate) fn book(&self) -> Arc<HostBook> {
        Arc::clone(&self.book.lock())
    }

    /// One host as it is stored now, whichever replica changed it last.
    pub(crate) async fn record(&self, id: &HostId) -> Option<HostRecord> {
        self.catch_up().await;
        self.book().get(id).cloned()
    }

    /// The setting that names hosts.
    pub(crate) const fn setting(&self) -> &'static str {
        self.setting
    }

    /// Makes engines, and seals what they need.
    pub(crate) const fn opener(&self) -> &Opener {
        &self.opener
    }

    /// What the others of this process see.
    pub(crate) const fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    pub(crate) async fn add(&self, new: NewHost) -> Result<HostRecord> {
        let added = self.books.insert(new, Moment::now()).await?;
        self.put_in_force().await;
        Ok(added)
    }

    pub(crate) async fn change(&self, seen: &HostRecord, change: HostChange) -> Result<HostRecord> {
        let changed = self.books.update(seen, change, Moment::now()).await?;
        self.put_in_force().await;
        Ok(changed)
    }

    pub(crate) async fn remove(&self, id: &HostId) -> Result<HostRecord> {
        let removed = self.books.remove(id, Moment::now()).await?;
        self.put_in_force().await;
        Ok(removed)
    }

    /// Completes when a host is not in use any more, and says why.
    pub(crate) fn left(&self, id: &HostId) -> impl Future<Output = &'static str> + Send + 'static {
        let (id, mut watch) = (id.clone(), self.hosts.watch());
        async move {
            loop {
                match watch.borrow_and_update().get(&id) {
                    None => return "the host was removed",
                    Some(host) if !host.enabled => return "the host was disabled",
                    Some(_) => {}
                }
                if watch.changed().await.is_err() {
                    // The process ends, and says so itself.
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// What was just stored is in force here when this returns. A failure is mended by the next look.
    async fn put_in_force(&self) {
        if let Err(error) = self.read().await {
            warn!(%error, "a change of the hosts is stored, but cannot be read back yet");
        }
        self.changed_here.notify_one();
    }

    async fn read(&self) -> Result<()> {
        let _one_at_a_time = self.reading.lock().await;
        let book = self.books.load().await?;
        self.opener.fill(&self.hosts, &book);
        *self.book.lock() = Arc::new(book);
        Ok(())
    }

    /// Sees to it that the board has what is in force here.
    async fn post(&self) -> Result<(), String> {
        let book = self.book();
        let told = |error: dockline_fanout::Error| error.to_string();
        let stored = |error: Error| error.to_string();
        let posted = self.board.posted_revision().await.map_err(told)?;
        if posted == Some(book.revision) {
            return Ok(());
        }
        let stands = self.board.post_hosts(&book).await.map_err(told)?;
        if stands <= book.revision {
            return Ok(());
        }
        // Another replica posted what it had stored before.
        self.read().await.map_err(stored)?;
        if self.book().revision >= stands {
            return Ok(());
        }
        // Nothing is posted that was not stored: the database was set back to a backup.
        let revision = self.books.overtake(stands, Moment::now()).await.map_err(stored)?;
        info!(revision, "the database is older than what streamers know of the hosts; what it holds counts");
        self.read().await.map_err(stored)?;
        self.board.post_hosts(&self.book()).await.map_err(told).map(drop)
    }
}

fn every_second() -> Interval {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("setting", &self.setting).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for DirectoryParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DirectoryParts").field("declared", &self.declared).finish_non_exhaustive()
    }
}
