use actix_web::web;
use dockline_contract::rest::{ErrorBody, NetworkDetails, NetworkTopology};
use dockline_domain::NetworkRef;

use super::resolve::resolve;
use crate::{
    ApiError, App,
    extract::{Granted, PathHost, PathId},
    rest::one_host::enabled,
};

/// Everything about one network, with the containers in it.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/networks/{id}", operation_id = "inspect_network", tag = "networks",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "The engine's ID of the network, or at least the first 12 characters of it")),
    responses((status = 200, description = "The network", body = NetworkDetails),
              (status = 400, description = "Not a network ID", body = ErrorBody),
              (status = 404, description = "There is no such host or network", body = ErrorBody)))]
pub(crate) async fn inspect(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    PathId(reference): PathId<NetworkRef>,
) -> Result<web::Json<NetworkDetails>, ApiError> {
    let target = resolve(&app, &host, &reference).await?;
    let found = target.host.engine.network(&target.id).await.map_err(|error| target.failed(error))?;
    Ok(web::Json(found.reveal(&grant)))
}

/// The networks of a host and the containers in them, for a picture.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/topology", operation_id = "read_network_topology", tag = "networks",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "Networks, containers, and which is in which", body = NetworkTopology),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn topology(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
) -> Result<web::Json<NetworkTopology>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.network_topology().await.map_err(|error| ApiError::Docker { host: id, error })?;
    Ok(web::Json(found.reveal(&grant)))
}
