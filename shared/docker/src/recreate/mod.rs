//! Making a container anew: one with all the settings of another, of another image.
//!
//! Several steps make a new container take an old one's place, and whoever takes them may die between any two. So the
//! new one bears labels that say whose successor it is: by them and by the names of both, whoever comes next knows where
//! it stood.

mod blueprint;
mod body;
mod config;
mod fake;
mod mounts;
mod objections;
mod own;
mod real;
mod way;

use std::time::Duration;

use async_trait::async_trait;
use dockline_domain::{ContainerId, ContainerName, JobId, WantedImage, access::Grant};

pub use self::{blueprint::Blueprint, objections::objections};
use crate::Result;

/// Making containers like others.
#[async_trait]
pub trait Recreate {
    /// All that it takes to make a container like this one.
    async fn blueprint(&self, id: &ContainerId) -> Result<Blueprint>;

    /// What is on this host under the image's name now, if something is.
    async fn image_here(&self, image: &WantedImage) -> Result<Option<ImageHere>>;

    /// Makes a container by a blueprint, without starting it.
    async fn create_successor(
        &self,
        grant: &Grant,
        blueprint: &Blueprint,
        successor: &Successor,
    ) -> Result<ContainerId>;

    /// The successors that there are of a container, whether it is there or not.
    async fn successors(&self, of: &ContainerId) -> Result<Vec<FoundSuccessor>>;

    /// How a container fares. One that is being removed is not there any more.
    async fn condition(&self, id: &ContainerId) -> Result<Condition>;

    /// The names of the containers that live in a namespace of this one: they lose it with the container.
    async fn namespace_users(&self, of: &ContainerId) -> Result<Vec<String>>;

    /// Whether this engine is reached through the container, as through a filter before the engine's socket. What cannot
    /// be known counts as no: a container in its host's network, or one whose own socket is the address.
    async fn is_reached_through(&self, blueprint: &Blueprint) -> Result<bool>;
}

/// The job that a container was made by.
pub(crate) const JOB_LABEL: &str = "io.dockline.recreate";
/// The ID of the container in whose place it is to come.
pub(crate) const OF_LABEL: &str = "io.dockline.recreate.of";
/// The name that it is to have.
pub(crate) const NAME_LABEL: &str = "io.dockline.recreate.name";
/// Whether the old container ran.
pub(crate) const RUNNING_LABEL: &str = "io.dockline.recreate.running";

/// A container that is to come in another one's place.
#[derive(Debug, Clone)]
pub struct Successor {
    /// The job that makes it.
    pub job: JobId,
    /// Its image.
    pub image: WantedImage,
    /// The name that it has until it takes the old one's.
    pub temporary_name: ContainerName,
}

/// A successor that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSuccessor {
    /// Its ID.
    pub id: ContainerId,
    /// The job that made it.
    pub job: JobId,
    /// The name that it is to have.
    pub name: ContainerName,
    /// Whether the old container ran.
    pub ran: bool,
}

/// An image on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageHere {
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// Under which digests registries know it, for example `nginx@sha256:…`.
    pub digests: Vec<String>,
}

/// How a container fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its present name.
    pub name: String,
    /// Whether it was never started.
    pub untouched: bool,
    /// Whether a process runs.
    pub running: bool,
    /// Whether the restart policy is about to start it again.
    pub restarting: bool,
    /// How often the restart policy has.
    pub restarts: u64,
    /// The last exit code.
    pub exit_code: i64,
    /// The engine's word on why it could not run.
    pub error: String,
    /// What its health check says; `None` if it has none.
    pub health: Option<HealthSaid>,
    /// After how long its health check will have said something at the latest.
    pub health_within: Duration,
}

/// What a health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthSaid {
    /// Nothing yet.
    Starting,
    /// It is well.
    Healthy,
    /// It is not.
    Unhealthy,
}
