use std::str::FromStr;

use dockline_contract::rest::PruneSystem;
use dockline_domain::{
    ContainerId, ContainerName, HostId, ImageReference, JobId, ScheduleId, StackName, VolumeName,
    WantedImage, access::Permission, ids::InvalidId,
};
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
        /// For this schedule.
        schedule: Option<ScheduleId>,
        /// How many copies of the schedule are kept, the newest; all without.
        keep: Option<u32>,
    },
    /// A backup is unpacked into a volume.
    #[serde(rename = "volume.restore")]
    VolumeRestore {
        /// The backup, by the job that made it.
        backup: JobId,
        /// On this host.
        host: HostId,
        /// The volume.
        volume: VolumeName,
        /// Also when containers use it.
        force: bool,
    },
    /// An image is built. The context and the build's arguments are inputs of the job.
    #[serde(rename = "image.build")]
    ImageBuild {
        /// On this host.
        host: HostId,
        /// The names that the image gets.
        tags: Vec<ImageReference>,
        /// The Dockerfile's path in the context.
        dockerfile: String,
        /// The stage that is built; the last one without.
        target: Option<String>,
        /// Whether newer base images are looked for.
        pull: bool,
        /// Whether every step is done anew.
        no_cache: bool,
    },
    /// A stack is made, or changed, as one form of its file says.
    #[serde(rename = "stack.deploy")]
    StackDeploy {
        /// On this host.
        host: HostId,
        /// The stack.
        stack: StackName,
        /// The form, by its number.
        revision: u32,
        /// Whether every image is fetched, for newer ones.
        always_pull: bool,
    },
    /// A stack's containers are started.
    #[serde(rename = "stack.start")]
    StackStart {
        /// On this host.
        host: HostId,
        /// The stack.
        stack: StackName,
    },
    /// A stack's containers are stopped.
    #[serde(rename = "stack.stop")]
    StackStop {
        /// On this host.
        host: HostId,
        /// The stack.
        stack: StackName,
    },
    /// A stack's containers are stopped and started.
    #[serde(rename = "stack.restart")]
    StackRestart {
        /// On this host.
        host: HostId,
        /// The stack.
        stack: StackName,
    },
    /// A stack's containers and networks are removed.
    #[serde(rename = "stack.remove")]
    StackRemove {
        /// On this host.
        host: HostId,
        /// The stack.
        stack: StackName,
        /// Whether its own volumes go too.
        volumes: bool,
        /// Whether its file stays.
        keep_file: bool,
    },
    /// An image is sent to its registry.
    #[serde(rename = "image.push")]
    ImagePush {
        /// From this host.
        host: HostId,
        /// The image.
        image: ImageReference,
    },
    /// Registries are asked whether they have something newer.
    #[serde(rename = "image.update_check")]
    ImageUpdateCheck {
        /// For the images of this host; of all enabled hosts without.
        host: Option<HostId>,
        /// For this one of its images.
        image: Option<ImageReference>,
    },
    /// A container is made anew, with all its settings.
    #[serde(rename = "container.recreate")]
    ContainerRecreate {
        /// On this host.
        host: HostId,
        /// The container.
        container: ContainerId,
        /// Its name at that time.
        name: ContainerName,
        /// Of this image; of the one by whose name it was made without.
        image: Option<WantedImage>,
        /// Whether the image's registry is asked first.
        pull: bool,
    },
}

/// The kinds of jobs that this release knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// [`JobSpec::ImagePull`].
    ImagePull,
    /// [`JobSpec::SystemPrune`].
    SystemPrune,
    /// [`JobSpec::VolumeBackup`].
    VolumeBackup,
    /// [`JobSpec::VolumeRestore`].
    VolumeRestore,
    /// [`JobSpec::ImageBuild`].
    ImageBuild,
    /// [`JobSpec::StackDeploy`].
    StackDeploy,
    /// [`JobSpec::StackStart`].
    StackStart,
    /// [`JobSpec::StackStop`].
    StackStop,
    /// [`JobSpec::StackRestart`].
    StackRestart,
    /// [`JobSpec::StackRemove`].
    StackRemove,
    /// [`JobSpec::ImagePush`].
    ImagePush,
    /// [`JobSpec::ImageUpdateCheck`].
    ImageUpdateCheck,
    /// [`JobSpec::ContainerRecreate`].
    ContainerRecreate,
}

