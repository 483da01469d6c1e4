use dockline_domain::{JobId, ScheduleId, SessionId, UserId};
use dockline_jobs::{Asker, Schedule};
use sea_orm::DbErr;

use crate::{Error, Result, entity::schedule::Model};

/// A schedule as it is stored. A task that only another release can read is left out.
pub(super) fn schedule(row: Model) -> Result<Schedule> {
    let username = row.owner_name.parse().map_err(|error| Error::Failed {
        operation: "read a schedule",
        source: DbErr::Type(format!("{error}")),
    })?;
    Ok(Schedule {
        id: ScheduleId(row.id),
        name: row.name,
        cron: row.cron,
        timezone: row.timezone,
        task: serde_json::from_str(&row.task).ok(),
        enabled: row.enabled,
        owner: Asker { user: UserId(row.owner_id), username, session: SessionId(row.owner_session) },
        created_at: row.created_at,
        updated_at: row.updated_at,
        next_at: row.next_at,
        last_at: row.last_at,
        last_job: row.last_job.map(JobId),
    })
}
