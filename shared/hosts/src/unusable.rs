mod containers;
mod recreate;
mod registries;
mod resources;

use async_trait::async_trait;
use dockline_auth::CannotOpen;
use dockline_contract::rest::{ContainerDetails, ContainerSummary};
use dockline_docker::{
    ContainerStatus, Engine, EngineConnection, EngineInfo, Error, EventStream, Exec, ExecSpec, Execs,
    InvalidAddress, InvalidConnection, KillSignal, LogOpen, LogQuery, RemoveOptions, Result, Sensitive,
    StatsStream, Tunnels, UnreadableCredentials,
};
use dockline_domain::{ContainerId, ContainerName, ContainerRef, Timestamp, access::Grant};

/// Why nothing can be made of a host's record. Holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unusable {
    /// Its address is none.
    #[error("{0}; change the address")]
    Address(#[from] InvalidAddress),
    /// This process has not the key that its credentials were sealed under.
    #[error(
        "the host's stored credentials cannot be opened with this DOCKLINE_SECRET_KEY ({0}): give them again, or start with the key of before"
    )]
    Sealed(#[from] CannotOpen),
    /// Its credentials are of another form.
    #[error("{0}")]
    Credentials(#[from] UnreadableCredentials),
    /// Its address and its credentials do not go together.
    #[error("the host cannot be used ({0}): change the address, or give the credentials again")]
    Connection(#[from] InvalidConnection),
}

/// An engine that answers everything with the reason why there is none.
#[derive(Debug)]
pub(crate) struct UnusableEngine {
    reason: String,
}

impl UnusableEngine {
    pub(crate) fn new(why: &Unusable) -> Self {
        Self { reason: why.to_string() }
    }

    fn refuse<T>(&self) -> Result<T> {
        Err(Error::Unusable { reason: self.reason.clone() })
    }
}

#[async_trait]
impl Tunnels for UnusableEngine {
    async fn tunnel(&self, _: &Grant) -> Result<Box<dyn EngineConnection>> {
        self.refuse()
    }
}

#[async_trait]
impl Execs for UnusableEngine {
    async fn exec(&self, _: &Grant, _: &ContainerId, _: &ExecSpec) -> Result<Exec> {
        self.refuse()
    }
}

#[async_trait]
impl Engine for UnusableEngine {
    async fn ping(&self) -> Result<()> {
        self.refuse()
    }

    async fn info(&self) -> Result<EngineInfo> {
        self.refuse()
    }

    async fn list(&self) -> Result<Vec<Sensitive<ContainerSummary>>> {
        self.refuse()
    }

    async fn find(&self, _: &ContainerRef) -> Result<Vec<ContainerId>> {
        self.refuse()
    }

    async fn inspect(&self, _: &ContainerId) -> Result<Sensitive<ContainerDetails>> {
        self.refuse()
    }

    async fn status(&self, _: &ContainerId) -> Result<ContainerStatus> {
        self.refuse()
    }

    async fn start(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn stop(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn restart(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn kill(&self, _: &Grant, _: &ContainerId, _: KillSignal) -> Result<()> {
        self.refuse()
    }

    async fn pause(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn unpause(&self, _: &Grant, _: &ContainerId) -> Result<()> {
        self.refuse()
    }

    async fn rename(&self, _: &Grant, _: &ContainerId, _: &ContainerName) -> Result<()> {
        self.refuse()
    }

    async fn remove(&self, _: &Grant, _: &ContainerId, _: RemoveOptions) -> Result<()> {
        self.refuse()
    }

    async fn logs(&self, _: &ContainerId, _: &LogQuery) -> Result<LogOpen> {
        self.refuse()
    }

    async fn stats(&self, _: &ContainerId) -> Result<StatsStream> {
        self.refuse()
    }

    async fn events(&self, _: Option<Timestamp>) -> Result<EventStream> {
        self.refuse()
    }
}
