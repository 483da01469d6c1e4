//! What a job works with beside its description, as bytes.

use dockline_domain::JobId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use super::{Jobs, now};
use crate::{
    Result,
    entity::job_input::{Column, Entity},
    error::failed,
};

/// The most bytes of one piece.
pub const MAX_PIECE: usize = 1 << 20;
/// Inputs whose job has not come for so long never get one: an hour, in microseconds.
const ORPHANED: i64 = 3_600 * 1_000_000;

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The tar that an image is built from.
    Context,
    /// What must not be read by others, sealed.
    Sealed,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Sealed => "sealed",
        }
    }
}

impl Jobs {
    /// Keeps a piece for a job that is to come, at most [`MAX_PIECE`] bytes.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn put_input(&self, job: JobId, part: Part, seq: u32, bytes: Vec<u8>) -> Result<()> {
        const OPERATION: &str = "keep what a job works with";
        let seq = i32::try_from(seq).unwrap_or(i32::MAX);
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let sql = format!(
                        "INSERT INTO job_inputs (job, part, seq, bytes, created_at) VALUES ($1, $2, $3, $4, {})",
                        now(backend)
                    );
                    let values = [job.0.into(), part.as_str().into(), seq.into(), bytes.into()];
                    let statement = Statement::from_sql_and_values(backend, sql, values);
                    tx.execute_raw(statement).await.map(drop).map_err(failed(OPERATION))
                })
            })
            .await
    }

    /// A piece of a job; `None` behind the last one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn input(&self, job: JobId, part: Part, seq: u32) -> Result<Option<Vec<u8>>> {
        let key = (job.0, part.as_str().to_owned(), i32::try_from(seq).unwrap_or(i32::MAX));
        let row = Entity::find_by_id(key).one(self.0.read()).await;
        Ok(row.map_err(failed("read what a job works with"))?.map(|row| row.bytes))
    }

    /// Removes what was kept for a job that did not come to be.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn drop_inputs(&self, job: JobId) -> Result<()> {
        const OPERATION: &str = "remove what a job worked with";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let gone = Entity::delete_many().filter(Column::Job.eq(job.0)).exec(tx).await;
                    gone.map(drop).map_err(failed(OPERATION))
                })
            })
            .await
    }

    /// Removes the inputs of jobs that are over, and of jobs that never came.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn prune_inputs(&self) -> Result<u64> {
        const OPERATION: &str = "remove what jobs worked with";
        self.0
            .write(OPERATION, |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    // An upload goes on while its newest piece is young.
                    let sql = format!(
                        "DELETE FROM job_inputs WHERE job IN (SELECT i.job FROM job_inputs i LEFT JOIN jobs j ON j.id = i.job \
                         WHERE j.state IN ('succeeded', 'failed', 'cancelled') OR j.id IS NULL \
                         GROUP BY i.job, j.id HAVING j.id IS NOT NULL OR MAX(i.created_at) < {now} - $1)",
                        now = now(backend)
                    );
                    let statement = Statement::from_sql_and_values(backend, sql, [ORPHANED.into()]);
                    Ok(tx.execute_raw(statement).await.map_err(failed(OPERATION))?.rows_affected())
                })
            })
            .await
    }
}
