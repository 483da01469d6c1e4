//! How a time that has come becomes one job, however many workers see it.
//!
//! One statement moves the schedule on from the time that was seen, and changes nothing when somebody else has done so. The
//! job is added in the same transaction. So a worker that dies at any point has either done both or neither, and then the
//! time is still there for the next one.

use dockline_domain::JobId;
use dockline_jobs::{Job, JobSpec, Schedule};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, Statement, Value,
};

use super::{Schedules, StoredSchedules};
use crate::{
    Error, NewJob, Result,
    entity::{job, schedule as table},
    error::failed,
    jobs::{Origin, insert},
};

const OPERATION: &str = "run a schedule";

/// What came of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fired {
    /// This job.
    Job(Box<Job>),
    /// Nothing: the job of the time before still waits or is worked on.
    Busy,
    /// Nothing: it was said that none is wanted.
    Skipped,
    /// Nothing here: another worker was first, or the schedule was changed.
    Taken,
}

impl Schedules {
    /// Those whose time has come at `now`, in microseconds since the Unix epoch; the longest due first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn due(&self, now: i64) -> Result<StoredSchedules> {
        let due = table::Entity::find()
            .filter(table::Column::Enabled.eq(true))
            .filter(table::Column::NextAt.lte(now))
            .order_by_asc(table::Column::NextAt);
        self.read("look for schedules", due).await
    }

    /// Lets the time at which `seen` was due pass, and adds `spec` as a job of its owner. Without one, nothing is added.
    /// `next` is when it runs next.
    ///
    /// # Errors
    /// [`Error::TooManyJobs`]; then its time is still to come.
    pub async fn fire(
        &self,
        seen: &Schedule,
        now: i64,
        next: Option<i64>,
        spec: Option<JobSpec>,
    ) -> Result<Fired> {
        let (id, due, form) = (seen.id, seen.next_at, seen.updated_at);
        let new = spec.map(|spec| NewJob { spec, asker: seen.owner.clone(), retry_of: None });
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let moved = "UPDATE schedules SET next_at = $2 WHERE id = $1 AND enabled = TRUE AND next_at = $3 \
                         AND updated_at = $4 RETURNING *";
                    let values = vec![id.0.into(), next.into(), due.into(), form.into()];
                    let Some(moved) = one(tx, moved, values).await? else {
                        return Ok(Fired::Taken);
                    };
                    let Some(new) = new else { return Ok(Fired::Skipped) };
                    if is_live(tx, moved.last_job).await? {
                        return Ok(Fired::Busy);
                    }
                    let job = insert(tx, new, Origin { schedule: Some(id), ..Origin::default() }).await?;
                    let noted = "UPDATE schedules SET last_at = $2, last_job = $3 WHERE id = $1 RETURNING *";
                    one(tx, noted, vec![id.0.into(), now.into(), job.id.0.into()]).await?;
                    Ok(Fired::Job(Box::new(job)))
                })
            })
            .await
    }

    /// Runs one now, for whoever asks for it; its times stay as they are.
    ///
    /// # Errors
    /// [`Error::ScheduleBusy`] while its last job waits or is worked on, [`Error::NoSuchSchedule`],
    /// [`Error::TooManyJobs`].
    pub async fn run_now(&self, seen: &Schedule, now: i64, new: NewJob) -> Result<Job> {
        let id = seen.id;
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    // The row is locked by this, so that of two who ask at once the second sees the first one's job.
                    let noted = "UPDATE schedules SET last_at = $2 WHERE id = $1 RETURNING *";
                    let row =
                        one(tx, noted, vec![id.0.into(), now.into()]).await?.ok_or(Error::NoSuchSchedule)?;
                    if is_live(tx, row.last_job).await? {
                        return Err(Error::ScheduleBusy);
                    }
                    let job = insert(tx, new, Origin { schedule: Some(id), ..Origin::default() }).await?;
                    let noted = "UPDATE schedules SET last_job = $2 WHERE id = $1 RETURNING *";
                    one(tx, noted, vec![id.0.into(), job.id.0.into()]).await?;
                    Ok(job)
                })
            })
            .await
    }
}

async fn one(tx: &DatabaseTransaction, sql: &str, values: Vec<Value>) -> Result<Option<table::Model>> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    table::Entity::find().from_raw_sql(statement).one(tx).await.map_err(failed(OPERATION))
}

/// Whether a job waits or is worked on.
async fn is_live(tx: &DatabaseTransaction, id: Option<sea_orm::prelude::Uuid>) -> Result<bool> {
    let Some(id) = id.map(JobId) else { return Ok(false) };
    let found = job::Entity::find_by_id(id.0).one(tx).await.map_err(failed(OPERATION))?;
    Ok(found.is_some_and(|job| matches!(job.state.as_str(), "queued" | "running")))
}
