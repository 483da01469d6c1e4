use actix_web::web;
use dockline_contract::rest::{ContainerDetails, ErrorBody};
use dockline_domain::ContainerRef;

use super::resolve::resolve;
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId, Select},
    rest::updates::Updates,
};

/// Everything about one container. Values that usually hold secrets need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/containers/{id}", operation_id = "inspect_container", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 200, description = "The container", body = ContainerDetails),
              (status = 400, description = "Not a container ID", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Several have this ID", body = ErrorBody),
              (status = 502, description = "A host's engine does not answer", body = ErrorBody),
              (status = 504, description = "A host's engine took too long", body = ErrorBody)))]
pub(crate) async fn inspect(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
) -> Result<web::Json<ContainerDetails>, ApiError> {
    let target = resolve(&app, &reference, select.host.as_ref()).await?;
    let found = target.host.engine.inspect(&target.id).await.map_err(|error| target.failed(error))?;
    let mut details = found.reveal(&grant);
    Updates::read(&app, Some(&target.host.id)).await.note_at(&mut details.summary);
    Ok(web::Json(details))
}
