use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CheckUpdates, ErrorBody, JobAccepted};
use dockline_domain::{HostId, ImageReference};
use dockline_jobs::JobSpec;

use super::change::added;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, filled},
    gate::Note,
    rest::one_host::enabled,
};

/// Has registries asked whether they have something newer, as a background job. What they say is shown with images and
/// containers.
#[utoipa::path(post, path = "/api/v1/images/check-updates", operation_id = "check_image_updates", tag = "images", request_body = CheckUpdates,
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn check_updates(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    Body(wanted): Body<CheckUpdates>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check_optional("host", filled(wanted.host.as_ref()).map(str::parse::<HostId>));
    let image = filled(wanted.image.as_ref()).map(str::parse::<ImageReference>);
    let image = fields.check_optional("image", image);
    if image.is_some() && filled(wanted.host.as_ref()).is_none() {
        fields.check("host", Err::<(), _>("must be given with an image"));
    }
    fields.finish()?;
    note.target("images");
    note.detail("host", host.as_ref().map(ToString::to_string));
    note.detail("image", image.as_ref().map(ToString::to_string));
    if let Some(host) = &host {
        enabled(&app, host).await?;
    }
    let job = added(&app, &note, grant.principal(), JobSpec::ImageUpdateCheck { host, image }).await?;
    Ok(HttpResponse::Accepted().json(JobAccepted { job }))
}
