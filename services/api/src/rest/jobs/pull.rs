use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, JobAccepted, PullImage};
use dockline_domain::ImageReference;
use dockline_jobs::JobSpec;
use dockline_persistence::NewJob;

use super::change::{accepted, asker};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost},
    gate::Note,
    rest::containers::hosts,
};

/// Fetches an image from its registry onto a host, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/pull", operation_id = "pull_image", tag = "images", request_body = PullImage,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "That is no image", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn pull_image(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    Body(wanted): Body<PullImage>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let image = fields.check("image", wanted.image.parse::<ImageReference>());
    let Some(image) = image else { return Err(fields.into()) };
    note.detail("image", image.to_string());
    let known = hosts(&app, Some(&host)).await?;
    if known.iter().any(|one| !one.enabled) {
        return Err(ApiError::HostDisabled(host));
    }
    let spec = JobSpec::ImagePull { host, image };
    accepted(&app, &note, NewJob { spec, asker: asker(grant.principal()), retry_of: None }).await
}
