use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CommitContainer, ContainerCommitted, ErrorBody};
use dockline_docker::Commit;
use dockline_domain::{ContainerRef, ImageReference};

use super::operate::found;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, Params, PathId, Select},
    gate::Note,
};

/// The longest message, in characters.
const MAX_MESSAGE: usize = 1_000;

/// Makes an image of a container's file system; what is mounted is not part of it.
#[utoipa::path(post, path = "/api/v1/containers/{id}/commit", operation_id = "commit_container", tag = "containers", request_body = CommitContainer,
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 201, description = "The image", body = ContainerCommitted),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Several have this ID", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn commit(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
    Body(wanted): Body<CommitContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let name = fields.check("repository", repository(&wanted.repository));
    let tag = wanted.tag.as_deref().unwrap_or("latest");
    let tagged = format!("x:{tag}").parse::<ImageReference>().ok().filter(|image| image.digest().is_none());
    let tagged = tagged
        .ok_or("must be 1 to 128 letters, digits, '_', '.' or '-', beginning with none of the last two");
    let tagged = fields.check("tag", tagged);
    let long = wanted.message.as_ref().is_some_and(|text| text.chars().count() > MAX_MESSAGE);
    fields.check("message", if long { Err("must not be longer than 1,000 characters") } else { Ok(()) });
    let (Some(name), Some(_)) = (name, tagged) else { return Err(fields.into()) };
    fields.finish()?;
    let reference_of_image = format!("{name}:{tag}").parse().map_err(ApiError::InvalidId)?;
    let wanted = Commit {
        reference: reference_of_image,
        message: wanted.message,
        pause: wanted.pause.unwrap_or(true),
    };
    note.detail("image", wanted.reference.to_string());
    let target = found(&app, &reference, select.host.as_ref(), &note).await?;
    let made = target.host.engine.commit_container(&grant, &target.id, &wanted).await;
    let image_id = made.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::Created().json(ContainerCommitted { image_id, reference: wanted.reference.to_string() }))
}

/// A name without a tag or a digest.
fn repository(text: &str) -> Result<String, &'static str> {
    let parsed = text.parse::<ImageReference>().ok().filter(|image| image.name() == text);
    parsed.map(|image| image.name().to_owned()).ok_or("must be a name without a tag, as in acme/web")
}
