use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::JobAsker;

/// A copy of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupRecord {
    /// Its ID: that of the job that made it.
    pub id: String,
    /// The host that the volume was on.
    pub host: String,
    /// The volume.
    pub volume: String,
    /// The tar's size in bytes.
    pub bytes: u64,
    /// The tar's SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// When it was made.
    pub created_at: String,
    /// The schedule that had it made.
    pub schedule: Option<String>,
    /// Who had it made.
    pub created_by: JobAsker,
    /// What the volume reached of its host; then `host.escape` is needed to download it.
    pub reaches: Option<String>,
}

/// A page of backups, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupPage {
    /// The backups.
    pub items: Vec<BackupRecord>,
    /// Send as `cursor` for older ones.
    pub next_cursor: Option<String>,
}

/// Where a backup is unpacked.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreBackup {
    /// The host's ID; that of the backup without.
    #[serde(default)]
    pub host: Option<String>,
    /// The volume, which must be there; that of the backup without.
    #[serde(default)]
    pub volume: Option<String>,
    /// Also into a volume that containers use.
    #[serde(default)]
    pub force: bool,
}
