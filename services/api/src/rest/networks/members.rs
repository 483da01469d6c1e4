use std::net::{Ipv4Addr, Ipv6Addr};

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ConnectContainer, DisconnectContainer, ErrorBody};
use dockline_docker::Endpoint;
use dockline_domain::{ContainerRef, NetworkName, NetworkRef};

use super::resolve::found;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost, PathId},
    gate::Note,
    rest::containers,
};

/// Puts a container into a network.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/networks/{id}/connect", operation_id = "connect_container", tag = "networks",
    request_body = ConnectContainer, params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "The engine's ID of the network, or at least the first 12 characters of it")),
    responses((status = 204, description = "Done"),
              (status = 400, description = "Not a network ID", body = ErrorBody),
              (status = 404, description = "There is no such host, network or container", body = ErrorBody),
              (status = 409, description = "It is in it already, or the address is taken", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn connect(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<NetworkRef>,
    Body(wanted): Body<ConnectContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let container = fields.check("container", wanted.container.parse::<ContainerRef>());
    for (index, alias) in wanted.aliases.iter().enumerate() {
        // The rule of names fits what stands in front of a domain.
        let _checked = fields.check(&format!("aliases[{index}]"), alias.parse::<NetworkName>());
    }
    let ipv4 = fields.check_optional("ipv4", wanted.ipv4.as_deref().map(str::parse::<Ipv4Addr>));
    let ipv6 = fields.check_optional("ipv6", wanted.ipv6.as_deref().map(str::parse::<Ipv6Addr>));
    let Some(container) = container else { return Err(fields.into()) };
    fields.finish()?;
    let target = found(&app, &host, &reference, &note).await?;
    let container = containers::resolve(&app, &container, Some(&host)).await?.id;
    note.detail("container", container.as_str());
    let endpoint = Endpoint { aliases: wanted.aliases, ipv4, ipv6 };
    let engine = &target.host.engine;
    let done = engine.connect_container(&grant, &target.id, &container, &endpoint).await;
    done.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a container out of a network.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/networks/{id}/disconnect", operation_id = "disconnect_container", tag = "networks",
    request_body = DisconnectContainer, params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "The engine's ID of the network, or at least the first 12 characters of it")),
    responses((status = 204, description = "Done"),
              (status = 400, description = "Not a network ID", body = ErrorBody),
              (status = 404, description = "There is no such host, network or container", body = ErrorBody),
              (status = 409, description = "It is not in it", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn disconnect(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<NetworkRef>,
    Body(wanted): Body<DisconnectContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let container = fields.check("container", wanted.container.parse::<ContainerRef>());
    let Some(container) = container else { return Err(fields.into()) };
    note.detail("force", wanted.force);
    let target = found(&app, &host, &reference, &note).await?;
    let container = containers::resolve(&app, &container, Some(&host)).await?.id;
    note.detail("container", container.as_str());
    let engine = &target.host.engine;
    let done = engine.disconnect_container(&grant, &target.id, &container, wanted.force).await;
    done.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}
