use dockline_domain::{JobId, ScheduleId, SessionId, UserId};
use dockline_jobs::{Asker, Job};
use sea_orm::DbErr;
use serde::Serialize;

use crate::{Error, Result, entity::job::Model};

/// A job as it is stored. What only another release can read of it is left out; a state or a name that nobody can read
/// is an error.
pub(super) fn job(row: Model) -> Result<Job> {
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    Ok(Job {
        id: JobId(row.id),
        host: row.host.and_then(|host| host.parse().ok()),
        subject: row.subject,
        spec: serde_json::from_str(&row.spec).ok(),
        state: row
            .state
            .parse()
            .map_err(|_| unreadable(format!("there is no state `{}` of a job", row.state)))?,
        kind: row.kind,
        attempt: count(row.attempt),
        lost_workers: count(row.lost_workers),
        cancel_requested: row.cancel_requested,
        progress: serde_json::from_str(&row.progress).unwrap_or_default(),
        error: row.error,
        asker: Asker {
            user: UserId(row.asker_id),
            username: row.asker_name.parse().map_err(|error| unreadable(format!("{error}")))?,
            session: SessionId(row.asker_session),
        },
        retry_of: row.retry_of.map(JobId),
        schedule: row.schedule.map(ScheduleId),
        worker: row.worker,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}

pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unreadable(error.to_string()))
}

fn unreadable(why: String) -> Error {
    Error::Failed { operation: "read a job", source: DbErr::Type(why) }
}
