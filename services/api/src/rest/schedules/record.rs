use std::collections::HashMap;

use dockline_contract::rest::{
    JobAsker, Schedule, ScheduleJob, ScheduledBackup, ScheduledPrune, ScheduledTask, ScheduledUpdateCheck,
};
use dockline_domain::{
    JobId,
    access::{Principal, authorize},
};
use dockline_jobs::{self as jobs, Job, Task, Timing};
use dockline_persistence::{BrokenSchedule, Moment};

use crate::{ApiError, App, rest::jobs::state};

/// So many of the next times are shown.
pub(super) const SHOWN: usize = 5;

/// Schedules as the API shows them.
pub(super) async fn records(app: &App, schedules: Vec<jobs::Schedule>) -> Result<Vec<Schedule>, ApiError> {
    let now = app.database.time().await?;
    let ids: Vec<JobId> = schedules.iter().filter_map(|one| one.last_job).collect();
    let last: HashMap<JobId, Job> = app.jobs.many(&ids).await?.into_iter().map(|job| (job.id, job)).collect();
    let mut records = Vec::with_capacity(schedules.len());
    for schedule in schedules {
        let problem = problem(app, &schedule).await?;
        let last = schedule.last_job.and_then(|id| last.get(&id));
        records.push(record(schedule, last, problem, now));
    }
    Ok(records)
}

fn record(from: jobs::Schedule, last: Option<&Job>, problem: Option<String>, now: i64) -> Schedule {
    let time = |micros: i64| Moment(micros).to_string();
    Schedule {
        next_runs: next_runs(&from, now),
        permission: from.task.as_ref().map(|task| task.kind().permission().as_str().to_owned()),
        id: from.id.to_string(),
        name: from.name,
        cron: from.cron,
        timezone: from.timezone,
        enabled: from.enabled,
        task: from.task.map(task),
        owner: JobAsker { id: from.owner.user.to_string(), name: from.owner.username.to_string() },
        created_at: time(from.created_at),
        updated_at: time(from.updated_at),
        last_run_at: from.last_at.map(time),
        last_job: last.map(|job| ScheduleJob {
            id: job.id.to_string(),
            state: state(job.state),
            error: job.error.clone(),
            finished_at: job.finished_at.map(time),
        }),
        problem,
    }
}

/// A schedule that cannot be read as it is stored.
pub(super) fn broken_record(from: BrokenSchedule) -> Schedule {
    let (id, name) = from.owner;
    Schedule {
        id: from.id.to_string(),
        name: from.name,
        cron: from.cron,
        timezone: from.timezone,
        enabled: from.enabled,
        task: None,
        permission: None,
        owner: JobAsker { id: id.to_string(), name },
        created_at: Moment(from.created_at).to_string(),
        updated_at: Moment(from.updated_at).to_string(),
        next_runs: Vec::new(),
        last_run_at: None,
        last_job: None,
        problem: Some(format!("it cannot be read ({}): remove it, and make it anew", from.why)),
    }
}

/// A time that has come and was not taken yet is the first of them.
fn next_runs(from: &jobs::Schedule, now: i64) -> Vec<String> {
    let (true, Some(next)) = (from.enabled, from.next_at) else { return Vec::new() };
    let Ok(timing) = Timing::new(&from.cron, &from.timezone) else { return Vec::new() };
    let later = timing.next(next.max(now), SHOWN - 1);
    std::iter::once(next).chain(later).map(|time| Moment(time).to_string()).collect()
}

fn task(from: Task) -> ScheduledTask {
    match from {
        Task::SystemPrune { host, what } => {
            ScheduledTask::SystemPrune(ScheduledPrune { host: host.to_string(), what })
        }
        Task::VolumeBackup { host, volume, keep } => ScheduledTask::VolumeBackup(ScheduledBackup {
            host: host.to_string(),
            volume: volume.to_string(),
            keep,
        }),
        Task::ImageUpdateCheck { host } => {
            ScheduledTask::ImageUpdateCheck(ScheduledUpdateCheck { host: host.map(|host| host.to_string()) })
        }
    }
}

/// Why a schedule does not run, though it is enabled.
async fn problem(app: &App, schedule: &jobs::Schedule) -> Result<Option<String>, ApiError> {
    if !schedule.enabled {
        return Ok(None);
    }
    let Some(task) = &schedule.task else {
        return Ok(Some("only another version of the server knows what it is to do".to_owned()));
    };
    if let Some(host) = task.host() {
        match app.hosts.get(host) {
            None => return Ok(Some(format!("there is no host {host} any more"))),
            Some(known) if !known.enabled => return Ok(Some(format!("the host {host} is disabled"))),
            Some(_) => {}
        }
    }
    let name = &schedule.owner.username;
    let Some(account) = app.users.by_id(schedule.owner.user).await? else {
        return Ok(Some(format!("the account {name}, whose rights it uses, was removed")));
    };
    if !account.enabled {
        return Ok(Some(format!("the account {name}, whose rights it uses, is disabled")));
    }
    let Some(role) = account.role else {
        return Ok(Some(format!("the account {name}, whose rights it uses, has no role")));
    };
    let principal =
        Principal { user: account.id, username: account.username, role, session: schedule.owner.session };
    let denied = authorize(&principal, task.kind().permission()).err();
    Ok(denied.map(|denied| format!("it uses the rights of {name}, and {denied}")))
}
