use dockline_domain::{JobId, ScheduleId, SessionId, UserId};
use dockline_jobs::{Asker, Schedule};
use sea_orm::{DbErr, FromQueryResult, QueryResult, TryGetable};

use super::{BrokenSchedule, StoredSchedules};
use crate::{Error, Result, entity::schedule::Model, error::failed};

/// Rows of schedules, each read by itself: that one cannot be read is no reason not to read the others.
pub(super) fn each(rows: &[QueryResult]) -> StoredSchedules {
    let mut found = StoredSchedules::default();
    for row in rows {
        match Model::from_query_result(row, "").map_err(failed("read a schedule")).and_then(schedule) {
            Ok(schedule) => found.schedules.push(schedule),
            Err(error) => found.broken.push(broken(row, error)),
        }
    }
    found
}

/// What can be read of a schedule that cannot be read as a whole.
fn broken(row: &QueryResult, error: Error) -> BrokenSchedule {
    fn part<T: TryGetable + Default>(row: &QueryResult, column: &str) -> T {
        row.try_get("", column).unwrap_or_default()
    }
    let why = match error {
        Error::Failed { source: DbErr::Type(why), .. } => why,
        Error::Failed { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    BrokenSchedule {
        id: ScheduleId(part(row, "id")),
        name: part(row, "name"),
        cron: part(row, "cron"),
        timezone: part(row, "timezone"),
        enabled: part(row, "enabled"),
        owner: (UserId(part(row, "owner_id")), part(row, "owner_name")),
        created_at: part(row, "created_at"),
        updated_at: part(row, "updated_at"),
        why,
    }
}

/// A schedule as it is stored. A task that only another release can read is left out.
pub(super) fn schedule(row: Model) -> Result<Schedule> {
    let username = row.owner_name.parse().map_err(|error| Error::Failed {
        operation: "read a schedule",
        source: DbErr::Type(format!("its owner's name is none: {error}")),
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
