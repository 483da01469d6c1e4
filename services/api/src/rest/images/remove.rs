use actix_web::web;
use dockline_contract::rest::{ErrorBody, ImagesRemoved};
use dockline_domain::ImageRef;
use serde::Deserialize;
use utoipa::IntoParams;

use super::resolve::found;
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathHost, PathId},
    gate::Note,
};

/// How to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Remove {
    /// With all its names, and from under stopped containers.
    #[serde(default)]
    force: bool,
}

/// Removes an image. Several names and stopped containers are a conflict unless forced, running containers always.
#[utoipa::path(delete, path = "/api/v1/hosts/{host}/images/{id}", operation_id = "remove_image", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them"), Remove),
    responses((status = 200, description = "What is gone", body = ImagesRemoved),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image", body = ErrorBody),
              (status = 409, description = "It has several names, or containers were made of it; the message names them", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
    Params(wanted): Params<Remove>,
) -> Result<web::Json<ImagesRemoved>, ApiError> {
    note.detail("force", wanted.force);
    let target = found(&app, &host, &reference, &note).await?;
    let engine = &target.host.engine;
    let removed =
        engine.remove_image(&grant, &target.id, wanted.force).await.map_err(|error| target.failed(error))?;
    note.detail("untagged", removed.untagged.clone());
    note.detail("deleted", removed.deleted.clone());
    Ok(web::Json(removed))
}
