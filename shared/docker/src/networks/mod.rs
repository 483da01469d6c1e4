//! Networks of a host.

mod convert;
mod fake;
mod real;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use async_trait::async_trait;
use dockline_contract::rest::{
    NetworkDetails, NetworkDriver, NetworkPrunePreview, NetworkSummary, NetworkTopology, NetworksPruned,
    Subnet,
};
use dockline_domain::{
    ContainerId, NetworkId, NetworkName, NetworkRef,
    access::{Grant, Permission},
};

pub use self::fake::FakeNetworks;
use crate::{Result, Sensitive};

/// Networks of a host.
#[async_trait]
pub trait Networks: Send + Sync {
    /// Every network.
    async fn networks(&self) -> Result<Vec<Sensitive<NetworkSummary>>>;

    /// Every network and every container, and which is in which.
    async fn network_topology(&self) -> Result<Sensitive<NetworkTopology>>;

    /// The networks that `reference` names: none, one, or (a short prefix) several.
    async fn find_network(&self, reference: &NetworkRef) -> Result<Vec<NetworkId>>;

    /// Everything about one network.
    async fn network(&self, id: &NetworkId) -> Result<Sensitive<NetworkDetails>>;

    /// Makes a network. A name that another one has is a conflict.
    async fn create_network(&self, grant: &Grant, new: &NewNetwork) -> Result<NetworkId>;

    /// Puts a container into it. One that is in it already is a conflict.
    async fn connect_container(
        &self,
        grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        endpoint: &Endpoint,
    ) -> Result<()>;

    /// Takes a container out of it. One that is not in it is a conflict.
    async fn disconnect_container(
        &self,
        grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        force: bool,
    ) -> Result<()>;

    /// Removes it. Containers in it are a conflict; forced, only those are that run. One that every engine has is a conflict
    /// always.
    async fn remove_network(&self, grant: &Grant, id: &NetworkId, force: bool) -> Result<()>;

    /// What [`Networks::prune_networks`] would remove now.
    async fn prunable_networks(&self, older_than: Option<Duration>) -> Result<NetworkPrunePreview>;

    /// Removes networks without containers. Unlike the engine's own prune it spares those that a stopped container needs to
    /// start again.
    async fn prune_networks(&self, grant: &Grant, older_than: Option<Duration>) -> Result<NetworksPruned>;
}

/// A network to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNetwork {
    /// Its name.
    pub name: NetworkName,
    /// Its kind.
    pub driver: NetworkDriver,
    /// Leads nowhere outside.
    pub internal: bool,
    /// Containers may join it by hand.
    pub attachable: bool,
    /// Has IPv6.
    pub ipv6: bool,
    /// Address ranges, which have been checked.
    pub subnets: Vec<Subnet>,
    /// Driver options; made here from what may be asked for.
    pub options: BTreeMap<String, String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A container's place in a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Names beside its own.
    pub aliases: Vec<String>,
    /// An address of its own.
    pub ipv4: Option<Ipv4Addr>,
    /// An address of its own.
    pub ipv6: Option<Ipv6Addr>,
}

fn hide(grant: &Grant, summary: &mut NetworkSummary) {
    if !grant.also(Permission::SecretsRead) {
        summary.labels.clear();
    }
}

impl Sensitive<NetworkSummary> {
    /// What the grant's principal may see: labels need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> NetworkSummary {
        let mut summary = self.into_inner();
        hide(grant, &mut summary);
        summary
    }
}

impl Sensitive<NetworkDetails> {
    /// What the grant's principal may see: labels need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> NetworkDetails {
        let mut details = self.into_inner();
        hide(grant, &mut details.summary);
        details.secrets_hidden = !grant.also(Permission::SecretsRead);
        details
    }
}

impl Sensitive<NetworkTopology> {
    /// What the grant's principal may see: labels need [`Permission::SecretsRead`].
    #[must_use]
    pub fn reveal(self, grant: &Grant) -> NetworkTopology {
        let mut topology = self.into_inner();
        topology.networks.iter_mut().for_each(|network| hide(grant, network));
        let containers = topology.containers.into_iter();
        topology.containers = containers.map(|one| Sensitive::new(one).reveal(grant)).collect();
        topology
    }
}