impl JobSpec {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::ImagePull { .. } => JobKind::ImagePull,
            Self::SystemPrune { .. } => JobKind::SystemPrune,
            Self::VolumeBackup { .. } => JobKind::VolumeBackup,
            Self::VolumeRestore { .. } => JobKind::VolumeRestore,
            Self::ImageBuild { .. } => JobKind::ImageBuild,
            Self::StackDeploy { .. } => JobKind::StackDeploy,
            Self::StackStart { .. } => JobKind::StackStart,
            Self::StackStop { .. } => JobKind::StackStop,
            Self::StackRestart { .. } => JobKind::StackRestart,
            Self::StackRemove { .. } => JobKind::StackRemove,
            Self::ImagePush { .. } => JobKind::ImagePush,
            Self::ImageUpdateCheck { .. } => JobKind::ImageUpdateCheck,
            Self::ContainerRecreate { .. } => JobKind::ContainerRecreate,
        }
    }

    /// The host at which it works, if it is one.
    #[must_use]
    pub const fn host(&self) -> Option<&HostId> {
        match self {
            Self::ImagePull { host, .. }
            | Self::SystemPrune { host, .. }
            | Self::VolumeBackup { host, .. }
            | Self::VolumeRestore { host, .. }
            | Self::ImageBuild { host, .. }
            | Self::StackDeploy { host, .. }
            | Self::StackStart { host, .. }
            | Self::StackStop { host, .. }
            | Self::StackRestart { host, .. }
            | Self::StackRemove { host, .. }
            | Self::ImagePush { host, .. }
            | Self::ContainerRecreate { host, .. } => Some(host),
            Self::ImageUpdateCheck { host, .. } => host.as_ref(),
        }
    }

    /// What it is about, in one word for people.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::ImagePull { image, .. } | Self::ImagePush { image, .. } => image.to_string(),
            Self::ImageUpdateCheck { image, .. } => {
                image.as_ref().map_or_else(|| "all images".to_owned(), ToString::to_string)
            }
            Self::ContainerRecreate { name, .. } => name.to_string(),
            Self::SystemPrune { what, .. } => kinds(*what),
            Self::VolumeBackup { volume, .. } | Self::VolumeRestore { volume, .. } => volume.to_string(),
            Self::ImageBuild { tags, .. } => tags.first().map(ToString::to_string).unwrap_or_default(),
            Self::StackDeploy { stack, .. }
            | Self::StackStart { stack, .. }
            | Self::StackStop { stack, .. }
            | Self::StackRestart { stack, .. }
            | Self::StackRemove { stack, .. } => stack.to_string(),
        }
    }
}

impl JobKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::ImagePull,
        Self::SystemPrune,
        Self::VolumeBackup,
        Self::VolumeRestore,
        Self::ImageBuild,
        Self::StackDeploy,
        Self::StackStart,
        Self::StackStop,
        Self::StackRestart,
        Self::StackRemove,
        Self::ImagePush,
        Self::ImageUpdateCheck,
        Self::ContainerRecreate,
    ];

    /// The kind's name in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ImagePull => "image.pull",
            Self::SystemPrune => "system.prune",
            Self::VolumeBackup => "volume.backup",
            Self::VolumeRestore => "volume.restore",
            Self::ImageBuild => "image.build",
            Self::StackDeploy => "stack.deploy",
            Self::StackStart => "stack.start",
            Self::StackStop => "stack.stop",
            Self::StackRestart => "stack.restart",
            Self::StackRemove => "stack.remove",
            Self::ImagePush => "image.push",
            Self::ImageUpdateCheck => "image.update_check",
            Self::ContainerRecreate => "container.recreate",
        }
    }

    /// What somebody needs to start, cancel or repeat such a job.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::ImagePull | Self::ImageBuild | Self::ImagePush | Self::ImageUpdateCheck => {
                Permission::ImagesManage
            }
            Self::ContainerRecreate => Permission::ContainersCreate,
            Self::SystemPrune => Permission::SystemPrune,
            Self::VolumeBackup | Self::VolumeRestore => Permission::VolumesManage,
            Self::StackDeploy
            | Self::StackStart
            | Self::StackStop
            | Self::StackRestart
            | Self::StackRemove => Permission::StacksManage,
        }
    }

    /// Whether what was begun of it is taken back by a worker when it is called off.
    #[must_use]
    pub const fn is_taken_back(self) -> bool {
        matches!(self, Self::ContainerRecreate)
    }

    /// Whether it can be done once more from its description: not what needs inputs, which are gone.
    #[must_use]
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::ImageBuild)
    }
}

/// What a prune removes, in words.
fn kinds(what: PruneSystem) -> String {
    let named = [
        (what.containers, "containers"),
        (what.images.is_some(), "images"),
        (what.networks, "networks"),
        (what.volumes.is_some(), "volumes"),
        (what.build_cache, "build cache"),
    ];
    named.iter().filter(|(wanted, _)| *wanted).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

impl FromStr for JobKind {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        known.ok_or(InvalidId {
            what: "a kind of job",
            rule: "one as image.pull, image.build, system.prune or volume.backup",
        })
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
