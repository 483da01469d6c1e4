use std::collections::BTreeSet;

use actix_web::web;
use dockline_contract::rest::{AdoptStack, ErrorBody, StackAdopted};
use dockline_domain::{StackName, stack::SavedFor};
use dockline_persistence::Moment;

use super::{
    act::idle,
    judge::{self, form, given, judged},
    look::services_at,
};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, LargeBody, PathHost, PathName},
    gate::Note,
};

/// Keeps the Compose file of a stack that was made elsewhere, so that it can be deployed again from here. Nothing changes at
/// the engine.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/stacks/{name}/adopt", operation_id = "adopt_stack", tag = "stacks", request_body = AdoptStack,
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The stack's name")),
    responses((status = 200, description = "It is kept", body = StackAdopted),
              (status = 403, description = "It would reach the host", body = ErrorBody),
              (status = 404, description = "There is no such host, or the stack has no containers there", body = ErrorBody),
              (status = 409, description = "Its file is kept already", body = ErrorBody),
              (status = 422, description = "The file is wrong, with line and reason, or a field is", body = ErrorBody),
              (status = 503, description = "The Compose plugin is not installed, or busy", body = ErrorBody)))]
pub(crate) async fn adopt(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathName(name): PathName<StackName>,
    LargeBody(wanted): LargeBody<AdoptStack>,
) -> Result<web::Json<StackAdopted>, ApiError> {
    note.target(format!("hosts/{host}/stacks/{name}"));
    let mut fields = Fields::default();
    let project =
        judge::project(&mut fields, Some(name.clone()), wanted.compose, given(wanted.variables), None);
    let Some(project) = project else { return Err(fields.into()) };
    fields.finish()?;
    idle(&app, &host, &name).await?;
    let there: BTreeSet<String> = services_at(&app, &grant, &host, &name).await?.into_iter().collect();
    if there.is_empty() {
        return Err(ApiError::StackNotFound);
    }
    if !app.stacks.of(&host, &name).await?.is_empty() {
        return Err(ApiError::StackManaged);
    }
    let model = judged(&app, &grant, &note, &host, &project).await?;
    let in_file: BTreeSet<String> = model.services().into_iter().map(|service| service.name).collect();
    let form = form(&app, &grant, (&host, &name), (1, SavedFor::Adopt), (&project, &model));
    app.stacks.save(form, Moment::now()).await?;
    Ok(web::Json(StackAdopted {
        revision: 1,
        only_in_file: in_file.difference(&there).cloned().collect(),
        only_at_engine: there.difference(&in_file).cloned().collect(),
    }))
}
