use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EnvironmentVariable, HostStatus, ImageUpdate};

/// A container that uses an image or a volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct ContainerUse {
    /// Without the leading slash.
    pub name: String,
    /// 64 hexadecimal digits.
    pub id: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub state: String,
}

/// One image of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageSummary {
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// The host's ID.
    pub host: String,
    /// Its names with tags, for example `nginx:1.29`.
    pub tags: Vec<String>,
    /// Its names with the digests under which registries know it, for example `nginx@sha256:…`.
    pub digests: Vec<String>,
    /// With all its layers, also those that other images have.
    pub size_bytes: u64,
    /// When it was built, RFC 3339.
    pub created_at: String,
    /// The containers that were made of it, by name, stopped ones included.
    pub containers: Vec<ContainerUse>,
    /// Whether it has no tag, and so is what a newer image left behind.
    pub dangling: bool,
    /// Whether there is something newer under one of its tags; null if no registry was asked, or knows it.
    pub update: Option<ImageUpdate>,
}

/// A page of images.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ImagePage {
    /// The images, by their first tag; those without a tag at the end.
    pub items: Vec<ImageSummary>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
    /// Every host that was asked. One that does not answer is named here and fails nothing else.
    pub hosts: Vec<HostStatus>,
}

/// Everything about one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageDetails {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: ImageSummary,
    /// For example `amd64`.
    pub architecture: String,
    /// For example `linux`.
    pub operating_system: String,
    /// Who made it, if that is said.
    pub author: Option<String>,
    /// What was said when it was made.
    pub comment: Option<String>,
    /// The digests of its layers, the lowest first.
    pub layers: Vec<String>,
    /// Environment; values are null for viewers.
    pub env: Vec<EnvironmentVariable>,
    /// What is run with the command as arguments; empty for viewers.
    pub entrypoint: Vec<String>,
    /// The command and its arguments; empty for viewers.
    pub command: Vec<String>,
    /// The working folder.
    pub working_dir: String,
    /// The user inside containers.
    pub user: String,
    /// Ports that containers listen on, for example `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// Paths that become volumes.
    pub volumes: Vec<String>,
    /// The signal that ends containers, if it is not SIGTERM.
    pub stop_signal: Option<String>,
    /// Labels; empty for viewers.
    pub labels: BTreeMap<String, String>,
    /// Whether values were withheld because the caller lacks `secrets.read`.
    pub secrets_hidden: bool,
}

/// How an image was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageHistory {
    /// The steps, the newest first.
    pub items: Vec<ImageStep>,
    /// Whether instructions were withheld because the caller lacks `secrets.read`.
    pub secrets_hidden: bool,
}

/// One step of an image's making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageStep {
    /// The image that the step made, if it is here.
    pub id: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// The instruction; null for viewers, since it shows build arguments and variables.
    pub created_by: Option<String>,
    /// What the step added, in bytes; 0 if it only changed settings.
    pub size_bytes: u64,
    /// Names that the step's image has.
    pub tags: Vec<String>,
    /// What was said of it.
    pub comment: String,
}

/// Gives an image a name, or takes one away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageName {
    /// A name with a tag; `latest` without one.
    #[schema(example = "registry.example.org/web:1.4")]
    pub reference: String,
}

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImagesRemoved {
    /// Names that are gone.
    pub untagged: Vec<String>,
    /// Images and layers that are gone, by their digests.
    pub deleted: Vec<String>,
}

/// What came with an imported tar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImagesImported {
    /// The names of the images, and the IDs of those without a name.
    pub loaded: Vec<String>,
}

/// Which images a prune takes. Never one that a container was made of, running or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnusedImages {
    /// Those without a tag.
    #[default]
    Dangling,
    /// All.
    All,
}

/// Removes unused images.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PruneImages {
    /// Which; `dangling` by default.
    #[serde(default)]
    pub images: UnusedImages,
}

/// An image that a prune would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrunableImage {
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// Its names with tags.
    pub tags: Vec<String>,
    /// With all its layers.
    pub size_bytes: u64,
    /// The layers that no other image has.
    pub unique_bytes: u64,
}

/// What a prune of images would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImagePrunePreview {
    /// The images, the one that frees most first.
    pub items: Vec<PrunableImage>,
    /// What is free afterwards at least: layers that only removed images share come on top.
    pub total_bytes: u64,
}

/// What a prune of images removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImagesPruned {
    /// Names that are gone.
    pub untagged: Vec<String>,
    /// Images and layers that are gone, by their digests.
    pub deleted: Vec<String>,
    /// What is free again, in bytes.
    pub reclaimed_bytes: u64,
}
