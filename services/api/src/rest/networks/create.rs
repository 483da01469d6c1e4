use std::{collections::BTreeMap, net::IpAddr};

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CreateNetwork, ErrorBody, NetworkDetails, NetworkDriver, Subnet};
use dockline_docker::NewNetwork;
use dockline_domain::{NetworkName, access::Permission, host_access::HostAccess};
use ipnet::IpNet;

use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// The smallest packet that every link must carry (RFC 791).
const MIN_MTU: u16 = 68;

/// Makes a network. One of the kinds `macvlan` and `ipvlan` is on the host's own network, and needs `host.escape`.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/networks", operation_id = "create_network", tag = "networks", request_body = CreateNetwork,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 201, description = "The network", body = NetworkDetails),
              (status = 403, description = "It reaches the host's network", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "There is a network with this name, or its addresses are taken", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<CreateNetwork>,
) -> Result<HttpResponse, ApiError> {
    let reaches = reaches(&wanted);
    let new = parse(wanted)?;
    note.target(format!("hosts/{id}/networks/{}", new.name));
    note.detail("name", new.name.as_str());
    if let Some(access) = reaches {
        note.detail("reaches", access.to_string());
        if !grant.also(Permission::HostEscape) {
            return Err(ApiError::HostEscape(vec![access.to_string()]));
        }
    }
    let host = enabled(&app, &id).await?;
    let failed = |error| ApiError::Docker { host: id.clone(), error };
    let made = host.engine.create_network(&grant, &new).await.map_err(failed)?;
    note.target(format!("hosts/{id}/networks/{made}"));
    let found = host.engine.network(&made).await.map_err(failed)?;
    Ok(HttpResponse::Created().json(found.reveal(&grant)))
}

/// What of the host containers in the network would have.
fn reaches(wanted: &CreateNetwork) -> Option<HostAccess> {
    let on_host = matches!(wanted.driver, NetworkDriver::Macvlan | NetworkDriver::Ipvlan);
    let device = wanted.parent.clone().unwrap_or_else(|| "network".to_owned());
    (on_host || wanted.parent.is_some()).then_some(HostAccess::Device(device))
}

fn parse(wanted: CreateNetwork) -> Result<NewNetwork, ApiError> {
    let mut fields = Fields::default();
    let on_host = matches!(wanted.driver, NetworkDriver::Macvlan | NetworkDriver::Ipvlan);
    let name = fields.check("name", wanted.name.parse::<NetworkName>());
    for (index, subnet) in wanted.subnets.iter().enumerate() {
        let _checked = fields.check(&format!("subnets[{index}]"), check_subnet(subnet));
    }
    let parent = fields.check_optional("parent", wanted.parent.map(|parent| device(parent, on_host)));
    let mtu = wanted.mtu.map(|mtu| if mtu < MIN_MTU { Err("must be 68 or more") } else { Ok(mtu) });
    let mtu = fields.check_optional("mtu", mtu);
    let Some(name) = name else { return Err(fields.into()) };
    fields.finish()?;
    let mut options = BTreeMap::new();
    options.extend(parent.map(|parent| ("parent".to_owned(), parent)));
    options.extend(mtu.map(|mtu| ("com.docker.network.driver.mtu".to_owned(), mtu.to_string())));
    Ok(NewNetwork {
        name,
        driver: wanted.driver,
        internal: wanted.internal,
        attachable: wanted.attachable,
        ipv6: wanted.ipv6,
        subnets: wanted.subnets,
        options,
        labels: wanted.labels,
    })
}

fn check_subnet(subnet: &Subnet) -> Result<(), String> {
    let range = subnet.subnet.parse::<IpNet>();
    let range = range.map_err(|_| "subnet must be in CIDR notation, such as 172.30.0.0/16".to_owned())?;
    if range.trunc() != range {
        return Err(format!("subnet must begin with its network's address: {}", range.trunc()));
    }
    if let Some(gateway) = &subnet.gateway {
        let inside = gateway.parse::<IpAddr>().is_ok_and(|address| range.contains(&address));
        if !inside {
            return Err("gateway must be an address in the subnet".to_owned());
        }
    }
    if let Some(part) = &subnet.ip_range {
        let inside = part.parse::<IpNet>().is_ok_and(|part| range.contains(&part));
        if !inside {
            return Err("ip_range must be a part of the subnet in CIDR notation".to_owned());
        }
    }
    Ok(())
}

/// A network device's name under the kernel's rule, with a VLAN's number behind a dot if there is one.
fn device(name: String, on_host: bool) -> Result<String, &'static str> {
    if !on_host {
        return Err("only macvlan and ipvlan have one");
    }
    let valid = (1..=20).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if valid { Ok(name) } else { Err("must be the name of a network device, such as eth0 or eth0.10") }
}
