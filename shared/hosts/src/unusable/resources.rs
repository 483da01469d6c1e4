//! Images, networks, volumes and what takes the disk.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use dockline_contract::rest::{
    BuildCachePrunePreview, BuildCachePruned, DiskUsage, ImageDetails, ImageHistory, ImagePrunePreview,
    ImageSummary, ImagesImported, ImagesPruned, ImagesRemoved, NetworkDetails, NetworkPrunePreview,
    NetworkSummary, NetworkTopology, NetworksPruned, UnusedImages, UnusedVolumes, VolumeDetails,
    VolumePrunePreview, VolumeSummary, VolumesPruned,
};
use dockline_docker::{
    Build, BuildStream, Content, Discarded, Endpoint, Images, Layer, Networks, NewBuild, NewNetwork,
    NewVolume, Opening, Owner, Result, Sensitive, System, VolumeFiles, Volumes,
};
use dockline_domain::{
    ContainerId, ImageId, ImageRef, ImageReference, NetworkId, NetworkRef, VolumeName, access::Grant,
};

use super::UnusableEngine;

#[async_trait]
impl Images for UnusableEngine {
    async fn images(&self) -> Result<Vec<ImageSummary>> {
        self.refuse()
    }

    async fn find_image(&self, _: &ImageRef) -> Result<Vec<ImageId>> {
        self.refuse()
    }

    async fn image(&self, _: &ImageId) -> Result<Sensitive<ImageDetails>> {
        self.refuse()
    }

    async fn image_history(&self, _: &ImageId) -> Result<Sensitive<ImageHistory>> {
        self.refuse()
    }

    async fn tag_image(&self, _: &Grant, _: &ImageId, _: &ImageReference) -> Result<()> {
        self.refuse()
    }

    async fn untag_image(&self, _: &Grant, _: &ImageReference) -> Result<ImagesRemoved> {
        self.refuse()
    }

    async fn remove_image(&self, _: &Grant, _: &ImageId, _: bool) -> Result<ImagesRemoved> {
        self.refuse()
    }

    async fn prunable_images(&self, _: UnusedImages, _: Option<Duration>) -> Result<ImagePrunePreview> {
        self.refuse()
    }

    async fn prune_images(&self, _: &Grant, _: UnusedImages, _: Option<Duration>) -> Result<ImagesPruned> {
        self.refuse()
    }

    async fn export_image(&self, _: &ImageId, _: &[ImageReference]) -> Result<Content> {
        self.refuse()
    }

    async fn import_images(&self, _: &Grant, _: Content) -> Result<ImagesImported> {
        self.refuse()
    }
}

#[async_trait]
impl Networks for UnusableEngine {
    async fn networks(&self) -> Result<Vec<Sensitive<NetworkSummary>>> {
        self.refuse()
    }

    async fn network_topology(&self) -> Result<Sensitive<NetworkTopology>> {
        self.refuse()
    }

    async fn find_network(&self, _: &NetworkRef) -> Result<Vec<NetworkId>> {
        self.refuse()
    }

    async fn network(&self, _: &NetworkId) -> Result<Sensitive<NetworkDetails>> {
        self.refuse()
    }

    async fn create_network(&self, _: &Grant, _: &NewNetwork) -> Result<NetworkId> {
        self.refuse()
    }

    async fn connect_container(&self, _: &Grant, _: &NetworkId, _: &ContainerId, _: &Endpoint) -> Result<()> {
        self.refuse()
    }

    async fn disconnect_container(&self, _: &Grant, _: &NetworkId, _: &ContainerId, _: bool) -> Result<()> {
        self.refuse()
    }

    async fn remove_network(&self, _: &Grant, _: &NetworkId, _: bool) -> Result<()> {
        self.refuse()
    }

    async fn prunable_networks(&self, _: Option<Duration>) -> Result<NetworkPrunePreview> {
        self.refuse()
    }

    async fn prune_networks(&self, _: &Grant, _: Option<Duration>) -> Result<NetworksPruned> {
        self.refuse()
    }
}

#[async_trait]
impl Volumes for UnusableEngine {
    async fn volumes(&self) -> Result<Vec<Sensitive<VolumeSummary>>> {
        self.refuse()
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>> {
        self.refuse()
    }

    async fn volume(&self, _: &VolumeName) -> Result<Sensitive<VolumeDetails>> {
        self.refuse()
    }

    async fn create_volume(&self, _: &Grant, _: &NewVolume) -> Result<VolumeName> {
        self.refuse()
    }

    async fn remove_volume(&self, _: &Grant, _: &VolumeName, _: bool) -> Result<()> {
        self.refuse()
    }

    async fn prunable_volumes(&self, _: UnusedVolumes) -> Result<VolumePrunePreview> {
        self.refuse()
    }

    async fn prune_volumes(&self, _: &Grant, _: UnusedVolumes) -> Result<VolumesPruned> {
        self.refuse()
    }
}

#[async_trait]
impl Build for UnusableEngine {
    async fn build_image(&self, _: &Grant, _: &NewBuild, _: Content) -> Result<BuildStream> {
        self.refuse()
    }

    async fn discard_layer(&self, _: &Grant, _: &Layer) -> Result<Discarded> {
        self.refuse()
    }
}

#[async_trait]
impl VolumeFiles for UnusableEngine {
    async fn make_helper(&self, _: &Grant, _: &VolumeName, _: &Opening) -> Result<ContainerId> {
        self.refuse()
    }

    async fn remove_helper(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn read_volume(&self, _: &ContainerId) -> Result<Content> {
        self.refuse()
    }

    async fn set_top(&self, _: &Grant, _: &ContainerId, _: Owner) -> Result<()> {
        self.refuse()
    }

    async fn sweep_helpers(&self) -> Result<u64> {
        self.refuse()
    }
}

#[async_trait]
impl System for UnusableEngine {
    async fn disk_usage(&self) -> Result<DiskUsage> {
        self.refuse()
    }

    async fn prunable_build_cache(&self) -> Result<BuildCachePrunePreview> {
        self.refuse()
    }

    async fn prune_build_cache(&self, _: &Grant, _: Option<Duration>) -> Result<BuildCachePruned> {
        self.refuse()
    }
}
