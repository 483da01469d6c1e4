use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, ImageName, ImagesRemoved};
use dockline_docker::{Error, Missing};
use dockline_domain::{ImageRef, ImageReference};

use super::resolve::{Target, found};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost, PathId},
    gate::Note,
};

/// Gives an image one more name. Another image loses the name by it, if it has it.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/{id}/tag", operation_id = "tag_image", tag = "images", request_body = ImageName,
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them")),
    responses((status = 204, description = "Done"),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image", body = ErrorBody),
              (status = 422, description = "Not a name, or one with a digest", body = ErrorBody)))]
pub(crate) async fn tag(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
    Body(wanted): Body<ImageName>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let name = fields.check("reference", parse(&wanted.reference).and_then(without_digest));
    let Some(name) = name else { return Err(fields.into()) };
    note.detail("reference", name.to_string());
    let target = found(&app, &host, &reference, &note).await?;
    target.host.engine.tag_image(&grant, &target.id, &name).await.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a name away from an image. The last one takes the image with it, unless a container was made of it.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/{id}/untag", operation_id = "untag_image", tag = "images", request_body = ImageName,
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them")),
    responses((status = 200, description = "What is gone", body = ImagesRemoved),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image, or the image does not have this name", body = ErrorBody),
              (status = 409, description = "It is the last name, and a container was made of the image", body = ErrorBody),
              (status = 422, description = "Not a name", body = ErrorBody)))]
pub(crate) async fn untag(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
    Body(wanted): Body<ImageName>,
) -> Result<web::Json<ImagesRemoved>, ApiError> {
    let mut fields = Fields::default();
    let Some(name) = fields.check("reference", parse(&wanted.reference)) else { return Err(fields.into()) };
    note.detail("reference", name.to_string());
    let target = found(&app, &host, &reference, &note).await?;
    require_names(&target, std::slice::from_ref(&name)).await?;
    let removed =
        target.host.engine.untag_image(&grant, &name).await.map_err(|error| target.failed(error))?;
    note.detail("deleted", removed.deleted.clone());
    Ok(web::Json(removed))
}

/// Fails unless the image has these names.
pub(super) async fn require_names(target: &Target, names: &[ImageReference]) -> Result<(), ApiError> {
    let image = target.host.engine.image(&target.id).await.map_err(|error| target.failed(error))?;
    let missing = names.iter().find(|name| !image.names().any(|one| *one == name.to_string()));
    missing.map_or(Ok(()), |name| {
        let message = format!("the image does not have the name {name}");
        Err(target.failed(Error::Missing { what: Missing::Image, message }))
    })
}

fn parse(text: &str) -> Result<ImageReference, String> {
    text.parse().map_err(|error: dockline_domain::ids::InvalidId| error.to_string())
}

fn without_digest(name: ImageReference) -> Result<ImageReference, String> {
    if name.digest().is_none() {
        Ok(name)
    } else {
        Err("a digest is computed, and cannot be given".to_owned())
    }
}
