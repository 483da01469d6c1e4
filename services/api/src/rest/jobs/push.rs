use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, JobAccepted, PushImage};
use dockline_domain::ImageReference;
use dockline_jobs::JobSpec;

use super::change::added;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Sends an image of a host to the registry that its name says, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/push", operation_id = "push_image", tag = "images", request_body = PushImage,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "That is no image, or a digest is given", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn push_image(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    Body(wanted): Body<PushImage>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let image = fields.check("image", wanted.image.parse::<ImageReference>());
    let Some(image) = image else { return Err(fields.into()) };
    let is_named =
        if image.digest().is_none() { Ok(()) } else { Err("must be a name with a tag, without a digest") };
    fields.check("image", is_named);
    fields.finish()?;
    note.detail("image", image.to_string());
    enabled(&app, &host).await?;
    let job = added(&app, &note, grant.principal(), JobSpec::ImagePush { host, image }).await?;
    Ok(HttpResponse::Accepted().json(JobAccepted { job }))
}
