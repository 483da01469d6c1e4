use actix_web::web;
use dockline_contract::rest::{
    ErrorBody, JobState, StackDetails, StackJob, StackNetwork, StackOrigin, StackVolume,
};
use dockline_domain::{HostId, StackName};
use dockline_jobs as jobs;
use dockline_jobs::Job;

use super::overview::{container, members, summary};
use crate::{
    ApiError, App,
    extract::{Granted, PathHost, PathName},
    rest::one_host::enabled,
};

/// Everything about one stack.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/stacks/{name}", operation_id = "inspect_stack", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 200, description = "The stack", body = StackDetails),
              (status = 400, description = "Not a stack's name", body = ErrorBody),
              (status = 404, description = "There is no such host or stack", body = ErrorBody)))]
pub(crate) async fn inspect(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
    PathName(name): PathName<StackName>,
) -> Result<web::Json<StackDetails>, ApiError> {
    let host = enabled(&app, &id).await?;
    let failed = |error| ApiError::Docker { host: id.clone(), error };
    let kept = app.stacks.of(&id, &name).await?;
    let asked =
        tokio::try_join!(members(&*host.engine, &grant), host.engine.networks(), host.engine.volumes());
    let (mut stacks, networks, volumes) = asked.map_err(failed)?;
    let found = stacks.remove(&name).unwrap_or_default();
    if found.is_empty() && kept.is_empty() {
        return Err(ApiError::StackNotFound);
    }
    let summary = summary(&id, &name, &found, &kept);
    let origin = found.first().map(|(member, _)| StackOrigin {
        config_files: member.config_files.clone(),
        working_dir: member.working_dir.clone(),
        version: member.version.clone(),
    });
    let mut containers: Vec<_> = found.into_iter().map(container).collect();
    containers.sort_by(|a, b| (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name)));
    let of_stack = |stack: &Option<String>| stack.as_deref() == Some(name.as_str());
    let networks = networks.into_iter().map(|one| one.reveal(&grant)).filter(|one| of_stack(&one.stack));
    let volumes = volumes.into_iter().map(|one| one.reveal(&grant)).filter(|one| of_stack(&one.stack));
    let mut networks: Vec<_> =
        networks.map(|one| StackNetwork { id: one.id, name: one.name, driver: one.driver }).collect();
    networks.sort_by(|a, b| a.name.cmp(&b.name));
    let mut volumes: Vec<_> = volumes.map(|one| StackVolume { name: one.name, driver: one.driver }).collect();
    volumes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(web::Json(StackDetails {
        summary,
        origin: origin.unwrap_or_default(),
        containers,
        networks,
        volumes,
        job: live_job(&app, &id, &name).await?.map(|job| StackJob {
            id: job.id.to_string(),
            state: if job.state == jobs::JobState::Queued { JobState::Queued } else { JobState::Running },
            kind: job.kind,
        }),
    }))
}

/// The oldest job that waits or works for a stack.
pub(super) async fn live_job(app: &App, host: &HostId, name: &StackName) -> Result<Option<Job>, ApiError> {
    let live = app.jobs.live_about(host, name.as_str()).await?;
    Ok(live.into_iter().find(|job| job.kind.starts_with("stack.")))
}

/// Whether a stack has containers. Asks the engine.
pub(super) async fn services_at(
    app: &App,
    grant: &dockline_domain::access::Grant,
    id: &HostId,
    name: &StackName,
) -> Result<Vec<String>, ApiError> {
    let host = enabled(app, id).await?;
    let mut stacks =
        members(&*host.engine, grant).await.map_err(|error| ApiError::Docker { host: id.clone(), error })?;
    let found = stacks.remove(name).unwrap_or_default();
    Ok(summary(id, name, &found, &[]).services)
}
