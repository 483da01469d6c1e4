use std::{path::PathBuf, sync::Arc, time::Duration};

use dockline_migrations::Migrator;
use futures::future::BoxFuture;
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tracing::Instrument;

use crate::{
    AuditLog, Error, OpenError, Result, Sessions, SetupState, Users,
    error::failed,
    open::{explain, path_of, prepare},
};

/// The database: cheap to clone, closed by [`Database::close`].
#[derive(Clone)]
pub struct Database(Arc<Pools>);

struct Pools {
    path: PathBuf,
    /// One connection: changes wait for each other here, not inside SQLite.
    write: DatabaseConnection,
    /// Cannot write, whatever it is asked.
    read: DatabaseConnection,
}

const READERS: u32 = 3;
/// How long a call waits for a connection before it says that the database is busy.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long SQLite waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Up to this size the whole file is checked at start; larger ones would delay it.
const CHECKED_BYTES: u64 = 32 << 20;

impl Database {
    /// Opens the SQLite file that `url` names, makes it if it is absent, and applies the schema steps
    /// that it lacks.
    ///
    /// # Errors
    /// [`OpenError`], whose text says what to do.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let database = Self::open_unmigrated(url).await?;
        database.migrate().await?;
        Ok(database)
    }

    /// Opens the file as [`Database::open`] does, without touching its schema.
    ///
    /// # Errors
    /// [`OpenError`], whose text says what to do.
    pub async fn open_unmigrated(url: &str) -> Result<Self, OpenError> {
        let path = path_of(url)?;
        prepare(&path)?;
        let write = connect(&path, 1, false).await.map_err(|error| explain(&path, &error))?;
        check(&path, &write).await?;
        let read = connect(&path, READERS, true).await.map_err(|error| explain(&path, &error))?;
        Ok(Self(Arc::new(Pools { path, write, read })))
    }

    /// Applies the schema steps that the database lacks; returns how many those were.
    ///
    /// # Errors
    /// [`OpenError::TooNew`] when it has steps that this build does not know, and then nothing is
    /// changed; [`OpenError::Migration`] when a step fails.
    pub async fn migrate(&self) -> Result<usize, OpenError> {
        let explain = |error: DbErr| explain(&self.0.path, &error);
        let applied = Migrator::get_migration_models(&self.0.write).await.map_err(explain)?;
        let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        if let Some(step) = applied.into_iter().map(|model| model.version).find(|step| !known.contains(step))
        {
            return Err(OpenError::TooNew { path: self.0.path.clone(), step });
        }
        let pending = Migrator::get_pending_migrations(&self.0.write).await.map_err(explain)?.len();
        if pending > 0 {
            Migrator::up(&self.0.write, None).await.map_err(explain)?;
            tracing::info!(steps = pending, "the database schema was brought up to date");
        }
        Ok(pending)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        self.0.read.ping().await.map_err(failed("answer"))
    }

    /// Finishes what is under way and closes the file.
    ///
    /// # Errors
    /// When the engine cannot close it cleanly.
    pub async fn close(self) -> Result<()> {
        self.0.read.close_by_ref().await.map_err(failed("close"))?;
        self.0.write.close_by_ref().await.map_err(failed("close"))
    }

    /// Runs a statement around the repositories, as an intruder would. For tests only.
    ///
    /// # Errors
    /// When the engine refuses it.
    #[cfg(feature = "raw-sql")]
    pub async fn execute_raw(&self, statement: &str) -> Result<()> {
        self.0.write.execute_unprepared(statement).await.map(drop).map_err(failed("run a statement"))
    }

    /// Accounts.
    #[must_use]
    pub fn users(&self) -> Users {
        Users::new(self.clone())
    }

    /// Sign-ins.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(self.clone())
    }

    /// The audit log.
    #[must_use]
    pub fn audit(&self) -> AuditLog {
        AuditLog::new(self.clone())
    }

    /// Whether the first administrator exists.
    #[must_use]
    pub fn setup(&self) -> SetupState {
        SetupState::new(self.clone())
    }

    pub(crate) fn read(&self) -> &DatabaseConnection {
        &self.0.read
    }

    /// Runs `work` in one transaction: committed if it succeeds, rolled back if it fails.
    ///
    /// It runs in a task of its own, since a transaction whose future is dropped half-way would hand
    /// the connection to its next user with the transaction still open.
    pub(crate) async fn write<T, F>(&self, operation: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'tx> FnOnce(&'tx DatabaseTransaction) -> BoxFuture<'tx, Result<T>> + Send + 'static,
    {
        let pools = Arc::clone(&self.0);
        let task = async move {
            // Immediate: a transaction that reads first and writes later would fail at the upgrade
            // when another process has written in between.
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            let tx = pools.write.begin_with_options(options).await.map_err(failed(operation))?;
            match work(&tx).await {
                Ok(value) => tx.commit().await.map(|()| value).map_err(failed(operation)),
                Err(error) => {
                    if let Err(cause) = tx.rollback().await {
                        tracing::warn!(%cause, operation, "a transaction could not be rolled back");
                    }
                    Err(error)
                }
            }
        };
        tokio::spawn(task.in_current_span()).await.map_err(|_| Error::Closing { operation })?
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.0.path).finish_non_exhaustive()
    }
}

async fn connect(
    path: &std::path::Path,
    connections: u32,
    reader: bool,
) -> Result<DatabaseConnection, DbErr> {
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
async fn check(path: &std::path::Path, db: &DatabaseConnection) -> Result<(), OpenError> {
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
