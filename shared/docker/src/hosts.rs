use std::{collections::BTreeMap, sync::Arc};

use dockline_domain::{HostId, host::HostOrigin};
use tokio::sync::watch;

use crate::{Address, Engine};

/// One Docker host and the way to its engine.
///
/// Two values are equal when they are the same revision of the same host.
#[derive(Debug, Clone)]
pub struct Host {
    /// The host's ID.
    pub id: HostId,
    /// The engine's address, for people.
    pub address: Address,
    /// Words of the administrators, to find and to group.
    pub labels: BTreeMap<String, String>,
    /// Whether it is used at all.
    pub enabled: bool,
    /// Who put it here.
    pub origin: HostOrigin,
    /// The engine, and with it the connections to it.
    pub engine: Arc<dyn Engine>,
    /// Grows with every change of this host.
    pub revision: u64,
}

impl Host {
    /// An enabled host of the settings, without labels.
    #[must_use]
    pub fn new(id: HostId, address: Address, engine: Arc<dyn Engine>) -> Self {
        let labels = BTreeMap::new();
        Self { id, address, labels, enabled: true, origin: HostOrigin::Settings, engine, revision: 0 }
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.revision == other.revision
    }
}

impl Eq for Host {}

/// Every host that this process knows: a handle on a directory that may change while the process runs. Clones show the
/// same directory.
#[derive(Debug, Clone)]
pub struct Hosts(watch::Sender<Directory>);

type Directory = Arc<BTreeMap<HostId, Host>>;

impl Hosts {
    /// A directory that begins with these hosts.
    pub fn fixed(hosts: impl IntoIterator<Item = Host>) -> Self {
        let hosts = hosts.into_iter().map(|host| (host.id.clone(), host)).collect();
        Self(watch::Sender::new(Arc::new(hosts)))
    }

    /// One host by its ID, disabled ones included.
    #[must_use]
    pub fn get(&self, id: &HostId) -> Option<Host> {
        self.0.borrow().get(id).cloned()
    }

    /// All hosts by ID, disabled ones included.
    #[must_use]
    pub fn all(&self) -> Vec<Host> {
        self.0.borrow().values().cloned().collect()
    }

    /// The directory, now and after each change.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<BTreeMap<HostId, Host>>> {
        self.0.subscribe()
    }

    /// Puts these hosts in the place of all. One whose revision is known stays as it is, with its engine and its
    /// connections; nobody is woken when nothing changed.
    pub fn replace(&self, mut hosts: BTreeMap<HostId, Host>) {
        self.0.send_if_modified(|current| {
            for (id, host) in &mut hosts {
                if let Some(known) = current.get(id).filter(|known| *known == host) {
                    host.clone_from(known);
                }
            }
            let changed = **current != hosts;
            if changed {
                *current = Arc::new(hosts);
            }
            changed
        });
    }
}

impl Default for Hosts {
    fn default() -> Self {
        Self::fixed([])
    }
}

impl FromIterator<Host> for Hosts {
    fn from_iter<T: IntoIterator<Item = Host>>(hosts: T) -> Self {
        Self::fixed(hosts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeEngine;

    fn host(name: &str, revision: u64) -> Host {
        let id: HostId = name.parse().expect("a host id");
        let address = "unix:///nowhere".parse().expect("an address");
        Host { revision, ..Host::new(id.clone(), address, FakeEngine::new(id)) }
    }

    fn directory(hosts: impl IntoIterator<Item = Host>) -> BTreeMap<HostId, Host> {
        hosts.into_iter().map(|host| (host.id.clone(), host)).collect()
    }

    #[test]
    fn a_known_revision_keeps_its_engine_and_wakes_nobody() {
        let hosts = Hosts::fixed([host("a", 1), host("b", 1)]);
        let mut watch = hosts.watch();
        let engine = |name: &str| hosts.get(&name.parse().expect("an id")).expect("a host").engine;
        let (a, b) = (engine("a"), engine("b"));
        hosts.replace(directory([host("a", 1), host("b", 1)]));
        assert!(!watch.has_changed().expect("open"));
        assert!(Arc::ptr_eq(&a, &engine("a")));

        hosts.replace(directory([host("a", 1), host("b", 2)]));
        assert!(watch.has_changed().expect("open"));
        assert_eq!(watch.borrow_and_update().len(), 2);
        assert!(Arc::ptr_eq(&a, &engine("a")), "a did not change");
        assert!(!Arc::ptr_eq(&b, &engine("b")), "b changed");

        hosts.clone().replace(directory([host("b", 2)]));
        assert!(watch.has_changed().expect("open"), "clones show the same directory");
        assert_eq!(hosts.all(), [host("b", 2)]);
    }
}
