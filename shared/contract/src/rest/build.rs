use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An image that is to be built of a Dockerfile alone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildDockerfile {
    /// The Dockerfile's text. `COPY` and `ADD` find nothing but what they fetch themselves.
    pub dockerfile: String,
    /// The names that the image gets, 1 to 16.
    pub tags: Vec<String>,
    /// The stage that is built; the last one without.
    #[serde(default)]
    pub target: Option<String>,
    /// Whether newer base images are looked for.
    #[serde(default)]
    pub pull: bool,
    /// Whether every step is done anew.
    #[serde(default)]
    pub no_cache: bool,
    /// Arguments. They are kept encrypted, and hidden in the output; those that the Dockerfile declares are in the image's
    /// history all the same.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}
