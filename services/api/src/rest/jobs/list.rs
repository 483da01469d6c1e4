use actix_web::web;
use dockline_contract::rest::{ErrorBody, JobPage, JobRecord};
use dockline_domain::{HostId, JobId};
use dockline_jobs::{JobKind, JobState};
use dockline_persistence::{Error, JobFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::record;
use crate::{
    ApiError, App,
    extract::{Fields, Params, PathId, filled},
    rest::cursor,
};

/// Which jobs are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListJobs {
    /// In one of these states, separated by commas: `queued,running`.
    state: Option<String>,
    /// Of this kind, for example `image.pull`.
    kind: Option<String>,
    /// At this host.
    host: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// Background jobs, newest first. Those that are over are kept for 30 days, ten thousand at most.
#[utoipa::path(get, path = "/api/v1/jobs", operation_id = "list_jobs", tag = "jobs", params(ListJobs),
    responses((status = 200, description = "A page of jobs", body = JobPage),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListJobs>,
) -> Result<web::Json<JobPage>, ApiError> {
    let mut fields = Fields::default();
    let states = filled(wanted.state.as_ref()).into_iter().flat_map(|text| text.split(','));
    let states = fields.check("state", states.map(|state| state.trim().parse::<JobState>()).collect());
    let kind = fields.check_optional("kind", filled(wanted.kind.as_ref()).map(str::parse::<JobKind>));
    let host = fields.check_optional("host", filled(wanted.host.as_ref()).map(str::parse::<HostId>));
    let cursor::Wanted { limit, after: before } =
        cursor::wanted(fields, wanted.limit, wanted.cursor.as_ref())?;
    let states = states.unwrap_or_default();
    let page = app.jobs.search(&JobFilter { states, kind, host, before, limit }).await?;
    Ok(web::Json(JobPage {
        items: page.jobs.iter().map(record).collect(),
        next_cursor: cursor::next(page.next),
    }))
}

/// One background job.
#[utoipa::path(get, path = "/api/v1/jobs/{id}", operation_id = "get_job", tag = "jobs",
    params(("id" = String, Path, description = "The job's ID")),
    responses((status = 200, description = "The job", body = JobRecord),
              (status = 404, description = "There is no such job", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<JobId>,
) -> Result<web::Json<JobRecord>, ApiError> {
    let job = app.jobs.get(id).await?.ok_or(Error::NoSuchJob)?;
    Ok(web::Json(record(&job)))
}
