//! Opening the database file: every way it can fail is one sentence that says what to do.

use std::path::{Path, PathBuf};

use sea_orm::DbErr;

use crate::error::sqlite_code;

/// Why the database cannot be used. Its text is shown to whoever starts the product.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address names a database that this build cannot use.
    #[error(
        "the database address must begin with sqlite: followed by a path, for example sqlite:///var/lib/dockline/dockline.db"
    )]
    Address,
    /// The folder or the file cannot be made, read or written.
    #[error("the database {} cannot be opened ({reason}): make its folder exist and be writable for this user, or choose another folder with DOCKLINE_DATA_DIR", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The operating system's or the engine's words.
        reason: String,
    },
    /// The file is no database, or parts of it are broken.
    #[error("the database {} is damaged or is no database ({reason}): restore it from a backup, or move it away to begin with an empty one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The engine's words.
        reason: String,
    },
    /// A later version of the product has written it.
    #[error("the database {} was written by a newer Dockline (it knows the schema step {step}): run that version, or restore a backup from before the update", path.display())]
    TooNew {
        /// The file.
        path: PathBuf,
        /// The first step that this build does not know.
        step: String,
    },
    /// Another process holds it for longer than we wait.
    #[error("the database {} is locked by another process: stop the other Dockline that uses this data folder, then start again", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The schema could not be brought up to date.
    #[error("the schema of the database {} could not be brought up to date ({reason}): look at the disk's free space and permissions, then start again", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// The engine's words.
        reason: String,
    },
}

/// The path in a `sqlite:` address.
pub(crate) fn path_of(url: &str) -> Result<PathBuf, OpenError> {
    let rest = url.strip_prefix("sqlite:").ok_or(OpenError::Address)?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return Err(OpenError::Address);
    }
    Ok(PathBuf::from(path))
}

/// Makes the folder and the file, readable by this user only: the file holds password hashes.
pub(crate) fn prepare(path: &Path) -> Result<(), OpenError> {
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

/// Explains a failure of the engine while opening.
pub(crate) fn explain(path: &Path, error: &DbErr) -> OpenError {
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

/// The innermost message, on one line.
fn last_cause(error: &DbErr) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().lines().collect::<Vec<_>>().join(" ")
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
            assert_eq!(path_of(url).expect("valid"), PathBuf::from(path));
        }
        for bad in ["postgres://u:secret@h/db", "", "sqlite:", "sqlite::memory:"] {
            let error = path_of(bad).expect_err("refused").to_string();
            assert!(!error.contains("secret"));
        }
    }
}
