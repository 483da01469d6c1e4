use actix_web::web;
use dockline_contract::rest::{ContainerPrunePreview, ContainersPruned, ErrorBody};

use crate::{
    ApiError, App,
    extract::{Granted, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// What a prune of a host's containers would remove now.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/containers/prune/preview", operation_id = "preview_container_prune", tag = "containers",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "The containers that do not run", body = ContainerPrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
) -> Result<web::Json<ContainerPrunePreview>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found =
        host.engine.prunable_containers(None).await.map_err(|error| ApiError::Docker { host: id, error })?;
    Ok(web::Json(found))
}

/// Removes every container of a host that does not run.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/containers/prune", operation_id = "prune_containers", tag = "containers",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "What was removed", body = ContainersPruned),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn prune(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
) -> Result<web::Json<ContainersPruned>, ApiError> {
    let host = enabled(&app, &id).await?;
    let done = host
        .engine
        .prune_containers(&grant, None)
        .await
        .map_err(|error| ApiError::Docker { host: id, error })?;
    note.detail("removed", done.removed.clone());
    note.detail("reclaimed_bytes", done.reclaimed_bytes);
    Ok(web::Json(done))
}
