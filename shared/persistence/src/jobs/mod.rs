//! Background jobs: asked for and looked at here, worked on in [`work`].

mod inputs;
mod row;
mod search;
mod work;

use dockline_domain::{JobId, ScheduleId};
use dockline_jobs::{Asker, Job, JobKind, JobSpec, JobState, Progress};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, PaginatorTrait, QueryFilter,
    Statement, Value,
};

use self::row::job;
pub(crate) use self::row::json;
pub use self::{
    inputs::{MAX_PIECE, Part},
    search::{JobFilter, JobPage},
    work::{End, Standing},
};
use crate::{Database, Error, Result, entity::job as table, error::failed};

/// A job to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// What is to be done.
    pub spec: JobSpec,
    /// Who asks for it.
    pub asker: Asker,
    /// The job that it repeats.
    pub retry_of: Option<JobId>,
}

/// Background jobs.
///
/// All times are by the database's clock: processes of a cluster need not agree about the time.
#[derive(Debug, Clone)]
pub struct Jobs(Database);

/// So many may wait or be worked on at the same time.
const MOST_LIVE: i64 = 1_000;
/// So many that are over are kept, the newest.
const MOST_FINISHED: i64 = 10_000;
/// What is over is kept for so long: 30 days, in microseconds.
const KEPT: i64 = 30 * 24 * 3_600 * 1_000_000;

impl Jobs {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Adds a job, which the next free worker takes.
    ///
    /// # Errors
    /// [`Error::TooManyJobs`] when a thousand are waiting or being worked on.
    pub async fn enqueue(&self, new: NewJob) -> Result<Job> {
        self.enqueue_as(JobId::generate(), new).await
    }

    /// Adds a job under this ID, under which its inputs are there already.
    ///
    /// # Errors
    /// As [`Jobs::enqueue`].
    pub async fn enqueue_as(&self, id: JobId, new: NewJob) -> Result<Job> {
        let origin = Origin { id: Some(id), schedule: None };
        self.0.write(ADD, move |tx| Box::pin(insert(tx, new, origin))).await
    }

    /// Looks whether there is room for a job, before what it is to work with is taken in. Others may take the room meanwhile.
    ///
    /// # Errors
    /// [`Error::TooManyJobs`] when a thousand are waiting or being worked on.
    pub async fn require_room(&self) -> Result<()> {
        let live = table::Column::State.is_in([JobState::Queued, JobState::Running].map(JobState::as_str));
        let live = table::Entity::find().filter(live).count(self.0.read()).await;
        let live = live.map_err(failed("count the jobs"))?;
        if i64::try_from(live).is_ok_and(|live| live < MOST_LIVE) { Ok(()) } else { Err(Error::TooManyJobs) }
    }

    /// One job.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, id: JobId) -> Result<Option<Job>> {
        let row = table::Entity::find_by_id(id.0).one(self.0.read()).await.map_err(failed("read a job"))?;
        row.map(job).transpose()
    }

    /// Those of these jobs that there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn many(&self, ids: &[JobId]) -> Result<Vec<Job>> {
        let ids = ids.iter().map(|id| id.0);
        let found = table::Entity::find().filter(table::Column::Id.is_in(ids)).all(self.0.read()).await;
        found.map_err(failed("read jobs"))?.into_iter().map(job).collect()
    }

    /// Calls a job off: one that waits is over at once, and one that is worked on as soon as its worker hears of it. One that
    /// was begun and laid back waits for a worker first if what was begun has to be taken back. Asking again changes nothing.
    /// Returns the job as it is then.
    ///
    /// # Errors
    /// [`Error::NoSuchJob`], or [`Error::JobOver`] when there is nothing left to call off.
    pub async fn cancel(&self, id: JobId) -> Result<Job> {
        const OPERATION: &str = "cancel a job";
        let cancelled = self
            .0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let taken_back: Vec<String> = JobKind::ALL
                        .iter()
                        .filter(|kind| kind.is_taken_back())
                        .map(|kind| format!("'{}'", kind.as_str()))
                        .collect();
                    let idle = format!(
                        "state = 'queued' AND (attempt = 0 OR kind NOT IN ({}))",
                        taken_back.join(", ")
                    );
                    let sql = format!(
                        "UPDATE jobs SET cancel_requested = TRUE, \
                         finished_at = CASE WHEN {idle} THEN {now} ELSE finished_at END, \
                         state = CASE WHEN {idle} THEN 'cancelled' ELSE state END \
                         WHERE id = $1 AND state IN ('queued', 'running') RETURNING *",
                        now = now(backend)
                    );
                    let statement = Statement::from_sql_and_values(backend, sql, [id.0.into()]);
                    let row = table::Entity::find().from_raw_sql(statement).one(tx).await;
                    row.map_err(failed(OPERATION))?.map(job).transpose()
                })
            })
            .await?;
        match cancelled {
            Some(job) => Ok(job),
            None => {
                Err(self.get(id).await?.map_or(Error::NoSuchJob, |job| Error::JobOver { state: job.state }))
            }
        }
    }

    /// Removes what has been over for 30 days, and of what is over all but the newest ten thousand; returns how many
    /// those were.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn prune(&self) -> Result<u64> {
        const OPERATION: &str = "remove old jobs";
        self.0
            .write(OPERATION, |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let sql = format!(
                        "DELETE FROM jobs WHERE finished_at < {now} - $1 OR finished_at < (SELECT finished_at FROM jobs \
                         WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 1 OFFSET $2)",
                        now = now(backend)
                    );
                    let values = [KEPT.into(), (MOST_FINISHED - 1).into()];
                    let statement = Statement::from_sql_and_values(backend, sql, values);
                    Ok(tx.execute_raw(statement).await.map_err(failed(OPERATION))?.rows_affected())
                })
            })
            .await
    }
}

/// Where a job comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Origin {
    /// Its ID, if it has one already.
    pub(crate) id: Option<JobId>,
    /// The schedule that has it done.
    pub(crate) schedule: Option<ScheduleId>,
}

const ADD: &str = "add a job";

/// Adds a job within a transaction.
pub(crate) async fn insert(tx: &DatabaseTransaction, new: NewJob, origin: Origin) -> Result<Job> {
    let values: Vec<Value> = vec![
        origin.id.unwrap_or_else(JobId::generate).0.into(),
        new.spec.kind().as_str().into(),
        new.spec.host().map(|host| host.as_str().to_owned()).into(),
        new.spec.subject().into(),
        json(&new.spec)?.into(),
        json(&Progress::default())?.into(),
        new.asker.user.0.into(),
        new.asker.username.as_str().into(),
        new.asker.session.0.into(),
        new.retry_of.map(|job| job.0).into(),
        origin.schedule.map(|schedule| schedule.0).into(),
        MOST_LIVE.into(),
    ];
    let backend = tx.get_database_backend();
    let sql = format!(
        "INSERT INTO jobs (id, kind, host, subject, spec, state, attempt, lost_workers, cancel_requested, \
         progress, asker_id, asker_name, asker_session, retry_of, schedule, created_at) \
         SELECT $1, $2, $3, $4, $5, 'queued', 0, 0, FALSE, $6, $7, $8, $9, $10, $11, {now} \
         WHERE (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')) < $12 RETURNING *",
        now = now(backend)
    );
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let row = table::Entity::find().from_raw_sql(statement).one(tx).await.map_err(failed(ADD))?;
    row.map_or(Err(Error::TooManyJobs), job)
}

/// The database's clock, in microseconds since the Unix epoch. Not the begin of a transaction, which may have waited.
pub(crate) const fn now(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
        _ => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    }
}
