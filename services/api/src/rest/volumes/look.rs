use actix_web::web;
use dockline_contract::rest::{ErrorBody, VolumeDetails};
use dockline_domain::VolumeName;

use crate::{
    ApiError, App,
    extract::{Granted, PathHost, PathName},
    rest::one_host::enabled,
};

/// Everything about one volume but its size. Values that may hold secrets need `secrets.read`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes/{name}", operation_id = "inspect_volume", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name")),
    responses((status = 200, description = "The volume", body = VolumeDetails),
              (status = 400, description = "Not a volume's name", body = ErrorBody),
              (status = 404, description = "There is no such host or volume", body = ErrorBody)))]
pub(crate) async fn inspect(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
) -> Result<web::Json<VolumeDetails>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.volume(&name).await.map_err(|error| ApiError::Docker { host: id, error })?;
    Ok(web::Json(found.reveal(&grant)))
}
