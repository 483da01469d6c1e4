use std::str::FromStr;

use dockline_domain::{HostId, JobId, ScheduleId, SessionId, UserId, Username, ids::InvalidId};

use crate::{JobSpec, Progress};

/// What has become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is done.
    Succeeded,
    /// It could not be done.
    Failed,
    /// It was called off.
    Cancelled,
}

impl JobState {
    /// All of them, in the order of a job's life.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The state's name in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing will change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl FromStr for JobState {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or(InvalidId {
            what: "a state of a job",
            rule: "queued, running, succeeded, failed or cancelled",
        })
    }
}

/// Who asked for a job. It is their authority that it runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The account.
    pub user: UserId,
    /// Its name at that time.
    pub username: Username,
    /// The sign-in.
    pub session: SessionId,
}

/// A worker's right to work on a job, until another one takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// Which attempt this is: 1, 2, …; the fencing token of everything that the worker writes.
    pub attempt: u32,
}

/// A job, with all that is known of it. Times are microseconds since the Unix epoch, by the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its ID.
    pub id: JobId,
    /// The kind's name; also of one that only another release knows.
    pub kind: String,
    /// The host at which it works, if it is one.
    pub host: Option<HostId>,
    /// What it is about, for people.
    pub subject: String,
    /// What is to be done; `None` when only another release knows.
    pub spec: Option<JobSpec>,
    /// What has become of it.
    pub state: JobState,
    /// How often a worker has begun it.
    pub attempt: u32,
    /// How many workers have died over it.
    pub lost_workers: u32,
    /// Whether somebody wants it to end.
    pub cancel_requested: bool,
    /// How far it is, or was.
    pub progress: Progress,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// Who asked for it.
    pub asker: Asker,
    /// The job that this one repeats.
    pub retry_of: Option<JobId>,
    /// The schedule that had it done.
    pub schedule: Option<ScheduleId>,
    /// The worker that has it, or had it last.
    pub worker: Option<String>,
    /// When it was asked for.
    pub created_at: i64,
    /// When the first attempt began.
    pub started_at: Option<i64>,
    /// When it came to its end.
    pub finished_at: Option<i64>,
}
