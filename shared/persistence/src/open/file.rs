//! SQLite: one file, one process. Changes go through one connection, reads through a few others.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, Statement};

use super::{ACQUIRE, OpenError, Place, Pools, last_cause};
use crate::error::sqlite_code;

const READERS: u32 = 3;
/// How long SQLite waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Up to this size the whole file is checked at start; larger ones would delay it.
const CHECKED_BYTES: u64 = 32 << 20;

/// Opens the file, and makes it if it is absent.
pub(super) async fn open(url: &str) -> Result<Pools, OpenError> {
    let path = sqlite_file(url)?;
    prepare(&path)?;
    // One connection: changes wait for each other here, not inside SQLite.
    let write = connect(&path, 1, false).await.map_err(|error| explain(&path, &error))?;
    check(&path, &write).await?;
    // Cannot write, whatever it is asked.
    let read = connect(&path, READERS, true).await.map_err(|error| explain(&path, &error))?;
    Ok(Pools { place: Place::File(path), write, read })
}

/// The path in a `sqlite:` address.
///
/// # Errors
/// [`OpenError::Address`] when it is no such address.
pub fn sqlite_file(url: &str) -> Result<PathBuf, OpenError> {
    let rest = url.strip_prefix("sqlite:").ok_or(OpenError::Address)?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return Err(OpenError::Address);
    }
    Ok(PathBuf::from(path))
}

/// Makes the folder and the file, readable by this user only: the file holds password hashes.
fn prepare(path: &Path) -> Result<(), OpenError> {
    let unusable =
        |error: std::io::Error| OpenError::Unusable { path: path.to_owned(), reason: error.to_string() };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unusable)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(unusable)?;
    Ok(())
}

async fn connect(path: &Path, connections: u32, reader: bool) -> Result<DatabaseConnection, DbErr> {
    // The address only selects the driver: the real path is set below, so that no character of it is
    // taken for a part of a URL.
    let mut options = ConnectOptions::new("sqlite://dockline.db");
    let path = path.to_owned();
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        // Statements carry values: they are never logged.
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            let options = options
                .filename(&path)
                .create_if_missing(true)
                .busy_timeout(BUSY)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "NORMAL");
            if reader { options.pragma("query_only", "ON") } else { options }
        });
    sea_orm::Database::connect(options).await
}

/// Looks for damage while that is cheap.
async fn check(path: &Path, db: &DatabaseConnection) -> Result<(), OpenError> {
    let large = std::fs::metadata(path).is_ok_and(|file| file.len() > CHECKED_BYTES);
    let sql = if large { "SELECT count(*) FROM sqlite_master" } else { "PRAGMA quick_check(1)" };
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.map_err(|error| explain(path, &error))?;
    let Some(row) = row.filter(|_| !large) else { return Ok(()) };
    let verdict: String = row.try_get_by_index(0).map_err(|error| explain(path, &error))?;
    if verdict == "ok" {
        return Ok(());
    }
    let reason = verdict.lines().collect::<Vec<_>>().join(" ");
    Err(OpenError::Damaged { path: path.to_owned(), reason })
}

/// Explains a failure of the engine while opening.
pub(super) fn explain(path: &Path, error: &DbErr) -> OpenError {
    let path = path.to_owned();
    let reason = last_cause(error);
    match sqlite_code(error) {
        // SQLITE_CORRUPT, SQLITE_FORMAT, SQLITE_NOTADB
        Some(11 | 24 | 26) => OpenError::Damaged { path, reason },
        // SQLITE_BUSY, SQLITE_LOCKED
        Some(5 | 6) => OpenError::Locked { path },
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN
        Some(3 | 8 | 10 | 13 | 14) => OpenError::Unusable { path, reason },
        _ => OpenError::Migration { path, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (url, path) in [
            ("sqlite:///var/lib/dockline/dockline.db", "/var/lib/dockline/dockline.db"),
            ("sqlite://data/x.db?mode=rwc", "data/x.db"),
            ("sqlite:x.db", "x.db"),
        ] {
            assert_eq!(sqlite_file(url).expect("valid"), PathBuf::from(path));
        }
        for bad in ["mysql://u:secret@h/db", "", "sqlite:", "sqlite::memory:"] {
            let error = sqlite_file(bad).expect_err("refused").to_string();
            assert!(!error.contains("secret"));
        }
    }
}
