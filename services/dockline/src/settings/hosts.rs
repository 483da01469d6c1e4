//! Hosts of a cluster that are there from the start, as one text: `name=address`, separated by commas.

use dockline_docker::Address;
use dockline_domain::{HostId, host::new_host_id};

pub(super) fn parse(text: &str) -> Result<Vec<(HostId, Address)>, String> {
    let mut hosts: Vec<(HostId, Address)> = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, address) = part
            .split_once('=')
            .ok_or("write name=address, as in edge=unix:///var/run/docker.sock,web=tcp://10.0.0.2:2375")?;
        let name: HostId = new_host_id(name.trim()).map_err(|error| format!("{error}"))?;
        let address: Address = address.trim().parse().map_err(|error| format!("{error}"))?;
        if hosts.iter().any(|(other, _)| *other == name) {
            return Err(format!("the host {name} is there twice"));
        }
        hosts.push((name, address));
    }
    Ok(hosts)
}

pub(super) fn format(hosts: &[(HostId, Address)]) -> String {
    let parts: Vec<String> = hosts.iter().map(|(name, address)| format!("{name}={address}")).collect();
    parts.join(",")
}
