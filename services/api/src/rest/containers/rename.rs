use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, RenameContainer};
use dockline_domain::{ContainerName, ContainerRef};

use super::operate::found;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, Params, PathId, Select},
    gate::Note,
};

/// Gives a container another name.
#[utoipa::path(post, path = "/api/v1/containers/{id}/rename", operation_id = "rename_container", tag = "containers", request_body = RenameContainer,
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 204, description = "Renamed"),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "The name is taken, or several have this ID", body = ErrorBody),
              (status = 422, description = "Not a name", body = ErrorBody)))]
pub(crate) async fn rename(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
    Body(wanted): Body<RenameContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let Some(name) = fields.check("name", wanted.name.parse::<ContainerName>()) else {
        return Err(fields.into());
    };
    note.detail("name", name.as_str());
    let target = found(&app, &reference, select.host.as_ref(), &note).await?;
    target.host.engine.rename(&grant, &target.id, &name).await.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}
