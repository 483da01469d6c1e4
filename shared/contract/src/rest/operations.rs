use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::create::RestartRule;

/// Changes what a container may use, and what happens when it ends. What is absent stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateContainer {
    /// The memory limit in bytes, 6 MiB or more. No engine takes a limit away from a container that is there.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// The CPU limit in CPUs, such as 1.5.
    #[serde(default)]
    pub cpus: Option<f64>,
    /// The most processes; 0 for no limit.
    #[serde(default)]
    pub pids_limit: Option<u64>,
    /// What happens when it ends.
    #[serde(default)]
    pub restart_policy: Option<RestartRule>,
}

/// The processes of a container, as the host's `ps` tells them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProcessList {
    /// The names of the columns; `CMD` or `COMMAND` is missing for those who lack `secrets.read`.
    pub titles: Vec<String>,
    /// One row per process, in the order of `titles`.
    pub processes: Vec<Vec<String>>,
}

/// How a file came to differ from the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is in the image too, and was changed, or something below it was.
    Modified,
    /// It is not in the image.
    Added,
    /// It is in the image, and was removed.
    Removed,
}

/// A file or folder that is not as it is in the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileChange {
    /// The absolute path in the container.
    pub path: String,
    /// How it differs.
    pub kind: ChangeKind,
}

/// What a container changed in its own file system; mounts are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileChanges {
    /// The changes in the engine's order, at most 10,000.
    pub items: Vec<FileChange>,
    /// How many there are.
    pub total: u64,
}

/// Makes an image of a container's file system.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitContainer {
    /// The image's name without a tag.
    #[schema(example = "acme/web")]
    pub repository: String,
    /// `latest` by default.
    #[serde(default)]
    pub tag: Option<String>,
    /// What it is, for its history; up to 1,000 characters.
    #[serde(default)]
    pub message: Option<String>,
    /// Freezes its processes meanwhile, so that files are whole; `true` by default.
    #[serde(default)]
    pub pause: Option<bool>,
}

/// An image that was made of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContainerCommitted {
    /// The image's content hash, `sha256:…`.
    pub image_id: String,
    /// Its name.
    pub reference: String,
}

/// A stopped container that a prune would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrunableContainer {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// The image as it was named at creation.
    pub image: String,
    /// `created`, `exited` or `dead`.
    pub state: String,
    /// What it wrote into its own file system, in bytes.
    pub size_bytes: u64,
}

/// What a prune of containers would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContainerPrunePreview {
    /// The containers, by name.
    pub items: Vec<PrunableContainer>,
    /// What they take together, in bytes.
    pub total_bytes: u64,
}

/// What a prune of containers removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContainersPruned {
    /// The IDs of the removed containers.
    pub removed: Vec<String>,
    /// What is free again, in bytes.
    pub reclaimed_bytes: u64,
}

/// What is done to several containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BulkAction {
    /// Starts them.
    Start,
    /// Stops them, each within its own grace period.
    Stop,
    /// Stops, then starts them.
    Restart,
    /// Ends their processes at once.
    Kill,
    /// Freezes their processes.
    Pause,
    /// Lets frozen processes go on.
    Unpause,
    /// Removes them; needs `containers.remove`.
    Remove,
}

/// Does one thing to several containers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkContainers {
    /// What to do.
    pub action: BulkAction,
    /// 1 to 100 container IDs, or unique prefixes of at least 12 digits.
    pub ids: Vec<String>,
    /// The host, where an ID alone does not say it.
    #[serde(default)]
    pub host: Option<String>,
    /// For `remove`: kill those that run first.
    #[serde(default)]
    pub force: bool,
    /// For `remove`: remove their anonymous volumes too.
    #[serde(default)]
    pub volumes: bool,
}

/// How it went with one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    /// The ID as it was sent.
    pub id: String,
    /// Whether it was done.
    pub ok: bool,
    /// The code of the error, as that of a single request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How it went with each container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkResults {
    /// In the order in which they were sent.
    pub items: Vec<BulkResult>,
    /// How many failed.
    pub failed: u64,
}
