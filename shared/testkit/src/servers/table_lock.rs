//! A table that nobody can write to for a while, as under a long transaction of somebody else.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::PostgresServer;

/// Longer than any test holds one; the server ends it by itself then.
const LONGEST_SECONDS: u32 = 300;
const WITHIN: Duration = Duration::from_secs(10);

/// A table of PostgreSQL that can be read and not written, until this is dropped.
#[derive(Debug)]
pub struct TableLock {
    server: Arc<PostgresServer>,
    url: String,
    table: String,
    holder: Option<JoinHandle<()>>,
}

impl TableLock {
    /// Locks it. Blocks its thread until that is done.
    pub(crate) fn take(server: &Arc<PostgresServer>, url: &str, table: &str) -> Result<Self> {
        let hold = format!("BEGIN; LOCK TABLE {table} IN SHARE MODE; SELECT pg_sleep({LONGEST_SECONDS})");
        let holder = thread::spawn({
            let (server, url) = (Arc::clone(server), url.to_owned());
            // It ends with an error: dropping the lock ends its connection.
            move || drop(server.query(&url, &hold))
        });
        let (server, url, table) = (Arc::clone(server), url.to_owned(), table.to_owned());
        let lock = Self { server, url, table, holder: Some(holder) };
        let end = Instant::now() + WITHIN;
        while lock.count("mode = 'ShareLock' AND granted")? == 0 {
            ensure!(Instant::now() < end, "{} could not be locked", lock.table);
            thread::sleep(Duration::from_millis(10));
        }
        Ok(lock)
    }

    /// How many wait to write. Blocks its thread.
    pub fn waiting(&self) -> Result<usize> {
        self.count("NOT granted")
    }

    fn count(&self, which: &str) -> Result<usize> {
        let sql =
            format!("SELECT count(*) FROM pg_locks WHERE relation = '{}'::regclass AND {which}", self.table);
        Ok(self.server.query(&self.url, &sql)?.parse()?)
    }
}

impl Drop for TableLock {
    fn drop(&mut self) {
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = '{}'::regclass AND mode = 'ShareLock'",
            self.table
        );
        if let Err(error) = self.server.query(&self.url, &end) {
            tracing::warn!(%error, "a table is locked until its time is over");
        } else if let Some(Err(_)) = self.holder.take().map(JoinHandle::join) {
            tracing::warn!("who held a lock panicked");
        }
    }
}
