use actix_web::web;
use dockline_contract::rest::{ErrorBody, PruneVolumes, UnusedVolumes, VolumePrunePreview, VolumesPruned};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Body, Granted, Params, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Which volumes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Unused {
    /// `anonymous` (default) or `all`.
    #[serde(default)]
    #[param(inline)]
    volumes: UnusedVolumes,
}

/// What a prune of a host's volumes would remove now.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes/prune/preview", operation_id = "preview_volume_prune", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), Unused),
    responses((status = 200, description = "The volumes that no container uses", body = VolumePrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
    Params(wanted): Params<Unused>,
) -> Result<web::Json<VolumePrunePreview>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.prunable_volumes(wanted.volumes).await;
    found.map(web::Json).map_err(|error| ApiError::Docker { host: id, error })
}

/// Removes volumes of a host that no container uses, with what is in them.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/volumes/prune", operation_id = "prune_volumes", tag = "volumes", request_body = PruneVolumes,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "What was removed", body = VolumesPruned),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn prune(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<PruneVolumes>,
) -> Result<web::Json<VolumesPruned>, ApiError> {
    note.detail("all", wanted.volumes == UnusedVolumes::All);
    let host = enabled(&app, &id).await?;
    let done = host.engine.prune_volumes(&grant, wanted.volumes).await;
    let done = done.map_err(|error| ApiError::Docker { host: id, error })?;
    note.detail("removed", done.removed.clone());
    note.detail("reclaimed_bytes", done.reclaimed_bytes);
    Ok(web::Json(done))
}
