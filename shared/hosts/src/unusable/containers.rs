//! What is done with containers beyond starting and stopping, and with their files.

use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{ContainerPrunePreview, ContainersPruned, FileChanges, ProcessList};
use dockline_docker::{
    Commit, Content, Create, Created, FileStat, Files, HostFolder, Listing, NewContainer, NewFile, OpenFile,
    Operations, Owner, Result, Sensitive, Update,
};
use dockline_domain::{
    ContainerId, ContainerPath, VolumeName, access::Grant, host_access::HostSettings, volume::VolumeAccess,
};

use super::UnusableEngine;

#[async_trait]
impl Create for UnusableEngine {
    async fn create_container(&self, _: &Grant, _: &NewContainer) -> Result<Created> {
        self.refuse()
    }

    async fn volume_reach(&self, _: &VolumeName) -> Result<Option<VolumeAccess>> {
        self.refuse()
    }

    async fn host_settings(&self, _: &ContainerId) -> Result<HostSettings> {
        self.refuse()
    }
}

#[async_trait]
impl Operations for UnusableEngine {
    async fn update_container(&self, _: &Grant, _: &ContainerId, _: &Update) -> Result<()> {
        self.refuse()
    }

    async fn top(&self, _: &ContainerId) -> Result<Sensitive<ProcessList>> {
        self.refuse()
    }

    async fn changes(&self, _: &ContainerId) -> Result<FileChanges> {
        self.refuse()
    }

    async fn commit_container(&self, _: &Grant, _: &ContainerId, _: &Commit) -> Result<String> {
        self.refuse()
    }

    async fn prunable_containers(&self, _: Option<Duration>) -> Result<ContainerPrunePreview> {
        self.refuse()
    }

    async fn prune_containers(&self, _: &Grant, _: Option<Duration>) -> Result<ContainersPruned> {
        self.refuse()
    }
}

#[async_trait]
impl Files for UnusableEngine {
    async fn stat_file(&self, _: &ContainerId, _: &ContainerPath) -> Result<FileStat> {
        self.refuse()
    }

    async fn list_files(&self, _: &ContainerId, _: &ContainerPath) -> Result<Listing> {
        self.refuse()
    }

    async fn file_owner(&self, _: &ContainerId, _: &ContainerPath) -> Result<Owner> {
        self.refuse()
    }

    async fn read_archive(&self, _: &ContainerId, _: &ContainerPath) -> Result<Content> {
        self.refuse()
    }

    async fn read_file(&self, _: &ContainerId, _: &ContainerPath) -> Result<OpenFile> {
        self.refuse()
    }

    async fn write_file(
        &self,
        _: &Grant,
        _: &ContainerId,
        _: &ContainerPath,
        _: &NewFile,
        _: Content,
    ) -> Result<()> {
        self.refuse()
    }

    async fn unpack(&self, _: &Grant, _: &ContainerId, _: &ContainerPath, _: Content) -> Result<()> {
        self.refuse()
    }

    async fn host_mounts(&self, _: &ContainerId) -> Result<Vec<HostFolder>> {
        self.refuse()
    }
}
