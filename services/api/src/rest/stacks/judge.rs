//! A Compose file before anything changes: its limits, the plugin's own verdict, and by what it would reach the host.

use std::collections::BTreeMap;

use dockline_compose::{Model, Project, Variables, host_access};
use dockline_domain::{
    HostId, StackName, VariableName,
    access::{Grant, Permission},
    stack::SavedFor,
};
use dockline_persistence::NewStackRevision;

use crate::{ApiError, App, extract::Fields, gate::Note, rest::one_host::enabled};

/// Reads names and limits; what is wrong is in `fields`. A variable without a value has the one of `present`.
pub(super) fn project(
    fields: &mut Fields,
    name: Option<StackName>,
    compose: String,
    variables: BTreeMap<String, Option<String>>,
    present: Option<&Variables>,
) -> Option<Project> {
    let mut values = Variables::new();
    for (variable, value) in variables {
        let field = format!("variables.{variable}");
        let Some(variable) = fields.check(&field, variable.parse::<VariableName>()) else { continue };
        let value = match value {
            Some(value) => Ok(value.into()),
            None => present
                .and_then(|present| present.get(&variable).cloned())
                .ok_or("has no value that could be kept; give one"),
        };
        values.extend(fields.check(&field, value).map(|value| (variable, value)));
    }
    match Project::new(name?, compose, values) {
        Ok(project) => Some(project),
        Err(large) => fields.check(&large.field, Err(large.message)),
    }
}

/// What is given once.
pub(super) fn given(variables: BTreeMap<String, String>) -> BTreeMap<String, Option<String>> {
    variables.into_iter().map(|(name, value)| (name, Some(value))).collect()
}

/// Asks the plugin, and refuses what reaches the host to those who may not.
pub(super) async fn judged(
    app: &App,
    grant: &Grant,
    note: &Note,
    host: &HostId,
    project: &Project,
) -> Result<Model, ApiError> {
    let names: Vec<&str> = project.variables().keys().map(VariableName::as_str).collect();
    note.detail("variables", names);
    let model = app.compose.check(project).await?;
    let services: Vec<String> = model.services().into_iter().map(|service| service.name).collect();
    note.detail("services", services);
    let reasons = reasons(app, host, &model).await?;
    if !reasons.is_empty() {
        note.detail("host_access", reasons.clone());
        if !grant.also(Permission::HostEscape) {
            return Err(ApiError::HostEscape(reasons));
        }
    }
    Ok(model)
}

/// By what the stack would reach the host.
pub(super) async fn reasons(app: &App, id: &HostId, model: &Model) -> Result<Vec<String>, ApiError> {
    let host = enabled(app, id).await?;
    let found = host_access(&*host.engine, model).await;
    found.map_err(|error| ApiError::Docker { host: id.clone(), error })
}

/// A file as the newest form that is to be kept.
pub(super) fn form(
    app: &App,
    grant: &Grant,
    (host, name): (&HostId, &StackName),
    (revision, action): (u32, SavedFor),
    (project, model): (&Project, &Model),
) -> NewStackRevision {
    let principal = grant.principal();
    NewStackRevision {
        host: host.clone(),
        name: name.clone(),
        revision,
        action,
        sealed: project.seal(app.directory.opener().sealer(), host, revision),
        services: model.services().into_iter().map(|service| service.name).collect(),
        saved_by: (principal.user, principal.username.clone()),
    }
}
