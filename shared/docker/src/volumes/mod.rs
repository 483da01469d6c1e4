//! Volumes of a host.

mod fake;
mod real;

use std::collections::BTreeMap;

use async_trait::async_trait;
use dockline_contract::rest::{
    UnusedVolumes, VolumeDetails, VolumePrunePreview, VolumeSummary, VolumesPruned,
};
use dockline_domain::{
    VolumeName, VolumeOptions,
    access::{Grant, Permission},
};

pub use self::fake::FakeVolumes;
use crate::{Result, Sensitive};

/// Volumes of a host.
#[async_trait]
pub trait Volumes: Send + Sync {
    /// Every volume, without sizes.
    async fn volumes(&self) -> Result<Vec<Sensitive<VolumeSummary>>>;

    /// What is in each volume, in bytes, as far as it is known. Slow: the engine reads every volume for it.
    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>>;

    /// Everything about one volume but its size.
    async fn volume(&self, name: &VolumeName) -> Result<Sensitive<VolumeDetails>>;

    /// Makes a volume and tells its name. One that is there is a conflict.
    async fn create_volume(&self, grant: &Grant, new: &NewVolume) -> Result<VolumeName>;

    /// Removes it with what is in it. Containers that use it, stopped ones included, are a conflict; forced, a driver that
    /// does not answer is none.
    async fn remove_volume(&self, grant: &Grant, name: &VolumeName, force: bool) -> Result<()>;

    /// What [`Volumes::prune_volumes`] would remove now.
    async fn prunable_volumes(&self, which: UnusedVolumes) -> Result<VolumePrunePreview>;

    /// Removes volumes that no container uses.
    async fn prune_volumes(&self, grant: &Grant, which: UnusedVolumes) -> Result<VolumesPruned>;
}

/// A volume to make, by the driver `local`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewVolume {
    /// The engine invents one when it is absent.
    pub name: Option<VolumeName>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// What the driver mounts.
    pub options: VolumeOptions,
}

impl Sensitive<VolumeSummary> {
    /// What the grant's principal may see: labels need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> VolumeSummary {
        let mut summary = self.into_inner();
        if !grant.also(Permission::SecretsRead) {
            summary.labels.clear();
        }
        summary
    }
}

impl Sensitive<VolumeDetails> {
    /// What the grant's principal may see: labels and options need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> VolumeDetails {
        let mut details = self.into_inner();
        if !grant.also(Permission::SecretsRead) {
            details.secrets_hidden = true;
            details.summary.labels.clear();
            details.options.clear();
        }
        details
    }
}
