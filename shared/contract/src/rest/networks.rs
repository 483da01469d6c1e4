use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ContainerSummary, HostStatus};

/// One network of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkSummary {
    /// The engine's ID.
    pub id: String,
    /// Its name, which need not be its alone.
    pub name: String,
    /// The host's ID.
    pub host: String,
    /// `bridge`, `host`, `null`, `macvlan`, `ipvlan`, `overlay` or the name of a plugin.
    pub driver: String,
    /// `local`, `swarm` or `global`.
    pub scope: String,
    /// RFC 3339.
    pub created_at: String,
    /// Whether it leads nowhere outside.
    pub internal: bool,
    /// Whether containers may join it by hand, where services are what it is for.
    pub attachable: bool,
    /// Whether it has IPv6.
    pub ipv6: bool,
    /// Whether every engine has it, so that it cannot be removed.
    pub predefined: bool,
    /// Address ranges.
    pub subnets: Vec<Subnet>,
    /// The Compose project that made it.
    pub stack: Option<String>,
    /// Labels; empty for viewers.
    pub labels: BTreeMap<String, String>,
    /// How many containers it has, stopped ones included.
    pub containers: u64,
}

/// An address range of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// In CIDR notation.
    #[schema(example = "172.30.0.0/16")]
    pub subnet: String,
    /// The address of the way out; the engine takes the first when it is absent.
    #[serde(default)]
    pub gateway: Option<String>,
    /// The part of the range that containers get addresses from, if it is not all of it.
    #[serde(default)]
    pub ip_range: Option<String>,
}

/// A page of networks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NetworkPage {
    /// The networks, by name.
    pub items: Vec<NetworkSummary>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
    /// Every host that was asked. One that does not answer is named here and fails nothing else.
    pub hosts: Vec<HostStatus>,
}

/// Everything about one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkDetails {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: NetworkSummary,
    /// The containers in it, by name, stopped ones included.
    pub members: Vec<NetworkMember>,
    /// The driver's options.
    pub options: BTreeMap<String, String>,
    /// Whether labels were withheld because the caller lacks `secrets.read`.
    pub secrets_hidden: bool,
}

/// A container in a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkMember {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// `running`, `exited` and so on.
    pub state: String,
    /// Names under which others in the network find it.
    pub aliases: Vec<String>,
    /// Its addresses; absent while it does not run.
    pub ipv4: Option<String>,
    /// The same for IPv6.
    pub ipv6: Option<String>,
    /// The address of its network device.
    pub mac_address: Option<String>,
}

/// The networks of a host and what is in them, for a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NetworkTopology {
    /// The networks, by name.
    pub networks: Vec<NetworkSummary>,
    /// The containers, by name, stopped ones included.
    pub containers: Vec<ContainerSummary>,
    /// Which container is in which network.
    pub links: Vec<NetworkLink>,
}

/// A container's place in a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkLink {
    /// The network's ID.
    pub network: String,
    /// The container's ID.
    pub container: String,
    /// Its address there; absent while it does not run.
    pub ipv4: Option<String>,
    /// The same for IPv6.
    pub ipv6: Option<String>,
}

/// The kinds of networks that can be made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NetworkDriver {
    /// A network within the host.
    #[default]
    Bridge,
    /// Containers get addresses of their own on a network of the host's; needs `host.escape`.
    Macvlan,
    /// The same with the host's link-layer address; needs `host.escape`.
    Ipvlan,
    /// A network over the hosts of a swarm.
    Overlay,
}

/// A network that is to be made. What is not named here cannot be asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateNetwork {
    /// 2 to 128 letters, digits, `_`, `.` or `-`.
    pub name: String,
    /// `bridge` by default.
    #[serde(default)]
    pub driver: NetworkDriver,
    /// Leads nowhere outside.
    #[serde(default)]
    pub internal: bool,
    /// Containers may join it by hand; for `overlay`.
    #[serde(default)]
    pub attachable: bool,
    /// Has IPv6 as well.
    #[serde(default)]
    pub ipv6: bool,
    /// Address ranges; the engine chooses one when there is none.
    #[serde(default)]
    pub subnets: Vec<Subnet>,
    /// The host's network device under a `macvlan` or `ipvlan`, such as `eth0` or `eth0.10`.
    #[serde(default)]
    pub parent: Option<String>,
    /// The most bytes of a packet, 68 to 65535.
    #[serde(default)]
    pub mtu: Option<u16>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

/// Puts a container into a network.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectContainer {
    /// 64 hexadecimal digits, or a unique prefix of at least 12.
    pub container: String,
    /// Names under which others in the network find it, beside its own.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// An address of its own; the engine chooses one when it is absent.
    #[serde(default)]
    pub ipv4: Option<String>,
    /// The same for IPv6.
    #[serde(default)]
    pub ipv6: Option<String>,
}

/// Takes a container out of a network.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisconnectContainer {
    /// 64 hexadecimal digits, or a unique prefix of at least 12.
    pub container: String,
    /// Even if its network device cannot be taken away in an orderly manner.
    #[serde(default)]
    pub force: bool,
}

/// A network that a prune would remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PrunableNetwork {
    /// The engine's ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The Compose project that made it.
    pub stack: Option<String>,
}

/// What a prune of networks would remove: those without a container, running or not. Networks take no disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkPrunePreview {
    /// The networks, by name.
    pub items: Vec<PrunableNetwork>,
}

/// What a prune of networks removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworksPruned {
    /// The names of the removed networks.
    pub removed: Vec<String>,
}
