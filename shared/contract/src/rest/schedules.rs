use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{JobAsker, JobState, PruneSystem};

/// What a schedule has done, each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind")]
pub enum ScheduledTask {
    /// What is unused is removed from a host.
    #[serde(rename = "system.prune")]
    SystemPrune(ScheduledPrune),
    /// A volume is copied into the backup folder.
    #[serde(rename = "volume.backup")]
    VolumeBackup(ScheduledBackup),
    /// Registries are asked for newer images.
    #[serde(rename = "image.update_check")]
    ImageUpdateCheck(ScheduledUpdateCheck),
}

/// Removes what is unused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduledPrune {
    /// The host's ID.
    pub host: String,
    /// Which kinds of things.
    #[serde(flatten)]
    pub what: PruneSystem,
}

/// Copies a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduledBackup {
    /// The host's ID.
    pub host: String,
    /// The volume's name.
    pub volume: String,
    /// How many copies of this schedule are kept, the newest: 1 to 1,000.
    #[serde(default = "seven")]
    pub keep: u32,
}

/// Looks for newer images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduledUpdateCheck {
    /// Of this host; of all without.
    #[serde(default)]
    pub host: Option<String>,
}

const fn seven() -> u32 {
    7
}

/// A schedule that is to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSchedule {
    /// Its name, for people: 1 to 100 characters, and no other schedule's.
    pub name: String,
    /// Minute, hour, day of month, month, day of week.
    pub cron: String,
    /// The time zone of that, as in `Europe/Berlin`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Whether it runs at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What it has done.
    pub task: ScheduledTask,
}

/// Changes to a schedule; what is absent stays. Whoever changes it is its owner from then on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateSchedule {
    /// Its name.
    pub name: Option<String>,
    /// When it runs.
    pub cron: Option<String>,
    /// The time zone of that.
    pub timezone: Option<String>,
    /// Whether it runs at all.
    pub enabled: Option<bool>,
    /// What it has done.
    pub task: Option<ScheduledTask>,
}

fn utc() -> String {
    "UTC".to_owned()
}

const fn yes() -> bool {
    true
}

/// A time that is to be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewSchedule {
    /// Minute, hour, day of month, month, day of week.
    pub cron: String,
    /// The time zone of that.
    #[serde(default = "utc")]
    pub timezone: String,
}

/// When a schedule would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleTimes {
    /// The next five times.
    pub next_runs: Vec<String>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// Its ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it runs.
    pub cron: String,
    /// The time zone of that.
    pub timezone: String,
    /// Whether it runs at all.
    pub enabled: bool,
    /// What it has done; null when only another version of the server knows.
    pub task: Option<ScheduledTask>,
    /// The permission that its owner needs for that.
    pub permission: Option<String>,
    /// Whose rights it uses, as they are when it runs.
    pub owner: JobAsker,
    /// When it was made.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
    /// When it runs next, five times; empty when it is not enabled.
    pub next_runs: Vec<String>,
    /// When it ran last.
    pub last_run_at: Option<String>,
    /// What came of that.
    pub last_job: Option<ScheduleJob>,
    /// Why it does not run, though it is enabled.
    pub problem: Option<String>,
}

/// The last job of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleJob {
    /// Its ID.
    pub id: String,
    /// What has become of it.
    pub state: JobState,
    /// Why it failed.
    pub error: Option<String>,
    /// When it came to its end.
    pub finished_at: Option<String>,
}

/// All schedules, by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleList {
    /// The schedules.
    pub items: Vec<Schedule>,
}
