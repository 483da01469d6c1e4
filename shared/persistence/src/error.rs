use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, SqlxError};

/// What a call to the database can end in. Never shows SQL or values.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another account has the name.
    #[error("there is already an account with this name")]
    UsernameTaken,
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchUser,
    /// Nobody would be left who may manage accounts.
    #[error("this is the last enabled administrator")]
    LastAdmin,
    /// The first administrator exists already.
    #[error("the first administrator exists already")]
    SetupDone,
    /// No connection became free, or the file stayed locked, for longer than we wait.
    #[error("the database is busy: could not {operation} in time")]
    Busy {
        /// What was tried, in words that fit after "could not".
        operation: &'static str,
    },
    /// The disk is full.
    #[error("the disk that holds the database is full: could not {operation}")]
    DiskFull {
        /// What was tried.
        operation: &'static str,
    },
    /// Anything else. The source is for the log only.
    #[error("the database could not {operation}")]
    Failed {
        /// What was tried.
        operation: &'static str,
        /// The engine's words.
        #[source]
        source: DbErr,
    },
    /// A task of ours was lost; only when the process is ending.
    #[error("the database is closing: could not {operation}")]
    Closing {
        /// What was tried.
        operation: &'static str,
    },
}

/// Result of a call to the database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether trying again later can help.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::DiskFull { .. } | Self::Closing { .. })
    }
}

/// Turns the engine's error into ours.
pub(crate) fn failed(operation: &'static str) -> impl FnOnce(DbErr) -> Error {
    move |source| match (&source, sqlite_code(&source)) {
        (DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed), _) => Error::Closing { operation },
        // SQLITE_BUSY and SQLITE_LOCKED.
        (DbErr::ConnectionAcquire(ConnAcquireErr::Timeout), _) | (_, Some(5 | 6)) => {
            Error::Busy { operation }
        }
        // SQLITE_FULL.
        (_, Some(13)) => Error::DiskFull { operation },
        _ => Error::Failed { operation, source },
    }
}

/// Whether a unique or primary key refused the row.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// SQLite's primary result code, if this is SQLite's error.
pub(crate) fn sqlite_code(error: &DbErr) -> Option<i32> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    let SqlxError::Database(error) = error.as_ref() else { return None };
    // Extended codes keep the primary one in their low byte.
    Some(error.code()?.parse::<i32>().ok()? & 0xff)
}
