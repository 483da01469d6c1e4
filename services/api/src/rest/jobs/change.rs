use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, JobAccepted, JobRecord};
use dockline_domain::{
    JobId,
    access::{Principal, authorize},
};
use dockline_jobs::{Asker, Job, JobKind, JobSpec, JobState};
use dockline_persistence::{Error, NewJob};

use super::record;
use crate::{
    ApiError, App,
    extract::{PathId, SignedIn},
    gate::Note,
};

/// Calls a job off. One that waits is over at once, one that is worked on within a second or two: the answer says which.
/// What it has done by then stays done; only a container that is being recreated is brought back first, by a worker.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/cancel", operation_id = "cancel_job", tag = "jobs",
    params(("id" = String, Path, description = "The job's ID")),
    responses((status = 202, description = "The job as it is now", body = JobRecord),
              (status = 403, description = "The permission that this kind of job takes is missing", body = ErrorBody),
              (status = 404, description = "There is no such job", body = ErrorBody),
              (status = 409, description = "It has come to its end", body = ErrorBody)))]
pub(crate) async fn cancel(
    app: web::Data<App>,
    SignedIn(principal): SignedIn,
    note: Note,
    PathId(id): PathId<JobId>,
) -> Result<HttpResponse, ApiError> {
    allowed(&app, &principal, &note, id).await?;
    let job = app.jobs.cancel(id).await?;
    Ok(HttpResponse::Accepted().json(record(&job)))
}

/// Does a job again that failed or was cancelled, as a new job of whoever asks for that.
#[utoipa::path(post, path = "/api/v1/jobs/{id}/retry", operation_id = "retry_job", tag = "jobs",
    params(("id" = String, Path, description = "The job's ID")),
    responses((status = 202, description = "The new job", body = JobAccepted),
              (status = 403, description = "The permission that this kind of job takes is missing", body = ErrorBody),
              (status = 404, description = "There is no such job", body = ErrorBody),
              (status = 409, description = "It has neither failed nor been cancelled, or what it worked with is gone", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn retry(
    app: web::Data<App>,
    SignedIn(principal): SignedIn,
    note: Note,
    PathId(id): PathId<JobId>,
) -> Result<HttpResponse, ApiError> {
    let job = allowed(&app, &principal, &note, id).await?;
    let spec = job.spec.filter(|_| matches!(job.state, JobState::Failed | JobState::Cancelled));
    let spec = spec.ok_or(ApiError::NothingToRetry(job.state))?;
    if !spec.kind().is_repeatable() {
        return Err(ApiError::NotRepeatable);
    }
    let new = NewJob { spec, asker: asker(&principal), retry_of: Some(id) };
    accepted(&app, &note, new).await
}

/// Adds a job, and answers with it.
pub(crate) async fn accepted(app: &App, note: &Note, new: NewJob) -> Result<HttpResponse, ApiError> {
    accepted_as(app, note, JobId::generate(), new).await
}

/// Adds a job whose inputs are there already, and answers with it.
pub(crate) async fn accepted_as(
    app: &App,
    note: &Note,
    id: JobId,
    new: NewJob,
) -> Result<HttpResponse, ApiError> {
    let job = app.jobs.enqueue_as(id, new).await?;
    note.detail("job", job.id.to_string());
    Ok(HttpResponse::Accepted().json(JobAccepted { job: record(&job) }))
}

/// Adds a job of somebody's, and shows it.
pub(crate) async fn added(
    app: &App,
    note: &Note,
    principal: &Principal,
    spec: JobSpec,
) -> Result<JobRecord, ApiError> {
    let job = app.jobs.enqueue(NewJob { spec, asker: asker(principal), retry_of: None }).await?;
    note.detail("job", job.id.to_string());
    Ok(record(&job))
}

pub(crate) fn asker(principal: &Principal) -> Asker {
    Asker { user: principal.user, username: principal.username.clone(), session: principal.session }
}

/// The job, if the principal may do something about jobs of its kind.
async fn allowed(app: &App, principal: &Principal, note: &Note, id: JobId) -> Result<Job, ApiError> {
    let job = app.jobs.get(id).await?.ok_or(Error::NoSuchJob)?;
    note.detail("kind", job.kind.as_str());
    note.detail("subject", job.subject.as_str());
    let kind: JobKind = job.kind.parse().map_err(|_| ApiError::UnknownJobKind)?;
    authorize(principal, kind.permission()).map_err(ApiError::Denied)?;
    Ok(job)
}
