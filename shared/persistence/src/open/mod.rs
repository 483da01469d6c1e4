//! Opening the database: every way it can fail is one sentence that says what to do.

pub(crate) mod file;
pub(crate) mod server;

use std::{fmt, path::PathBuf, time::Duration};

use sea_orm::{DatabaseConnection, DbErr};

use self::server::{Server, ServerError};

/// How long a call waits for a connection before it says that the database is busy.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Why the database cannot be used. Its text is shown to whoever starts the product.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address names a database that this build cannot use.
    #[error(
        "the database address must begin with sqlite: followed by a path, for example sqlite:///var/lib/dockline/dockline.db, or be postgres://user:password@host:5432/database"
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
    #[error(
        "the database {database} was written by a newer Dockline (it knows the schema step {step}): run that version, or restore a backup from before the update"
    )]
    TooNew {
        /// The file, or the database's name and its server.
        database: String,
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
    /// The PostgreSQL server, or the database on it, cannot be used.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Which database it is, for messages. Holds no secret.
pub(crate) enum Place {
    File(PathBuf),
    Server(Server),
}

impl Place {
    /// Explains a failure of the engine.
    pub(crate) fn explain(&self, error: &DbErr) -> OpenError {
        match self {
            Self::File(path) => file::explain(path, error),
            Self::Server(server) => server.explain(error).into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

/// An open database.
pub(crate) struct Pools {
    pub(crate) place: Place,
    /// For transactions that change something.
    pub(crate) write: DatabaseConnection,
    /// For everything else.
    pub(crate) read: DatabaseConnection,
}

/// Opens what `url` names, and leaves its schema alone.
pub(crate) async fn open(url: &str) -> Result<Pools, OpenError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(server::open(url).await?)
    } else {
        file::open(url).await
    }
}

/// The innermost message, on one line.
fn last_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string().lines().collect::<Vec<_>>().join(" ")
}
