use actix_web::web;
use dockline_contract::rest::{ErrorBody, ImageDetails, ImageHistory};
use dockline_domain::ImageRef;

use super::resolve::resolve;
use crate::{
    ApiError, App,
    extract::{Granted, PathHost, PathId},
    rest::updates::Updates,
};

/// Everything about one image. Values that usually hold secrets need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images/{id}", operation_id = "inspect_image", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them")),
    responses((status = 200, description = "The image", body = ImageDetails),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image", body = ErrorBody)))]
pub(crate) async fn inspect(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
) -> Result<web::Json<ImageDetails>, ApiError> {
    let target = resolve(&app, &host, &reference).await?;
    let found = target.host.engine.image(&target.id).await.map_err(|error| target.failed(error))?;
    let mut details = found.reveal(&grant);
    Updates::read(&app, Some(&host)).await.note_at_image(&mut details.summary);
    Ok(web::Json(details))
}

/// How an image was made, step by step. Instructions need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images/{id}/history", operation_id = "read_image_history", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them")),
    responses((status = 200, description = "The steps", body = ImageHistory),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image", body = ErrorBody)))]
pub(crate) async fn history(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
) -> Result<web::Json<ImageHistory>, ApiError> {
    let target = resolve(&app, &host, &reference).await?;
    let found = target.host.engine.image_history(&target.id).await.map_err(|error| target.failed(error))?;
    Ok(web::Json(found.reveal(&grant)))
}
