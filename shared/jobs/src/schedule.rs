use dockline_contract::rest::PruneSystem;
use dockline_domain::{HostId, JobId, ScheduleId, VolumeName};
use serde::{Deserialize, Serialize};

use crate::{Asker, JobKind, JobSpec};

/// What a schedule has done, each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Task {
    /// What is unused is removed from a host.
    #[serde(rename = "system.prune")]
    SystemPrune {
        /// The host.
        host: HostId,
        /// Which kinds of things.
        #[serde(flatten)]
        what: PruneSystem,
    },
    /// A volume is copied into the backup folder.
    #[serde(rename = "volume.backup")]
    VolumeBackup {
        /// The host.
        host: HostId,
        /// The volume.
        volume: VolumeName,
        /// How many copies of this schedule are kept, the newest.
        keep: u32,
    },
    /// Registries are asked for newer images.
    #[serde(rename = "image.update_check")]
    ImageUpdateCheck {
        /// Of this host; of all without.
        host: Option<HostId>,
    },
}

impl Task {
    /// The kind of the jobs that it makes.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::SystemPrune { .. } => JobKind::SystemPrune,
            Self::VolumeBackup { .. } => JobKind::VolumeBackup,
            Self::ImageUpdateCheck { .. } => JobKind::ImageUpdateCheck,
        }
    }

    /// The host that it names.
    #[must_use]
    pub const fn host(&self) -> Option<&HostId> {
        match self {
            Self::SystemPrune { host, .. } | Self::VolumeBackup { host, .. } => Some(host),
            Self::ImageUpdateCheck { host } => host.as_ref(),
        }
    }

    /// The job of one time, for this schedule.
    #[must_use]
    pub fn spec(&self, schedule: ScheduleId) -> JobSpec {
        match self.clone() {
            Self::SystemPrune { host, what } => JobSpec::SystemPrune { host, what },
            Self::VolumeBackup { host, volume, keep } => {
                JobSpec::VolumeBackup { host, volume, schedule: Some(schedule), keep: Some(keep) }
            }
            Self::ImageUpdateCheck { host } => JobSpec::ImageUpdateCheck { host, image: None },
        }
    }
}

/// A schedule, with all that is known of it. Times are microseconds since the Unix epoch, by the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Its ID.
    pub id: ScheduleId,
    /// Its name, for people; of its own.
    pub name: String,
    /// When it runs: see [`Timing`](crate::Timing).
    pub cron: String,
    /// The time zone of that.
    pub timezone: String,
    /// What it has done; `None` when only another release knows.
    pub task: Option<Task>,
    /// Whether it runs at all.
    pub enabled: bool,
    /// Whose rights it uses, as they are at that time.
    pub owner: Asker,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
    /// When it runs next; `None` when it does not.
    pub next_at: Option<i64>,
    /// When it ran last.
    pub last_at: Option<i64>,
    /// The job that came of that.
    pub last_job: Option<JobId>,
}
