use actix_web::web;
use dockline_compose::Project;
use dockline_contract::rest::{
    ErrorBody, StackAction, StackAuthor, StackFile, StackRevision, StackRevisions, StackVariable,
};
use dockline_domain::{HostId, StackName, access::Permission, stack::SavedFor};
use dockline_persistence as persistence;
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Granted, Params, PathHost, PathName},
    rest::containers::hosts,
};

/// Which form is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadFile {
    /// The newest, if nothing is said.
    revision: Option<u32>,
}

/// A stack's Compose file with its variables. The text and the values need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/stacks/{name}/file", operation_id = "read_stack_file", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name"), ReadFile),
    responses((status = 200, description = "The file", body = StackFile),
              (status = 404, description = "There is no such host, or no such file is kept", body = ErrorBody)))]
pub(crate) async fn read_file(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    PathName(name): PathName<StackName>,
    Params(wanted): Params<ReadFile>,
) -> Result<web::Json<StackFile>, ApiError> {
    hosts(&app, Some(&host)).await?;
    let kept = app.stacks.of(&host, &name).await?;
    let newest = kept.first().map(|one| one.revision).ok_or(ApiError::StackFileNotFound)?;
    let number = wanted.revision.unwrap_or(newest);
    let revision = kept.into_iter().find(|one| one.revision == number).ok_or(ApiError::StackFileNotFound)?;
    let project = opened(&app, &host, &name, number).await?;
    let shows = grant.also(Permission::SecretsRead);
    let variables = project.variables().iter().map(|(name, value)| StackVariable {
        name: name.to_string(),
        value: shows.then(|| value.expose_secret().to_owned()),
    });
    Ok(web::Json(StackFile {
        revision: told(revision),
        is_newest: number == newest,
        compose: shows.then(|| project.text().expose_secret().to_owned()),
        variables: variables.collect(),
    }))
}

/// The forms of a stack's file that are kept, newest first: the last twenty.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/stacks/{name}/revisions", operation_id = "list_stack_revisions", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 200, description = "The forms; none for a stack that was made elsewhere", body = StackRevisions),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn list_revisions(
    app: web::Data<App>,
    PathHost(host): PathHost,
    PathName(name): PathName<StackName>,
) -> Result<web::Json<StackRevisions>, ApiError> {
    hosts(&app, Some(&host)).await?;
    let kept = app.stacks.of(&host, &name).await?;
    Ok(web::Json(StackRevisions { items: kept.into_iter().map(told).collect() }))
}

/// One form of a stack's file, opened.
pub(super) async fn opened(
    app: &App,
    host: &HostId,
    name: &StackName,
    revision: u32,
) -> Result<Project, ApiError> {
    let sealed = app.stacks.file(host, name, revision).await?.ok_or(ApiError::StackFileNotFound)?;
    let sealer = app.directory.opener().sealer();
    Project::open(sealer, host, name, revision, &sealed).map_err(ApiError::StackUnreadable)
}

fn told(of: persistence::StackRevision) -> StackRevision {
    let (id, name) = of.saved_by;
    StackRevision {
        revision: of.revision,
        action: match of.action {
            SavedFor::Deploy => StackAction::Deploy,
            SavedFor::Update => StackAction::Update,
            SavedFor::Rollback => StackAction::Rollback,
            SavedFor::Adopt => StackAction::Adopt,
        },
        saved_at: of.saved_at.to_string(),
        saved_by: StackAuthor { id: id.to_string(), name: name.to_string() },
        deployed_at: of.deployed_at.map(|at| at.to_string()),
        services: of.services,
    }
}
