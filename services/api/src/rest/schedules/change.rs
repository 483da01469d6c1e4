use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CreateSchedule, ErrorBody, JobAccepted, Schedule, UpdateSchedule};
use dockline_domain::{
    ScheduleId,
    access::{Grant, authorize},
};
use dockline_jobs::{Task, Timing};
use dockline_persistence::{Error, NewJob, NewSchedule};

use super::{list::shown, parse};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathId},
    gate::Note,
    rest::{
        containers::hosts,
        jobs::{asker, record},
    },
};

/// Makes a schedule. It uses the rights that whoever makes it has when it runs.
#[utoipa::path(post, path = "/api/v1/schedules", operation_id = "create_schedule", tag = "schedules", request_body = CreateSchedule,
    responses((status = 201, description = "The schedule", body = Schedule),
              (status = 403, description = "The permission that its task takes is missing", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "There is one of this name, or there are 200", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    Body(wanted): Body<CreateSchedule>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let name = fields.check("name", parse::name(&wanted.name));
    let timing = parse::timing(&mut fields, &wanted.cron, &wanted.timezone);
    let task = parse::task(&mut fields, &wanted.task);
    let (Some(name), Some(timing), Some(task)) = (name, timing, task) else { return Err(fields.into()) };
    let (cron, timezone) = (wanted.cron, wanted.timezone);
    let new = Wanted { name, cron, timezone, enabled: wanted.enabled, task, timing };
    let new = new.allowed(&app, &grant, &note).await?;
    let made = app.schedules.insert(new).await?;
    note.target(format!("schedules/{}", made.id));
    Ok(HttpResponse::Created().json(shown(&app, made).await?))
}

/// Changes a schedule, which uses the rights of whoever changed it last.
#[utoipa::path(patch, path = "/api/v1/schedules/{id}", operation_id = "update_schedule", tag = "schedules", request_body = UpdateSchedule,
    params(("id" = String, Path, description = "The schedule's ID")),
    responses((status = 200, description = "The schedule", body = Schedule),
              (status = 403, description = "The permission that its task takes is missing", body = ErrorBody),
              (status = 404, description = "There is no such schedule or host", body = ErrorBody),
              (status = 409, description = "There is another one of this name", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<ScheduleId>,
    Body(wanted): Body<UpdateSchedule>,
) -> Result<web::Json<Schedule>, ApiError> {
    let before = app.schedules.get(id).await?.ok_or(Error::NoSuchSchedule)?;
    let mut fields = Fields::default();
    let name = fields.check("name", parse::name(wanted.name.as_deref().unwrap_or(&before.name)));
    let cron = wanted.cron.unwrap_or(before.cron);
    let timezone = wanted.timezone.unwrap_or(before.timezone);
    let timing = parse::timing(&mut fields, &cron, &timezone);
    let task = match &wanted.task {
        Some(task) => parse::task(&mut fields, task),
        None => fields.check("task", before.task.ok_or("only another version of the server knows it")),
    };
    let (Some(name), Some(timing), Some(task)) = (name, timing, task) else { return Err(fields.into()) };
    let enabled = wanted.enabled.unwrap_or(before.enabled);
    let new = Wanted { name, cron, timezone, enabled, task, timing };
    let new = new.allowed(&app, &grant, &note).await?;
    let changed = app.schedules.update(id, new).await?;
    shown(&app, changed).await.map(web::Json)
}

/// Removes a schedule. Its jobs and backups stay.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", operation_id = "delete_schedule", tag = "schedules",
    params(("id" = String, Path, description = "The schedule's ID")),
    responses((status = 204, description = "Removed"),
              (status = 404, description = "There is no such schedule", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<ScheduleId>,
) -> Result<HttpResponse, ApiError> {
    let gone = app.schedules.remove(id).await?;
    note.detail("name", gone);
    Ok(HttpResponse::NoContent().finish())
}

/// Has a schedule's task done now, with the rights of whoever asks. Its times stay as they are.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/run", operation_id = "run_schedule", tag = "schedules",
    params(("id" = String, Path, description = "The schedule's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 403, description = "The permission that its task takes is missing", body = ErrorBody),
              (status = 404, description = "There is no such schedule", body = ErrorBody),
              (status = 409, description = "Its last job is not over", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn run(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<ScheduleId>,
) -> Result<HttpResponse, ApiError> {
    let schedule = app.schedules.get(id).await?.ok_or(Error::NoSuchSchedule)?;
    note.detail("name", schedule.name.as_str());
    let task = schedule.task.as_ref().ok_or(ApiError::UnknownJobKind)?;
    authorize(grant.principal(), task.kind().permission()).map_err(ApiError::Denied)?;
    let new = NewJob { spec: task.spec(id), asker: asker(grant.principal()), retry_of: None };
    let job = app.schedules.run_now(&schedule, app.database.time().await?, new).await?;
    note.detail("job", job.id.to_string());
    Ok(HttpResponse::Accepted().json(JobAccepted { job: record(&job) }))
}

/// A schedule whose fields are right.
struct Wanted {
    name: String,
    cron: String,
    timezone: String,
    enabled: bool,
    task: Task,
    timing: Timing,
}

impl Wanted {
    /// With whoever asks as its owner, if they may have that done.
    async fn allowed(self, app: &App, grant: &Grant, note: &Note) -> Result<NewSchedule, ApiError> {
        let Self { name, cron, timezone, enabled, task, timing } = self;
        note.detail("name", name.as_str());
        note.detail("kind", task.kind().as_str());
        authorize(grant.principal(), task.kind().permission()).map_err(ApiError::Denied)?;
        if task.host().is_some() {
            hosts(app, task.host()).await?;
        }
        let next_at = if enabled { timing.after(app.database.time().await?) } else { None };
        let owner = asker(grant.principal());
        Ok(NewSchedule { name, cron, timezone, task, enabled, owner, next_at })
    }
}
