use actix_web::{HttpResponse, web};
use dockline_compose::{Model, Project};
use dockline_contract::rest::{DeployStack, ErrorBody, JobRecord, StackDeploying, StackPull, UpdateStack};
use dockline_domain::{HostId, StackName, access::Grant, stack::SavedFor};
use dockline_jobs::JobSpec;
use dockline_persistence::{Moment, NewJob};
use secrecy::ExposeSecret;

use super::{
    act::idle,
    file::opened,
    judge::{self, form, given, judged},
    look::services_at,
};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, LargeBody, PathHost, PathName},
    gate::Note,
    rest::jobs::{added, asker, record},
};

/// Makes a stack from a Compose file, as a background job. What reaches the host needs `host.escape`; the refusal names every
/// reason.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks", operation_id = "deploy_stack", tag = "stacks", request_body = DeployStack,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 202, description = "The job that does it", body = StackDeploying),
              (status = 403, description = "It would reach the host", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "There is such a stack, or something is done to it", body = ErrorBody),
              (status = 422, description = "The file is wrong, with line and reason, or a field is", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody),
              (status = 503, description = "The Compose plugin is not installed, or busy", body = ErrorBody)))]
pub(crate) async fn deploy(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    LargeBody(wanted): LargeBody<DeployStack>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let name = fields.check("name", wanted.name.parse::<StackName>());
    if let Some(name) = &name {
        note.target(format!("hosts/{host}/stacks/{name}"));
    }
    let project = judge::project(&mut fields, name.clone(), wanted.compose, given(wanted.variables), None);
    let (Some(name), Some(project)) = (name, project) else { return Err(fields.into()) };
    fields.finish()?;
    idle(&app, &host, &name).await?;
    let is_kept = !app.stacks.of(&host, &name).await?.is_empty();
    if is_kept || !services_at(&app, &grant, &host, &name).await?.is_empty() {
        return Err(ApiError::StackExists { is_kept });
    }
    let model = judged(&app, &grant, &note, &host, &project).await?;
    let new = New { revision: 1, action: SavedFor::Deploy, pull: wanted.pull };
    enqueue(&app, &grant, &note, (&host, &name), new, (&project, &model)).await
}

/// Deploys a stack again, with another file, other variables, an older form of both, or as they are. As a background job.
#[utoipa::path(put, path = "/api/v1/hosts/{host}/stacks/{name}", operation_id = "update_stack", tag = "stacks", request_body = UpdateStack,
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 202, description = "The job that does it", body = StackDeploying),
              (status = 403, description = "It would reach the host", body = ErrorBody),
              (status = 404, description = "There is no such host, or no such file is kept: adopt the stack first", body = ErrorBody),
              (status = 409, description = "Somebody changed it meanwhile, or something is done to it", body = ErrorBody),
              (status = 422, description = "The file is wrong, with line and reason, or a field is", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody),
              (status = 503, description = "The Compose plugin is not installed, or busy", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(name): PathName<StackName>,
    LargeBody(wanted): LargeBody<UpdateStack>,
) -> Result<HttpResponse, ApiError> {
    note.target(format!("hosts/{host}/stacks/{name}"));
    let mut fields = Fields::default();
    let changes = wanted.compose.is_some() || wanted.variables.is_some();
    if wanted.from_revision.is_some() && changes {
        fields.check::<(), _>("from_revision", Err("takes file and variables as they were; give neither"));
    }
    fields.finish()?;
    idle(&app, &host, &name).await?;
    let kept = app.stacks.of(&host, &name).await?;
    let newest = kept.first().ok_or(ApiError::StackFileNotFound)?.revision;
    if wanted.base_revision.is_some_and(|base| base != newest) {
        return Err(dockline_persistence::Error::StackChanged.into());
    }
    let base = opened(&app, &host, &name, wanted.from_revision.unwrap_or(newest)).await?;
    let mut fields = Fields::default();
    let project = if changes {
        let compose = wanted.compose.unwrap_or_else(|| base.text().expose_secret().to_owned());
        let variables = wanted.variables.unwrap_or_else(|| {
            base.variables().keys().map(|variable| (variable.to_string(), None)).collect()
        });
        judge::project(&mut fields, Some(name.clone()), compose, variables, Some(base.variables()))
    } else {
        Some(base)
    };
    let Some(project) = project else { return Err(fields.into()) };
    fields.finish()?;
    let model = judged(&app, &grant, &note, &host, &project).await?;
    note.detail("from_revision", wanted.from_revision);
    let action = if wanted.from_revision.is_some() { SavedFor::Rollback } else { SavedFor::Update };
    let is_same = !changes && wanted.from_revision.is_none_or(|from| from == newest);
    let revision = if is_same { newest } else { newest + 1 };
    let new = New { revision, action, pull: wanted.pull };
    if is_same {
        note.detail("revision", revision);
        let job = added(&app, &note, grant.principal(), new.spec((&host, &name))).await?;
        return Ok(new.accepted(job));
    }
    enqueue(&app, &grant, &note, (&host, &name), new, (&project, &model)).await
}

/// What is to be deployed.
struct New {
    revision: u32,
    action: SavedFor,
    pull: StackPull,
}

/// Keeps the file and adds the job, both or neither: a file whose job was refused would be one that was never deployed.
async fn enqueue(
    app: &App,
    grant: &Grant,
    note: &Note,
    at: (&HostId, &StackName),
    new: New,
    file: (&Project, &Model),
) -> Result<HttpResponse, ApiError> {
    note.detail("revision", new.revision);
    let form = form(app, grant, at, (new.revision, new.action), file);
    let job = NewJob { spec: new.spec(at), asker: asker(grant.principal()), retry_of: None };
    let job = app.stacks.save_and_deploy(form, job, Moment::now()).await?;
    note.detail("job", job.id.to_string());
    Ok(new.accepted(record(&job)))
}

impl New {
    fn spec(&self, (host, stack): (&HostId, &StackName)) -> JobSpec {
        JobSpec::StackDeploy {
            host: host.clone(),
            stack: stack.clone(),
            revision: self.revision,
            always_pull: self.pull == StackPull::Always,
        }
    }

    fn accepted(&self, job: JobRecord) -> HttpResponse {
        HttpResponse::Accepted().json(StackDeploying { job, revision: self.revision })
    }
}
