use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ContainerPrunePreview, ContainersPruned, ImagePrunePreview, ImagesPruned, NetworkPrunePreview,
    NetworksPruned, UnusedImages, UnusedVolumes, VolumePrunePreview, VolumesPruned,
};

/// What takes a host's disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskUsage {
    /// Images; layers that several have count once.
    pub images: UsageClass,
    /// What containers wrote into their own file systems.
    pub containers: UsageClass,
    /// Volumes.
    pub volumes: UsageClass,
    /// What builds keep for later ones.
    pub build_cache: UsageClass,
    /// All of it, in bytes.
    pub total_bytes: u64,
    /// What is not in use of all of it, in bytes.
    pub reclaimable_bytes: u64,
}

/// How much one kind of things takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageClass {
    /// How many there are.
    pub count: u64,
    /// How many are in use.
    pub in_use: u64,
    /// What they take, in bytes.
    pub size_bytes: u64,
    /// What those take that are not in use, in bytes.
    pub reclaimable_bytes: u64,
}

/// Removes what is unused, of the kinds that are named. Nothing else goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PruneSystem {
    /// Containers that do not run.
    #[serde(default)]
    pub containers: bool,
    /// Images: `dangling` ones or `all` that no container was made of.
    #[serde(default)]
    pub images: Option<UnusedImages>,
    /// Networks without containers.
    #[serde(default)]
    pub networks: bool,
    /// Volumes that no container uses, with what is in them: `anonymous` ones or `all`.
    #[serde(default)]
    pub volumes: Option<UnusedVolumes>,
    /// What builds keep for later ones and no build uses now.
    #[serde(default)]
    pub build_cache: bool,
    /// Only what is older than so many hours, from 1 to 87,600. Engines cannot tell that of volumes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older_than_hours: Option<u32>,
}

/// What a prune of the build cache would remove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildCachePrunePreview {
    /// How many records.
    pub count: u64,
    /// What they take together, in bytes.
    pub total_bytes: u64,
}

/// What a prune of the build cache removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildCachePruned {
    /// The IDs of the removed records.
    pub removed: Vec<String>,
    /// What is free again, in bytes.
    pub reclaimed_bytes: u64,
}

/// What a prune of a host would remove now: a section for each kind that was asked for. Each is counted for itself; what
/// only becomes unused by another one's removal is not among it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemPrunePreview {
    /// Containers.
    pub containers: Option<ContainerPrunePreview>,
    /// Images.
    pub images: Option<ImagePrunePreview>,
    /// Networks.
    pub networks: Option<NetworkPrunePreview>,
    /// Volumes.
    pub volumes: Option<VolumePrunePreview>,
    /// The build cache.
    pub build_cache: Option<BuildCachePrunePreview>,
    /// What is free afterwards at least, in bytes.
    pub total_bytes: u64,
}

/// What a prune of a host removed: a section for each kind that was asked for and succeeded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemPruned {
    /// Containers.
    pub containers: Option<ContainersPruned>,
    /// Networks.
    pub networks: Option<NetworksPruned>,
    /// Volumes.
    pub volumes: Option<VolumesPruned>,
    /// Images.
    pub images: Option<ImagesPruned>,
    /// The build cache.
    pub build_cache: Option<BuildCachePruned>,
    /// The kinds that failed; the others were done all the same.
    pub failed: Vec<PruneFailure>,
    /// What is free again, in bytes.
    pub reclaimed_bytes: u64,
}

/// Why one kind was not pruned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PruneFailure {
    /// `containers`, `networks`, `volumes`, `images` or `build_cache`.
    pub part: String,
    /// As in an error's answer.
    pub code: String,
    /// As in an error's answer.
    pub message: String,
}
