//! What workers do with jobs. Every statement of theirs names the attempt, so that of a worker whose time is over nothing
//! is written any more.

use std::time::Duration;

use dockline_jobs::{Claim, Job, JobKind, Progress};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement, Value};

use super::{
    Jobs, now,
    row::{job, json},
};
use crate::{Result, entity::job::Entity, error::failed, text::storable};

/// The longest reason that is kept of a failure, in characters.
const MAX_ERROR: usize = 2_000;

/// Whether a worker may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It still has the job.
    Yours {
        /// Somebody wants it to end.
        cancel_requested: bool,
    },
    /// Another worker has it, or it is over.
    Lost,
}

/// How a job came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Succeeded,
    /// It could not be done, and why; for people.
    Failed(String),
    /// It was called off.
    Cancelled,
}

/// What can be taken: what waits, and what its worker has not spoken of for too long.
const FREE: &str = "(state = 'queued' OR (state = 'running' AND claimed_until < $now))";

impl Jobs {
    /// Takes the oldest job that is free, for as long as `lease` from now. Of several workers that ask at the same moment
    /// each gets another one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<Job>> {
        const OPERATION: &str = "take a job";
        let read = self.0.read();
        let backend = read.get_database_backend();
        let free = FREE.replace("$now", now(backend));
        // Of a kind that this release knows: in a rolling upgrade others may be there.
        let kinds: Vec<String> = JobKind::ALL.iter().map(|kind| format!("'{}'", kind.as_str())).collect();
        let free = format!("kind IN ({}) AND {free}", kinds.join(", "));
        // Mostly there is nothing, and looking keeps nobody from writing.
        let look = Statement::from_string(backend, format!("SELECT 1 FROM jobs WHERE {free} LIMIT 1"));
        if read.query_one_raw(look).await.map_err(failed(OPERATION))?.is_none() {
            return Ok(None);
        }
        // Whoever comes second passes over the row that is being taken.
        let lock = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "UPDATE jobs SET lost_workers = lost_workers + CASE WHEN state = 'running' THEN 1 ELSE 0 END, \
             state = 'running', attempt = attempt + 1, worker = $1, claimed_until = {now} + $2, \
             started_at = COALESCE(started_at, {now}) \
             WHERE id = (SELECT id FROM jobs WHERE {free} ORDER BY id LIMIT 1 {lock}) AND {free} RETURNING *",
            now = now(backend)
        );
        let statement = Statement::from_sql_and_values(backend, sql, [worker.into(), micros(lease).into()]);
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let row =
                        Entity::find().from_raw_sql(statement).one(tx).await.map_err(failed(OPERATION))?;
                    row.map(job).transpose()
                })
            })
            .await
    }

    /// Says that the worker is at it, for as long as `lease` from now, and how far it is if that is news.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn report(
        &self,
        claim: Claim,
        progress: Option<&Progress>,
        lease: Duration,
    ) -> Result<Standing> {
        let progress = progress.map(json).transpose()?;
        let values = vec![micros(lease).into(), progress.into()];
        let set = "claimed_until = {now} + $3, progress = COALESCE($4, progress)";
        let job = self.write_as("report on a job", claim, set, values).await?;
        Ok(job.map_or(Standing::Lost, |job| Standing::Yours { cancel_requested: job.cancel_requested }))
    }

    /// Writes down how a job came to its end. `None` when it was another worker's by then, and nothing is written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish(&self, claim: Claim, progress: &Progress, end: End) -> Result<Option<Job>> {
        let (state, error) = match end {
            End::Succeeded => ("succeeded", None),
            End::Failed(why) => ("failed", Some(storable(why.chars().take(MAX_ERROR).collect()))),
            End::Cancelled => ("cancelled", None),
        };
        let values = vec![state.into(), error.into(), json(progress)?.into()];
        let set = "state = $3, error = $4, progress = $5, claimed_until = NULL, finished_at = {now}";
        self.write_as("write down the end of a job", claim, set, values).await
    }

    /// Lays a job back for others, who begin it at once. `None` when it was another worker's already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn give_back(&self, claim: Claim) -> Result<Option<Job>> {
        self.write_as("give a job back", claim, "state = 'queued', claimed_until = NULL", Vec::new()).await
    }

    /// Changes a job if this attempt is the present one; its values begin with `$3`.
    async fn write_as(
        &self,
        operation: &'static str,
        claim: Claim,
        set: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Job>> {
        self.0
            .write(operation, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let set = set.replace("{now}", now(backend));
                    let sql = format!(
                        "UPDATE jobs SET {set} WHERE id = $1 AND attempt = $2 AND state = 'running' RETURNING *"
                    );
                    let attempt = i32::try_from(claim.attempt).unwrap_or(i32::MAX);
                    let token: [Value; 2] = [claim.job.0.into(), attempt.into()];
                    let statement =
                        Statement::from_sql_and_values(backend, sql, token.into_iter().chain(values));
                    let row = Entity::find().from_raw_sql(statement).one(tx).await.map_err(failed(operation))?;
                    row.map(job).transpose()
                })
            })
            .await
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
