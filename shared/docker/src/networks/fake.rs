use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use dockline_contract::rest::{
    NetworkDetails, NetworkDriver, NetworkLink, NetworkMember, NetworkPrunePreview, NetworkSummary,
    NetworkTopology, NetworksPruned, PrunableNetwork,
};
use dockline_domain::{ContainerId, NetworkId, NetworkRef, access::Grant};

use super::{Endpoint, Networks, NewNetwork, convert::driver};
use crate::{Engine, Error, Missing, Result, Sensitive, fake::FakeEngine};

/// Networks in memory. There is a predefined one, `bridge`.
#[derive(Debug, Clone)]
pub struct FakeNetworks(Arc<Mutex<BTreeMap<String, FakeNetwork>>>);

#[derive(Debug)]
struct FakeNetwork {
    new: NewNetwork,
    members: BTreeMap<String, Endpoint>,
}

impl Default for FakeNetworks {
    fn default() -> Self {
        let networks = Self(Arc::default());
        if let Ok(name) = "bridge".parse() {
            networks.add(NewNetwork {
                name,
                driver: NetworkDriver::Bridge,
                internal: false,
                attachable: false,
                ipv6: false,
                subnets: Vec::new(),
                options: BTreeMap::new(),
                labels: BTreeMap::new(),
            });
        }
        networks
    }
}

