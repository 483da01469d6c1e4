//! What goes on in a container: its processes, and what it changed.

use actix_web::web;
use dockline_contract::rest::{ErrorBody, FileChanges, ProcessList};
use dockline_domain::ContainerRef;

use super::resolve::resolve;
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId, Select},
};

/// A container's processes. Command lines need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/containers/{id}/top", operation_id = "list_container_processes", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 200, description = "The processes", body = ProcessList),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "It does not run, or several have this ID", body = ErrorBody)))]
pub(crate) async fn top(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
) -> Result<web::Json<ProcessList>, ApiError> {
    let target = resolve(&app, &reference, select.host.as_ref()).await?;
    let told = target.host.engine.top(&target.id).await.map_err(|error| target.failed(error))?;
    Ok(web::Json(told.reveal(&grant)))
}

/// How a container's own file system differs from its image.
#[utoipa::path(get, path = "/api/v1/containers/{id}/changes", operation_id = "list_container_changes", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 200, description = "The changes", body = FileChanges),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Several have this ID", body = ErrorBody)))]
pub(crate) async fn changes(
    app: web::Data<App>,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
) -> Result<web::Json<FileChanges>, ApiError> {
    let target = resolve(&app, &reference, select.host.as_ref()).await?;
    let told = target.host.engine.changes(&target.id).await.map_err(|error| target.failed(error))?;
    Ok(web::Json(told))
}
