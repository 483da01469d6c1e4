use dockline_contract::rest::{self, JobAsker, JobProgress, JobRecord, JobStep};
use dockline_jobs::{Job, JobKind, JobState, Step};
use dockline_persistence::Moment;

/// A job as the API shows it.
pub(crate) fn record(job: &Job) -> JobRecord {
    let time = |micros: i64| Moment(micros).to_string();
    JobRecord {
        id: job.id.to_string(),
        kind: job.kind.clone(),
        host: job.host.as_ref().map(ToString::to_string),
        subject: job.subject.clone(),
        state: state(job.state),
        progress: JobProgress {
            steps: job.progress.steps.iter().map(step).collect(),
            message: job.progress.message.clone(),
            output: job.progress.output.clone(),
        },
        error: job.error.clone(),
        cancel_requested: job.cancel_requested,
        attempt: job.attempt,
        asked_by: JobAsker { id: job.asker.user.to_string(), name: job.asker.username.to_string() },
        retry_of: job.retry_of.map(|id| id.to_string()),
        schedule: job.schedule.map(|id| id.to_string()),
        permission: job.kind.parse::<JobKind>().ok().map(|kind| kind.permission().as_str().to_owned()),
        created_at: time(job.created_at),
        started_at: job.started_at.map(time),
        finished_at: job.finished_at.map(time),
    }
}

/// A job's state as the API shows it.
pub(crate) const fn state(state: JobState) -> rest::JobState {
    match state {
        JobState::Queued => rest::JobState::Queued,
        JobState::Running => rest::JobState::Running,
        JobState::Succeeded => rest::JobState::Succeeded,
        JobState::Failed => rest::JobState::Failed,
        JobState::Cancelled => rest::JobState::Cancelled,
    }
}

fn step(step: &Step) -> JobStep {
    JobStep {
        id: step.id.clone(),
        text: step.text.clone(),
        current: step.current,
        total: step.total,
        unit: step.unit.as_str().to_owned(),
    }
}
