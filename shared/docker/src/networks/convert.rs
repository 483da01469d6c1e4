use bollard::models::{
    ContainerSummary as EngineContainer, EndpointIpamConfig, EndpointSettings, Ipam, IpamConfig,
    Network as EngineNetwork, NetworkCreateRequest, NetworkInspect,
};
use dockline_contract::rest::{NetworkDriver, NetworkLink, NetworkSummary, Subnet};
use dockline_domain::{HostId, network::PREDEFINED};

use super::{Endpoint, NewNetwork};
use crate::convert::{STACK_LABEL, sorted, written};

/// One container in one network, as the list of containers tells it.
pub(super) struct Link {
    /// Empty before the container's first start.
    network_id: String,
    network_name: String,
    pub(super) container: String,
    settings: EndpointSettings,
}

/// Who is in which network.
pub(super) fn links(containers: &[EngineContainer]) -> Vec<Link> {
    let mut links = Vec::new();
    for container in containers {
        let settings = container.network_settings.as_ref();
        let networks = settings.and_then(|settings| settings.networks.as_ref());
        for (name, settings) in networks.into_iter().flatten() {
            links.push(Link {
                network_id: settings.network_id.clone().unwrap_or_default(),
                network_name: name.clone(),
                container: container.id.clone().unwrap_or_default(),
                settings: settings.clone(),
            });
        }
    }
    links
}

impl Link {
    pub(super) fn leads_to(&self, network: &NetworkSummary) -> bool {
        if self.network_id.is_empty() {
            self.network_name == network.name || self.network_name == network.id
        } else {
            self.network_id == network.id
        }
    }

    pub(super) fn told(&self, network: &NetworkSummary) -> NetworkLink {
        NetworkLink {
            network: network.id.clone(),
            container: self.container.clone(),
            ipv4: said(self.settings.ip_address.clone()),
            ipv6: said(self.settings.global_ipv6_address.clone()),
        }
    }
}

pub(super) fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

pub(super) fn summary(host: &HostId, from: EngineNetwork, links: &[Link]) -> NetworkSummary {
    let labels = sorted(from.labels);
    let name = from.name.unwrap_or_default();
    let mut summary = NetworkSummary {
        id: from.id.unwrap_or_default(),
        host: host.to_string(),
        driver: from.driver.unwrap_or_default(),
        scope: from.scope.unwrap_or_default(),
        created_at: written(from.created),
        internal: from.internal.unwrap_or_default(),
        attachable: from.attachable.unwrap_or_default(),
        ipv6: from.enable_ipv6.unwrap_or_default(),
        predefined: PREDEFINED.contains(&name.as_str()),
        subnets: from.ipam.and_then(|ipam| ipam.config).unwrap_or_default().into_iter().map(subnet).collect(),
        stack: labels.get(STACK_LABEL).cloned(),
        containers: 0,
        labels,
        name,
    };
    summary.containers = links.iter().filter(|link| link.leads_to(&summary)).count() as u64;
    summary
}

/// The part of a description that a list has too.
pub(super) fn listed(from: NetworkInspect) -> EngineNetwork {
    EngineNetwork {
        name: from.name,
        id: from.id,
        created: from.created,
        scope: from.scope,
        driver: from.driver,
        enable_ipv6: from.enable_ipv6,
        ipam: from.ipam,
        internal: from.internal,
        attachable: from.attachable,
        labels: from.labels,
        ..EngineNetwork::default()
    }
}

fn subnet(from: IpamConfig) -> Subnet {
    Subnet {
        subnet: from.subnet.unwrap_or_default(),
        gateway: said(from.gateway),
        ip_range: said(from.ip_range),
    }
}

pub(super) fn request(new: &NewNetwork) -> NetworkCreateRequest {
    let range = |subnet: &Subnet| IpamConfig {
        subnet: Some(subnet.subnet.clone()),
        gateway: subnet.gateway.clone(),
        ip_range: subnet.ip_range.clone(),
        auxiliary_addresses: None,
    };
    let ranges: Vec<IpamConfig> = new.subnets.iter().map(range).collect();
    NetworkCreateRequest {
        name: new.name.to_string(),
        driver: Some(driver(new.driver).to_owned()),
        internal: Some(new.internal),
        attachable: Some(new.attachable),
        enable_ipv6: Some(new.ipv6),
        ipam: (!ranges.is_empty()).then(|| Ipam { config: Some(ranges), ..Ipam::default() }),
        options: Some(new.options.clone().into_iter().collect()),
        labels: Some(new.labels.clone().into_iter().collect()),
        ..NetworkCreateRequest::default()
    }
}

pub(super) const fn driver(driver: NetworkDriver) -> &'static str {
    match driver {
        NetworkDriver::Bridge => "bridge",
        NetworkDriver::Macvlan => "macvlan",
        NetworkDriver::Ipvlan => "ipvlan",
        NetworkDriver::Overlay => "overlay",
    }
}

pub(super) fn settings(endpoint: &Endpoint) -> EndpointSettings {
    let addressed = endpoint.ipv4.is_some() || endpoint.ipv6.is_some();
    EndpointSettings {
        aliases: (!endpoint.aliases.is_empty()).then(|| endpoint.aliases.clone()),
        ipam_config: addressed.then(|| EndpointIpamConfig {
            ipv4_address: endpoint.ipv4.map(|address| address.to_string()),
            ipv6_address: endpoint.ipv6.map(|address| address.to_string()),
            link_local_ips: None,
        }),
        ..EndpointSettings::default()
    }
}
