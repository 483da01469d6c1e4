use dockline_jobs::JobState;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, SqlxError, SqlxPostgresError, SqlxSqliteError};

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
    /// Another host has the ID.
    #[error("there is already a host with this ID")]
    HostTaken,
    /// There is no such host.
    #[error("there is no such host")]
    NoSuchHost,
    /// Somebody changed the host since it was looked at.
    #[error("the host was changed meanwhile")]
    HostChanged,
    /// The settings name the host.
    #[error("the settings name this host")]
    HostDeclared,
    /// There are credentials for the registry already.
    #[error("there are credentials for this registry already")]
    RegistryTaken,
    /// There are no such credentials of a registry.
    #[error("there is no such registry")]
    NoSuchRegistry,
    /// Somebody changed the credentials since they were looked at.
    #[error("the registry was changed meanwhile")]
    RegistryChanged,
    /// Somebody changed the stack since it was looked at.
    #[error("the stack was changed meanwhile")]
    StackChanged,
    /// There is no such job.
    #[error("there is no such job")]
    NoSuchJob,
    /// The job has come to its end.
    #[error("the job is over ({})", .state.as_str())]
    JobOver {
        /// Which end.
        state: JobState,
    },
    /// There is a schedule of this name already.
    #[error("there is already a schedule with this name")]
    ScheduleTaken,
    /// There is no such schedule.
    #[error("there is no such schedule")]
    NoSuchSchedule,
    /// The schedule cannot be read as it is stored.
    #[error("the schedule cannot be read: {why}")]
    BrokenSchedule {
        /// What is wrong with it.
        why: String,
    },
    /// The schedule's last job waits or is worked on.
    #[error("the last job of this schedule is not over")]
    ScheduleBusy,
    /// There are so many schedules that no more are taken.
    #[error("there are too many schedules")]
    TooManySchedules,
    /// So many jobs wait or are worked on that no more are taken.
    #[error("too many jobs are waiting")]
    TooManyJobs,
    /// There is no such recording, or it has ended.
    #[error("there is no such recording")]
    NoSuchRecording,
    /// The recording is being written.
    #[error("the recording is being written")]
    RecordingGoesOn,
    /// No connection became free, a row or the file stayed locked for longer than we wait, or the
    /// server went away.
    #[error("the database is busy or cannot be reached: could not {operation} in time")]
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
    move |source| match trouble(&source) {
        Trouble::Closing => Error::Closing { operation },
        Trouble::Busy => {
            // The caller learns to try again; why is for whoever reads the log.
            tracing::debug!(%source, operation, "the database is busy or cannot be reached");
            Error::Busy { operation }
        }
        Trouble::DiskFull => Error::DiskFull { operation },
        Trouble::Other => Error::Failed { operation, source },
    }
}

/// Whether a unique or primary key refused the row.
pub(crate) fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

enum Trouble {
    Closing,
    Busy,
    DiskFull,
    Other,
}

fn trouble(error: &DbErr) -> Trouble {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => return Trouble::Closing,
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => return Trouble::Busy,
        _ => {}
    }
    if let Some(code) = sqlite_code(error) {
        return match code {
            // SQLITE_BUSY and SQLITE_LOCKED.
            5 | 6 => Trouble::Busy,
            // SQLITE_FULL.
            13 => Trouble::DiskFull,
            _ => Trouble::Other,
        };
    }
    match (postgres_code(error), sqlx_error(error)) {
        // disk_full
        (Some("53100"), _) => Trouble::DiskFull,
        // A deadlock or a conflict, a lock or a statement that took too long, a server that ends,
        // starts, has no connection left or has just become a standby.
        (
            Some("40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P02" | "57P03" | "53300" | "25006"),
            _,
        )
        | (None, Some(SqlxError::Io(_) | SqlxError::Tls(_))) => Trouble::Busy,
        _ => Trouble::Other,
    }
}

/// The driver's error in there, if it is one.
pub(crate) fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// PostgreSQL's SQLSTATE, if this is PostgreSQL's error.
fn postgres_code(error: &DbErr) -> Option<&str> {
    let SqlxError::Database(error) = sqlx_error(error)? else { return None };
    Some(error.try_downcast_ref::<SqlxPostgresError>()?.code())
}

/// SQLite's primary result code, if this is SQLite's error.
pub(crate) fn sqlite_code(error: &DbErr) -> Option<i32> {
    let SqlxError::Database(error) = sqlx_error(error)? else { return None };
    // Some SQLSTATEs are numbers too.
    error.try_downcast_ref::<SqlxSqliteError>()?;
    // Extended codes keep the primary one in their low byte.
    Some(error.code()?.parse::<i32>().ok()? & 0xff)
}
