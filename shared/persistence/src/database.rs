use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tracing::Instrument;

use crate::{
    AuditLog, Backups, Error, EventHistory, HostBooks, ImageUpdates, Jobs, OpenError, Recordings, Registries,
    Result, Schedules, Sessions, SetupState, Stacks, StatsHistory, Users,
    error::failed,
    jobs,
    open::{self, Place, Pools},
    schema,
};

/// The database: cheap to clone, closed by [`Database::close`].
#[derive(Clone)]
pub struct Database(Arc<Pools>);

impl Database {
    /// Opens what `url` names, for use.
    ///
    /// An SQLite file (`sqlite:…`) is made if it is absent, and gets the schema steps that it lacks.
    /// A PostgreSQL database (`postgres://…`) must have them: several replicas start at once, and one
    /// job changes the schema before they do.
    ///
    /// # Errors
    /// [`OpenError`], whose text says what to do.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let database = Self::open_unmigrated(url).await?;
        match &database.0.place {
            Place::File(_) => drop(database.migrate().await?),
            Place::Server(_) => schema::require_current(&database.0).await?,
        }
        Ok(database)
    }

    /// Opens it as [`Database::open`] does, without a look at its schema.
    ///
    /// # Errors
    /// [`OpenError`], whose text says what to do.
    pub async fn open_unmigrated(url: &str) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(open::open(url).await?)))
    }

    /// Applies the schema steps that the database lacks; returns how many those were. On PostgreSQL
    /// it may be called while another process does the same.
    ///
    /// # Errors
    /// [`OpenError::TooNew`] when it has steps that this build does not know, and then nothing is
    /// changed; another [`OpenError`] when a step fails.
    pub async fn migrate(&self) -> Result<usize, OpenError> {
        schema::migrate(&self.0).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        self.0.read.ping().await.map_err(failed("answer"))
    }

    /// Finishes what is under way and closes every connection.
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
        use sea_orm::ConnectionTrait;

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

    /// The Docker hosts.
    #[must_use]
    pub fn hosts(&self) -> HostBooks {
        HostBooks::new(self.clone())
    }

    /// Background jobs.
    #[must_use]
    pub fn jobs(&self) -> Jobs {
        Jobs::new(self.clone())
    }

    /// What has jobs done at certain times.
    #[must_use]
    pub fn schedules(&self) -> Schedules {
        Schedules::new(self.clone())
    }

    /// What is known of copies of volumes.
    #[must_use]
    pub fn backups(&self) -> Backups {
        Backups::new(self.clone())
    }

    /// The time by the database's clock, in microseconds since the Unix epoch.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn time(&self) -> Result<i64> {
        use sea_orm::ConnectionTrait;

        const OPERATION: &str = "tell the time";
        let backend = self.read().get_database_backend();
        let statement =
            sea_orm::Statement::from_string(backend, format!("SELECT {} AS now", jobs::now(backend)));
        let row = self.read().query_one_raw(statement).await.map_err(failed(OPERATION))?;
        let row = row.ok_or(Error::Closing { operation: OPERATION })?;
        row.try_get("", "now").map_err(failed(OPERATION))
    }

    /// Recordings of terminals.
    #[must_use]
    pub fn recordings(&self) -> Recordings {
        Recordings::new(self.clone())
    }

    /// The credentials of registries.
    #[must_use]
    pub fn registries(&self) -> Registries {
        Registries::new(self.clone())
    }

    /// What registries said of newer images.
    #[must_use]
    pub fn image_updates(&self) -> ImageUpdates {
        ImageUpdates::new(self.clone())
    }

    /// The Compose files of stacks.
    #[must_use]
    pub fn stacks(&self) -> Stacks {
        Stacks::new(self.clone())
    }

    /// Whether the first administrator exists.
    #[must_use]
    pub fn setup(&self) -> SetupState {
        SetupState::new(self.clone())
    }

    /// The history of events.
    #[must_use]
    pub fn events(&self) -> EventHistory {
        EventHistory::new(self.clone())
    }

    /// The history of resource use.
    #[must_use]
    pub fn stats(&self) -> StatsHistory {
        StatsHistory::new(self.clone())
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.0
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
            // Immediate, on SQLite: a transaction that reads first and writes later would fail at the
            // upgrade when another process has written in between. On PostgreSQL the work locks the
            // rows that its decision rests on.
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
        f.debug_struct("Database").field("place", &self.0.place.to_string()).finish_non_exhaustive()
    }
}
