use actix_web::web;
use dockline_contract::rest::{ErrorBody, ImagePrunePreview, ImagesPruned, PruneImages, UnusedImages};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Body, Granted, Params, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Which images.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Unused {
    /// `dangling` (default) or `all`.
    #[serde(default)]
    #[param(inline)]
    images: UnusedImages,
}

/// What a prune of a host's images would remove now.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images/prune/preview", operation_id = "preview_image_prune", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), Unused),
    responses((status = 200, description = "The images of which no container was made", body = ImagePrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
    Params(wanted): Params<Unused>,
) -> Result<web::Json<ImagePrunePreview>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.prunable_images(wanted.images, None).await;
    found.map(web::Json).map_err(|error| ApiError::Docker { host: id, error })
}

/// Removes images of a host of which no container was made.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/prune", operation_id = "prune_images", tag = "images", request_body = PruneImages,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "What was removed", body = ImagesPruned),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn prune(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<PruneImages>,
) -> Result<web::Json<ImagesPruned>, ApiError> {
    note.detail("all", wanted.images == UnusedImages::All);
    let host = enabled(&app, &id).await?;
    let done = host.engine.prune_images(&grant, wanted.images, None).await;
    let done = done.map_err(|error| ApiError::Docker { host: id, error })?;
    note.detail("untagged", done.untagged.clone());
    note.detail("deleted", done.deleted.clone());
    note.detail("reclaimed_bytes", done.reclaimed_bytes);
    Ok(web::Json(done))
}
