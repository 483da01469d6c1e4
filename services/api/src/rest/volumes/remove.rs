use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_domain::VolumeName;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Granted, Params, PathHost, PathName},
    gate::Note,
    rest::one_host::enabled,
};

/// How to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Remove {
    /// Even if its driver does not answer any more.
    #[serde(default)]
    force: bool,
}

/// Removes a volume with what is in it. Containers that use it are a conflict, stopped ones included.
#[utoipa::path(delete, path = "/api/v1/hosts/{host}/volumes/{name}", operation_id = "remove_volume", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name"), Remove),
    responses((status = 204, description = "Removed"),
              (status = 400, description = "Not a volume's name", body = ErrorBody),
              (status = 404, description = "There is no such host or volume", body = ErrorBody),
              (status = 409, description = "Containers use it; the message names them", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
    Params(wanted): Params<Remove>,
) -> Result<HttpResponse, ApiError> {
    note.detail("force", wanted.force);
    let host = enabled(&app, &id).await?;
    let removed = host.engine.remove_volume(&grant, &name, wanted.force).await;
    removed.map_err(|error| ApiError::Docker { host: id, error })?;
    Ok(HttpResponse::NoContent().finish())
}
