use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, JobAccepted};
use dockline_domain::{HostId, StackName, access::Grant};
use dockline_jobs::JobSpec;
use serde::Deserialize;
use utoipa::IntoParams;

use super::look::{live_job, services_at};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost, PathName},
    gate::Note,
    rest::jobs::added,
};

/// How to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Remove {
    /// Its own volumes too, with what is in them. Needs `confirm`.
    #[serde(default)]
    volumes: bool,
    /// The stack's name, where data is lost.
    confirm: Option<String>,
    /// Keep the Compose file, so that the stack can be deployed again.
    #[serde(default)]
    keep_file: bool,
}

/// Starts a stack's containers, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks/{name}/start", operation_id = "start_stack", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host or stack", body = ErrorBody),
              (status = 409, description = "It has no containers, or something is done to it", body = ErrorBody)))]
pub(crate) async fn start(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(stack): PathName<StackName>,
) -> Result<HttpResponse, ApiError> {
    there(&app, &grant, &note, &host, &stack).await?;
    accepted(&app, &grant, &note, JobSpec::StackStart { host, stack }).await
}

/// Stops a stack's containers, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks/{name}/stop", operation_id = "stop_stack", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host or stack", body = ErrorBody),
              (status = 409, description = "It has no containers, or something is done to it", body = ErrorBody)))]
pub(crate) async fn stop(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(stack): PathName<StackName>,
) -> Result<HttpResponse, ApiError> {
    there(&app, &grant, &note, &host, &stack).await?;
    accepted(&app, &grant, &note, JobSpec::StackStop { host, stack }).await
}

/// Stops and starts a stack's containers, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks/{name}/restart", operation_id = "restart_stack", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host or stack", body = ErrorBody),
              (status = 409, description = "It has no containers, or something is done to it", body = ErrorBody)))]
pub(crate) async fn restart(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(stack): PathName<StackName>,
) -> Result<HttpResponse, ApiError> {
    there(&app, &grant, &note, &host, &stack).await?;
    accepted(&app, &grant, &note, JobSpec::StackRestart { host, stack }).await
}

/// Removes a stack's containers and networks, and forgets its file. As a background job.
#[utoipa::path(delete, path = "/api/v1/hosts/{host}/stacks/{name}", operation_id = "remove_stack", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name"), Remove),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host or stack", body = ErrorBody),
              (status = 409, description = "Something is done to it", body = ErrorBody),
              (status = 422, description = "The loss of data is not confirmed", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(stack): PathName<StackName>,
    Params(wanted): Params<Remove>,
) -> Result<HttpResponse, ApiError> {
    note.target(format!("hosts/{host}/stacks/{stack}"));
    note.detail("volumes", wanted.volumes);
    note.detail("keep_file", wanted.keep_file);
    if wanted.volumes && wanted.confirm.as_deref() != Some(stack.as_str()) {
        let mut fields = Fields::default();
        fields.check::<(), _>("confirm", Err("must be the stack's name: what is in its volumes is lost"));
        return Err(fields.into());
    }
    idle(&app, &host, &stack).await?;
    let is_there = !services_at(&app, &grant, &host, &stack).await?.is_empty();
    if !is_there && app.stacks.of(&host, &stack).await?.is_empty() {
        return Err(ApiError::StackNotFound);
    }
    let (volumes, keep_file) = (wanted.volumes, wanted.keep_file);
    accepted(&app, &grant, &note, JobSpec::StackRemove { host, stack, volumes, keep_file }).await
}

/// Looks that a stack has containers and that nothing is done to it, and names it in the audit log.
async fn there(
    app: &App,
    grant: &Grant,
    note: &Note,
    host: &HostId,
    name: &StackName,
) -> Result<(), ApiError> {
    note.target(format!("hosts/{host}/stacks/{name}"));
    idle(app, host, name).await?;
    if !services_at(app, grant, host, name).await?.is_empty() {
        return Ok(());
    }
    let is_kept = !app.stacks.of(host, name).await?.is_empty();
    Err(if is_kept { ApiError::StackAbsent } else { ApiError::StackNotFound })
}

/// Refuses while another job waits or works for the stack. The worker asks again: of two that come at the same moment the
/// later one fails.
pub(super) async fn idle(app: &App, host: &HostId, name: &StackName) -> Result<(), ApiError> {
    match live_job(app, host, name).await? {
        Some(job) => Err(ApiError::StackBusy(job.id)),
        None => Ok(()),
    }
}

async fn accepted(app: &App, grant: &Grant, note: &Note, spec: JobSpec) -> Result<HttpResponse, ApiError> {
    let job = added(app, note, grant.principal(), spec).await?;
    Ok(HttpResponse::Accepted().json(JobAccepted { job }))
}
