use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::JobRecord;

/// Whether a registry has something newer under an image's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImageUpdate {
    /// Whether it has.
    pub available: bool,
    /// When it was asked last; RFC 3339.
    pub checked_at: String,
    /// Why it told nothing when it was asked last. `available` is then what it told before.
    pub error: Option<String>,
}

/// Has registries asked whether they have something newer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckUpdates {
    /// For the images of this host only.
    #[serde(default)]
    pub host: Option<String>,
    /// For this image of the host only.
    #[serde(default)]
    pub image: Option<String>,
}

/// Makes a container anew, of the newest image or of another one, with all its settings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecreateContainer {
    /// The image: a name, or the ID of one that is on the host. The one by which the container was made if absent.
    #[serde(default)]
    #[schema(example = "nginx:1.29")]
    pub image: Option<String>,
    /// Whether its registry is asked first; true for a name, and not possible for an ID.
    #[serde(default)]
    pub pull: Option<bool>,
}

/// The answer to a wish to recreate.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecreateAccepted {
    /// The job that does it.
    pub job: JobRecord,
    /// What to know about it.
    pub warnings: Vec<String>,
}
