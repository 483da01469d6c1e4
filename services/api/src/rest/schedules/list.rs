use actix_web::web;
use dockline_contract::rest::{ErrorBody, PreviewSchedule, Schedule, ScheduleList, ScheduleTimes};
use dockline_domain::ScheduleId;
use dockline_persistence::{Error, Moment, StoredSchedules};

use super::{
    parse::timing,
    record::{SHOWN, broken_record, records},
};
use crate::{
    ApiError, App,
    extract::{Body, Fields, PathId},
};

/// All schedules, by name. One that cannot be read is among them, with that as its `problem`.
#[utoipa::path(get, path = "/api/v1/schedules", operation_id = "list_schedules", tag = "schedules",
    responses((status = 200, description = "The schedules", body = ScheduleList)))]
pub(crate) async fn list(app: web::Data<App>) -> Result<web::Json<ScheduleList>, ApiError> {
    let StoredSchedules { schedules, broken } = app.schedules.all().await?;
    let mut items = records(&app, schedules).await?;
    items.extend(broken.into_iter().map(broken_record));
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(web::Json(ScheduleList { items }))
}

/// One schedule.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", operation_id = "get_schedule", tag = "schedules",
    params(("id" = String, Path, description = "The schedule's ID")),
    responses((status = 200, description = "The schedule", body = Schedule),
              (status = 404, description = "There is no such schedule", body = ErrorBody),
              (status = 409, description = "It cannot be read: remove it", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<ScheduleId>,
) -> Result<web::Json<Schedule>, ApiError> {
    let schedule = app.schedules.get(id).await?.ok_or(Error::NoSuchSchedule)?;
    shown(&app, schedule).await.map(web::Json)
}

/// When a schedule of these words would run.
#[utoipa::path(post, path = "/api/v1/schedules/preview", operation_id = "preview_schedule", tag = "schedules", request_body = PreviewSchedule,
    responses((status = 200, description = "The next five times", body = ScheduleTimes),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn preview(
    app: web::Data<App>,
    Body(wanted): Body<PreviewSchedule>,
) -> Result<web::Json<ScheduleTimes>, ApiError> {
    let mut fields = Fields::default();
    let Some(timing) = timing(&mut fields, &wanted.cron, &wanted.timezone) else { return Err(fields.into()) };
    let times = timing.next(app.database.time().await?, SHOWN).into_iter();
    Ok(web::Json(ScheduleTimes { next_runs: times.map(|time| Moment(time).to_string()).collect() }))
}

/// One schedule as the API shows it.
pub(super) async fn shown(app: &App, schedule: dockline_jobs::Schedule) -> Result<Schedule, ApiError> {
    let shown = records(app, vec![schedule]).await?.pop();
    shown.ok_or(ApiError::Internal("a schedule was lost on its way to the answer"))
}
