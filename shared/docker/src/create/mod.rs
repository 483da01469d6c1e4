//! Making containers.

mod body;
mod fake;
mod real;
mod spec;

use async_trait::async_trait;
use dockline_domain::{
    ContainerId, VolumeName, access::Grant, host_access::HostSettings, volume::VolumeAccess,
};

pub(crate) use body::{limit, restart_policy};
pub(crate) use real::path_of;
pub use spec::{
    AddDevice, AddMount, HealthTest, Isolation, JoinNetwork, Limits, NewContainer, NewHealthCheck,
    PublishPort,
};

use crate::Result;

/// A container that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its ID.
    pub id: ContainerId,
    /// What the engine remarked.
    pub warnings: Vec<String>,
}

/// How an engine makes containers.
#[async_trait]
pub trait Create: Send + Sync {
    /// Makes a container and does not start it. The image must be there.
    async fn create_container(&self, grant: &Grant, new: &NewContainer) -> Result<Created>;

    /// What a volume gives of its host by its driver's options, if it does. A volume that is not there would be made without
    /// options, and gives nothing.
    async fn volume_reach(&self, name: &VolumeName) -> Result<Option<VolumeAccess>>;

    /// By what a container that is there may reach its host.
    async fn host_settings(&self, id: &ContainerId) -> Result<HostSettings>;
}
