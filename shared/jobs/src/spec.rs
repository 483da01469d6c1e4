use std::str::FromStr;

use dockline_domain::{HostId, ImageReference, access::Permission, ids::InvalidId};
use serde::{Deserialize, Serialize};

/// What is to be done: all that a worker needs to know, and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum JobSpec {
    /// An image is fetched from its registry.
    #[serde(rename = "image.pull")]
    ImagePull {
        /// Onto this host.
        host: HostId,
        /// The image.
        image: ImageReference,
    },
}

/// The kinds of jobs that this release knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// [`JobSpec::ImagePull`].
    ImagePull,
}

impl JobSpec {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::ImagePull { .. } => JobKind::ImagePull,
        }
    }

    /// The host at which it works, if it is one.
    #[must_use]
    pub const fn host(&self) -> Option<&HostId> {
        match self {
            Self::ImagePull { host, .. } => Some(host),
        }
    }

    /// What it is about, in one word for people.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::ImagePull { image, .. } => image.to_string(),
        }
    }
}

impl JobKind {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::ImagePull];

    /// The kind's name in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ImagePull => "image.pull",
        }
    }

    /// What somebody needs to start, cancel or repeat such a job.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::ImagePull => Permission::ImagesManage,
        }
    }
}

impl FromStr for JobKind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or(InvalidId { what: "a kind of job", rule: "image.pull" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_is_stored_under_the_name_of_its_kind() {
        let spec = JobSpec::ImagePull {
            host: "edge".parse().expect("a host id"),
            image: "nginx".parse().expect("an image"),
        };
        let stored = serde_json::to_value(&spec).expect("JSON");
        assert_eq!(
            stored,
            serde_json::json!({ "kind": "image.pull", "host": "edge", "image": "nginx:latest" })
        );
        assert_eq!(stored["kind"], spec.kind().as_str());
        assert_eq!(serde_json::from_value::<JobSpec>(stored).expect("a spec"), spec);
        for kind in JobKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
