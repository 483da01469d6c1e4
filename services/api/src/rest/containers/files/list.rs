use actix_web::web;
use dockline_contract::rest::{ErrorBody, FileKind, FileListing};
use dockline_docker::Error;
use dockline_domain::{ContainerPath, ContainerRef};

use super::{super::resolve::Target, At, settle::settle};
use crate::{
    ApiError, App,
    extract::{Params, PathId},
    rest::containers::resolve,
};

/// What is in a folder of a container. A listing that could not be whole says so.
#[utoipa::path(get, path = "/api/v1/containers/{id}/files", operation_id = "list_files", tag = "files",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), At),
    responses((status = 200, description = "The folder", body = FileListing),
              (status = 404, description = "There is no such container or folder", body = ErrorBody),
              (status = 409, description = "It is no folder, or several containers have this ID", body = ErrorBody),
              (status = 422, description = "Not a path", body = ErrorBody)))]
pub(crate) async fn list_files(
    app: web::Data<App>,
    PathId(reference): PathId<ContainerRef>,
    Params(at): Params<At>,
) -> Result<web::Json<FileListing>, ApiError> {
    let path = at.parsed()?;
    let target = resolve(&app, &reference, at.host.as_ref()).await?;
    let (path, stat) = settle(&target, &path).await?;
    if stat.kind != FileKind::Folder {
        return Err(target.failed(Error::Conflict { message: format!("{path} is no folder") }));
    }
    folder(&target, &path).await.map(web::Json)
}

/// A folder as the API shows it.
pub(crate) async fn folder(target: &Target, path: &ContainerPath) -> Result<FileListing, ApiError> {
    let found =
        target.host.engine.list_files(&target.id, path).await.map_err(|error| target.failed(error))?;
    let mut items = found.entries;
    items.sort_by(|a, b| {
        (a.kind != FileKind::Folder).cmp(&(b.kind != FileKind::Folder)).then_with(|| a.name.cmp(&b.name))
    });
    Ok(FileListing { path: path.to_string(), items, truncated: found.truncated })
}
