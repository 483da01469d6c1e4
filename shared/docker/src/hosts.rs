use std::{collections::BTreeMap, sync::Arc};

use dockline_domain::HostId;

use crate::{Address, Engine};

/// One Docker host and the way to its engine.
#[derive(Debug, Clone)]
pub struct Host {
    /// The host's ID.
    pub id: HostId,
    /// The engine's address, for people.
    pub address: Address,
    /// The engine.
    pub engine: Arc<dyn Engine>,
}

/// Every host that this process knows.
#[derive(Debug, Clone, Default)]
pub struct Hosts(BTreeMap<HostId, Host>);

impl Hosts {
    /// One host by its ID.
    #[must_use]
    pub fn get(&self, id: &HostId) -> Option<&Host> {
        self.0.get(id)
    }

    /// All hosts, by ID.
    pub fn iter(&self) -> impl Iterator<Item = &Host> {
        self.0.values()
    }
}

impl FromIterator<Host> for Hosts {
    fn from_iter<T: IntoIterator<Item = Host>>(hosts: T) -> Self {
        Self(hosts.into_iter().map(|host| (host.id.clone(), host)).collect())
    }
}