impl FakeNetworks {
    /// Adds a network and returns its ID.
    pub fn add(&self, new: NewNetwork) -> NetworkId {
        let mut networks = self.lock();
        let id = format!("{:064x}", 0xfeed_0000_u64 + networks.len() as u64);
        networks.insert(id.clone(), FakeNetwork { new, members: BTreeMap::new() });
        id.parse().unwrap_or_else(|_| unreachable!("64 hexadecimal digits"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, FakeNetwork>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn missing() -> Error {
    Error::Missing { what: Missing::Network, message: "no such network".to_owned() }
}

impl FakeEngine {
    fn network_summary(&self, id: &str, network: &FakeNetwork) -> NetworkSummary {
        let new = &network.new;
        NetworkSummary {
            id: id.to_owned(),
            name: new.name.to_string(),
            host: self.host().to_string(),
            driver: driver(new.driver).to_owned(),
            scope: "local".to_owned(),
            created_at: "2026-11-24T10:00:00Z".to_owned(),
            internal: new.internal,
            attachable: new.attachable,
            ipv6: new.ipv6,
            predefined: new.name.as_str() == "bridge",
            subnets: new.subnets.clone(),
            stack: None,
            labels: new.labels.clone(),
            containers: network.members.len() as u64,
        }
    }
}

#[async_trait]
impl Networks for FakeEngine {
    async fn networks(&self) -> Result<Vec<Sensitive<NetworkSummary>>> {
        drop(self.called("networks", "")?);
        let networks = self.networks.lock();
        Ok(networks.iter().map(|(id, one)| Sensitive::new(self.network_summary(id, one))).collect())
    }

    async fn network_topology(&self) -> Result<Sensitive<NetworkTopology>> {
        drop(self.called("network_topology", "")?);
        let found = Engine::list(self).await?;
        let networks = self.networks.lock();
        let links = networks.iter().flat_map(|(id, network)| {
            network.members.iter().map(|(container, endpoint)| NetworkLink {
                network: id.clone(),
                container: container.clone(),
                ipv4: endpoint.ipv4.map(|address| address.to_string()),
                ipv6: None,
            })
        });
        Ok(Sensitive::new(NetworkTopology {
            networks: networks.iter().map(|(id, one)| self.network_summary(id, one)).collect(),
            links: links.collect(),
            containers: found.into_iter().map(Sensitive::into_inner).collect(),
        }))
    }

    async fn find_network(&self, reference: &NetworkRef) -> Result<Vec<NetworkId>> {
        drop(self.called("find_network", reference.as_str())?);
        let ids: Vec<NetworkId> = self.networks.lock().keys().filter_map(|id| id.parse().ok()).collect();
        Ok(ids.into_iter().filter(|id| reference.matches(id)).collect())
    }

    async fn network(&self, id: &NetworkId) -> Result<Sensitive<NetworkDetails>> {
        drop(self.called("network", id.as_str())?);
        let networks = self.networks.lock();
        let network = networks.get(id.as_str()).ok_or_else(missing)?;
        let members = network.members.iter().map(|(container, endpoint)| NetworkMember {
            id: container.clone(),
            name: String::new(),
            state: "running".to_owned(),
            aliases: endpoint.aliases.clone(),
            ipv4: endpoint.ipv4.map(|address| address.to_string()),
            ipv6: None,
            mac_address: None,
        });
        Ok(Sensitive::new(NetworkDetails {
            summary: self.network_summary(id.as_str(), network),
            members: members.collect(),
            options: network.new.options.clone(),
            secrets_hidden: false,
        }))
    }

    async fn create_network(&self, _grant: &Grant, new: &NewNetwork) -> Result<NetworkId> {
        drop(self.called("create_network", new.name.as_str())?);
        if self.networks.lock().values().any(|one| one.new.name == new.name) {
            return Err(Error::Conflict { message: format!("there is already a network {}", new.name) });
        }
        Ok(self.networks.add(new.clone()))
    }

    async fn connect_container(
        &self,
        _grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        endpoint: &Endpoint,
    ) -> Result<()> {
        drop(self.called("connect_container", &format!("{id} {container}"))?);
        let mut networks = self.networks.lock();
        let network = networks.get_mut(id.as_str()).ok_or_else(missing)?;
        match network.members.insert(container.to_string(), endpoint.clone()) {
            None => Ok(()),
            Some(_) => Err(Error::Conflict { message: "the container is in this network".to_owned() }),
        }
    }

    async fn disconnect_container(
        &self,
        _grant: &Grant,
        id: &NetworkId,
        container: &ContainerId,
        _force: bool,
    ) -> Result<()> {
        drop(self.called("disconnect_container", &format!("{id} {container}"))?);
        let mut networks = self.networks.lock();
        let network = networks.get_mut(id.as_str()).ok_or_else(missing)?;
        let removed = network.members.remove(container.as_str());
        let message = "the container is not in this network".to_owned();
        removed.map(drop).ok_or(Error::Conflict { message })
    }

    async fn remove_network(&self, _grant: &Grant, id: &NetworkId, _force: bool) -> Result<()> {
        drop(self.called("remove_network", id.as_str())?);
        let mut networks = self.networks.lock();
        let network = networks.get(id.as_str()).ok_or_else(missing)?;
        let summary = self.network_summary(id.as_str(), network);
        if summary.predefined || summary.containers > 0 {
            return Err(Error::Conflict { message: format!("the network {} is in use", summary.name) });
        }
        networks.remove(id.as_str());
        Ok(())
    }

    async fn prunable_networks(&self, _older_than: Option<Duration>) -> Result<NetworkPrunePreview> {
        drop(self.called("prunable_networks", "")?);
        let networks = self.networks.lock();
        let summaries = networks.iter().map(|(id, one)| self.network_summary(id, one));
        let items = summaries
            .filter(|one| one.containers == 0 && !one.predefined)
            .map(|one| PrunableNetwork { id: one.id, name: one.name, stack: None })
            .collect();
        Ok(NetworkPrunePreview { items })
    }

    async fn prune_networks(&self, _grant: &Grant, older_than: Option<Duration>) -> Result<NetworksPruned> {
        let unused = self.prunable_networks(older_than).await?;
        drop(self.called("prune_networks", "")?);
        let mut networks = self.networks.lock();
        let removed = unused.items.into_iter().map(|one| {
            networks.remove(&one.id);
            one.name
        });
        Ok(NetworksPruned { removed: removed.collect() })
    }
}
