use actix_web::web;
use dockline_compose::Failure;
use dockline_contract::rest::{ErrorBody, StackProblem, StackService, StackVerdict, ValidateStack};
use dockline_domain::{StackName, access::Permission};

use super::{file::opened, judge};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, LargeBody, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Judges a Compose file: what the Compose plugin says of it, and by what it would reach the host. Nothing changes.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks/validate", operation_id = "validate_stack", tag = "stacks",
    request_body = ValidateStack, params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "The verdict, also of a file that is wrong", body = StackVerdict),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A field is wrong, or larger than what is taken", body = ErrorBody),
              (status = 503, description = "The Compose plugin is not installed, or busy", body = ErrorBody)))]
pub(crate) async fn validate(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    LargeBody(wanted): LargeBody<ValidateStack>,
) -> Result<web::Json<StackVerdict>, ApiError> {
    enabled(&app, &host).await?;
    let mut fields = Fields::default();
    let name = fields.check("name", wanted.name.parse::<StackName>());
    let present = match name.as_ref().filter(|_| wanted.variables.values().any(Option::is_none)) {
        None => None,
        Some(name) => match app.stacks.of(&host, name).await?.first() {
            None => None,
            Some(newest) => Some(opened(&app, &host, name, newest.revision).await?),
        },
    };
    let present = present.as_ref().map(|project| project.variables());
    if let Some(name) = &name {
        note.target(format!("hosts/{host}/stacks/{name}"));
    }
    let project = judge::project(&mut fields, name, wanted.compose, wanted.variables, present);
    let Some(project) = project else { return Err(fields.into()) };
    fields.finish()?;
    let model = match app.compose.check(&project).await {
        Ok(model) => model,
        Err(Failure::Invalid(problems)) => {
            let problems =
                problems.into_iter().map(|one| StackProblem { line: one.line, message: one.message });
            return Ok(web::Json(StackVerdict {
                valid: false,
                problems: problems.collect(),
                warnings: Vec::new(),
                services: Vec::new(),
                networks: Vec::new(),
                volumes: Vec::new(),
                unset_variables: Vec::new(),
                host_access: Vec::new(),
                may_deploy: false,
            }));
        }
        Err(failure) => return Err(failure.into()),
    };
    let host_access = judge::reasons(&app, &host, &model).await?;
    let services = model.services().into_iter().map(|one| StackService {
        name: one.name,
        image: one.image,
        ports: one.ports,
        depends_on: one.depends_on,
        replicas: one.replicas,
    });
    Ok(web::Json(StackVerdict {
        valid: true,
        problems: Vec::new(),
        services: services.collect(),
        networks: model.networks(),
        volumes: model.volumes(),
        unset_variables: model.unset_variables(),
        may_deploy: host_access.is_empty() || grant.also(Permission::HostEscape),
        host_access,
        warnings: model.warnings,
    }))
}
