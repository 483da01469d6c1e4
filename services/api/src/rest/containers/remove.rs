use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_docker::RemoveOptions;
use dockline_domain::{ContainerRef, HostId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::operate::found;
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
    gate::Note,
};

/// How to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Remove {
    /// Kill it first if it runs.
    #[serde(default)]
    force: bool,
    /// Remove its anonymous volumes too.
    #[serde(default)]
    volumes: bool,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

/// Removes a container; one that runs is a conflict unless forced.
#[utoipa::path(delete, path = "/api/v1/containers/{id}", operation_id = "remove_container", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Remove),
    responses((status = 204, description = "Removed"),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "It runs, or several have this ID", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(wanted): Params<Remove>,
) -> Result<HttpResponse, ApiError> {
    let options = RemoveOptions { force: wanted.force, volumes: wanted.volumes };
    note.detail("force", options.force);
    note.detail("volumes", options.volumes);
    let target = found(&app, &reference, wanted.host.as_ref(), &note).await?;
    target.host.engine.remove(&grant, &target.id, options).await.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}
