use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, RecreateAccepted, RecreateContainer};
use dockline_docker::objections;
use dockline_domain::{ContainerRef, WantedImage};
use dockline_jobs::{JobKind, JobSpec};

use super::operate::found;
use crate::{
    ApiError, App,
    exec::must_reach_no_host,
    extract::{Body, Fields, Granted, Params, PathId, Select, filled},
    gate::Note,
    rest::jobs::added,
};

/// Makes a container anew with all its settings, of the newest image of its name or of another one, as a background job.
/// When anything fails, the old one goes on as it was. Of a container that reaches its host this needs `host.escape`.
#[utoipa::path(post, path = "/api/v1/containers/{id}/recreate", operation_id = "recreate_container", tag = "containers", request_body = RecreateContainer,
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 202, description = "The job that does it", body = RecreateAccepted),
              (status = 403, description = "It reaches the host", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "It is a container that cannot be made anew, a job does so already, or several have this ID", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn recreate(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
    Body(wanted): Body<RecreateContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let image = filled(wanted.image.as_ref()).map(str::parse::<WantedImage>);
    let image = fields.check_optional("image", image);
    let is_id = |image: &WantedImage| image.name().is_none();
    let possible = if wanted.pull == Some(true) && image.as_ref().is_some_and(is_id) {
        Err("must be false for an image's ID: registries know names")
    } else {
        Ok(())
    };
    fields.check("pull", possible);
    fields.finish()?;
    note.detail("image", image.as_ref().map(ToString::to_string));
    let target = found(&app, &reference, select.host.as_ref(), &note).await?;
    let blueprint = target.host.engine.blueprint(&target.id).await.map_err(|error| target.failed(error))?;
    let objections =
        objections(&*target.host.engine, &blueprint).await.map_err(|error| target.failed(error))?;
    if !objections.is_empty() {
        return Err(ApiError::NotRecreatable(objections));
    }
    must_reach_no_host(&grant, &target).await?;
    // The worker asks again: of two that come at the same moment the later one fails.
    let live = app.jobs.live_about(&target.host.id, blueprint.name.as_str()).await?;
    if let Some(job) = live.iter().find(|job| job.kind == JobKind::ContainerRecreate.as_str()) {
        return Err(ApiError::ContainerBusy(job.id));
    }
    let made_of = image.clone().or_else(|| blueprint.image.parse().ok());
    let pull = wanted.pull.unwrap_or(!made_of.as_ref().is_some_and(is_id));
    note.detail("pull", pull);
    let warnings = blueprint.project().map(|project| {
        format!(
            "the container belongs to the Compose project {project}: Compose may take it for changed and recreate it \
             at the next deployment, of the image that its file names"
        )
    });
    let spec = JobSpec::ContainerRecreate {
        host: target.host.id,
        container: target.id,
        name: blueprint.name,
        image,
        pull,
    };
    let job = added(&app, &note, grant.principal(), spec).await?;
    Ok(HttpResponse::Accepted().json(RecreateAccepted { job, warnings: warnings.into_iter().collect() }))
}
