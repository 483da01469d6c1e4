use actix_web::web;
use dockline_contract::rest::{ErrorBody, NetworkPrunePreview, NetworksPruned};

use crate::{
    ApiError, App,
    extract::{Granted, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// What a prune of a host's networks would remove now.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/networks/prune/preview", operation_id = "preview_network_prune", tag = "networks",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "The networks without containers", body = NetworkPrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
) -> Result<web::Json<NetworkPrunePreview>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.prunable_networks(None).await;
    found.map(web::Json).map_err(|error| ApiError::Docker { host: id, error })
}

/// Removes networks of a host without containers, running or not.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/networks/prune", operation_id = "prune_networks", tag = "networks",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "What was removed", body = NetworksPruned),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn prune(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
) -> Result<web::Json<NetworksPruned>, ApiError> {
    let host = enabled(&app, &id).await?;
    let done = host.engine.prune_networks(&grant, None).await;
    let done = done.map_err(|error| ApiError::Docker { host: id, error })?;
    note.detail("removed", done.removed.clone());
    Ok(web::Json(done))
}
