use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A background job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRecord {
    /// Its ID.
    pub id: String,
    /// What kind it is, for example `image.pull`.
    pub kind: String,
    /// The host at which it works, if it is one.
    pub host: Option<String>,
    /// What it is about, for example the image.
    pub subject: String,
    /// What has become of it.
    pub state: JobState,
    /// How far it is, or was.
    pub progress: JobProgress,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether somebody called it off; it is over as soon as its worker has heard of that.
    pub cancel_requested: bool,
    /// How often a worker has begun it. More than 1 means that a worker died over it, or was ended.
    pub attempt: u32,
    /// Who asked for it.
    pub asked_by: JobAsker,
    /// The job that this one repeats.
    pub retry_of: Option<String>,
    /// The schedule that had it done.
    #[serde(default)]
    pub schedule: Option<String>,
    /// The permission that cancelling and repeating it takes; null for a kind that this server does not know.
    pub permission: Option<String>,
    /// When it was asked for; RFC 3339.
    pub created_at: String,
    /// When a worker first began it; RFC 3339.
    pub started_at: Option<String>,
    /// When it came to its end; RFC 3339.
    pub finished_at: Option<String>,
}

/// What has become of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
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

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// Its parts, such as the layers of an image; they may go on side by side.
    pub steps: Vec<JobStep>,
    /// What is going on; empty before the begin.
    pub message: String,
    /// The end of what a program printed that does the work, as a build; empty for other kinds.
    #[serde(default)]
    pub output: String,
}

/// One part of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobStep {
    /// Tells it from the others.
    pub id: String,
    /// What is going on.
    pub text: String,
    /// How much is done.
    pub current: Option<u64>,
    /// How much there is to do.
    pub total: Option<u64>,
    /// What is counted: `bytes` or `items`.
    pub unit: String,
}

/// Who asked for a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobAsker {
    /// The account.
    pub id: String,
    /// Its name at that time.
    pub name: String,
}

/// A page of jobs, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub items: Vec<JobRecord>,
    /// Send as `cursor` for older ones.
    pub next_cursor: Option<String>,
}

/// The answer to whatever is done by a job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobAccepted {
    /// The job; `/ws/jobs/{id}` shows how it goes on.
    pub job: JobRecord,
}

/// Which image is to be pulled.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullImage {
    /// `[registry/]name[:tag][@digest]`; the tag is `latest` where nothing else is said.
    pub image: String,
}
