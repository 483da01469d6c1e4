use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContainerUse, HostStatus};

/// One volume of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VolumeSummary {
    /// Its name, by which it is addressed under its host.
    pub name: String,
    /// The host's ID.
    pub host: String,
    /// `local`, or the name of a plugin.
    pub driver: String,
    /// RFC 3339; absent where the driver does not say it.
    pub created_at: Option<String>,
    /// Whether the engine made it for a container that asked for no name.
    pub anonymous: bool,
    /// The Compose project that made it.
    pub stack: Option<String>,
    /// Labels; empty for viewers.
    pub labels: BTreeMap<String, String>,
    /// The containers that use it, by name, stopped ones included.
    pub containers: Vec<ContainerUse>,
    /// What is in it. Null if it was not asked for, is not told by its driver, or did not come in time.
    pub size_bytes: Option<u64>,
}

/// Why the volumes of a host have no sizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SizesMissing {
    /// The host's ID.
    pub host: String,
    /// Why.
    pub reason: String,
}

/// A page of volumes.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VolumePage {
    /// The volumes, by name.
    pub items: Vec<VolumeSummary>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
    /// Every host that was asked. One that does not answer is named here and fails nothing else.
    pub hosts: Vec<HostStatus>,
    /// Hosts that listed their volumes, but not their sizes. Only if sizes were asked for.
    pub sizes_missing: Vec<SizesMissing>,
}

/// Everything about one volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VolumeDetails {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: VolumeSummary,
    /// Where it is on the host.
    pub mountpoint: String,
    /// `local` or `global`.
    pub scope: String,
    /// The driver's options; empty for viewers, since those of network drives hold passwords.
    pub options: BTreeMap<String, String>,
    /// What a container with this volume reaches of the host, or through it; absent for what the engine keeps itself.
    pub reaches: Option<String>,
    /// Whether values were withheld because the caller lacks `secrets.read`.
    pub secrets_hidden: bool,
}

/// A volume that is to be made, by the driver `local`.
///
/// Without options it is a folder that the engine keeps. With `type` `tmpfs` it is in memory. Any other `type`, `o` and
/// `device` mount something with the host's rights, and need the permission `host.escape`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVolume {
    /// 2 to 255 letters, digits, `_`, `.` or `-`; the engine invents one when it is absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// `type`, `o`, `device` and `size`, as `mount` takes them.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// Which volumes a prune takes. Never one that a container uses, running or not, and only those of the driver `local`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnusedVolumes {
    /// Those that the engine made for containers that asked for no name.
    #[default]
    Anonymous,
    /// All, those with names included.
    All,
}

/// Removes unused volumes with what is in them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PruneVolumes {
    /// Which; `anonymous` by default.
    #[serde(default)]
    pub volumes: UnusedVolumes,
}

/// A volume that a prune would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrunableVolume {
    /// Its name.
    pub name: String,
    /// The Compose project that made it.
    pub stack: Option<String>,
    /// What is in it; null if that is not known.
    pub size_bytes: Option<u64>,
}

/// What a prune of volumes would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VolumePrunePreview {
    /// The volumes, by name.
    pub items: Vec<PrunableVolume>,
    /// What those of known size take together, in bytes.
    pub total_bytes: u64,
}

/// What a prune of volumes removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VolumesPruned {
    /// The names of the removed volumes.
    pub removed: Vec<String>,
    /// What is free again, in bytes, as far as it was known.
    pub reclaimed_bytes: u64,
}
