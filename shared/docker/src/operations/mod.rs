//! What is done with containers that are there, beyond starting and stopping.

mod fake;
mod real;

use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{
    ContainerPrunePreview, ContainersPruned, FileChanges, ProcessList, RestartRule,
};
use dockline_domain::{ContainerId, ImageReference, access::Grant};

use crate::{Limits, Result, Sensitive};

/// The most changed files that are told.
pub(crate) const MAX_CHANGES: usize = 10_000;

/// What is done with containers that are there.
#[async_trait]
pub trait Operations: Send + Sync {
    /// Changes what a container may use, and what happens when it ends.
    async fn update_container(&self, grant: &Grant, id: &ContainerId, update: &Update) -> Result<()>;
    /// Its processes; a container that does not run is a conflict.
    async fn top(&self, id: &ContainerId) -> Result<Sensitive<ProcessList>>;
    /// How its own file system differs from the image.
    async fn changes(&self, id: &ContainerId) -> Result<FileChanges>;
    /// Makes an image of its file system, and tells the image's content hash.
    async fn commit_container(&self, grant: &Grant, id: &ContainerId, commit: &Commit) -> Result<String>;
    /// What [`Operations::prune_containers`] would remove now.
    async fn prunable_containers(&self, older_than: Option<Duration>) -> Result<ContainerPrunePreview>;
    /// Removes every container that does not run.
    async fn prune_containers(&self, grant: &Grant, older_than: Option<Duration>)
    -> Result<ContainersPruned>;
}

/// Changes to a container; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Update {
    /// What it may use.
    pub limits: Limits,
    /// What happens when it ends.
    pub restart: Option<RestartRule>,
}

/// How an image is made of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The image's name and tag; no digest.
    pub reference: ImageReference,
    /// For its history.
    pub message: Option<String>,
    /// Whether the processes are frozen meanwhile.
    pub pause: bool,
}
