use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_domain::NetworkRef;
use serde::Deserialize;
use utoipa::IntoParams;

use super::resolve::found;
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathHost, PathId},
    gate::Note,
};

/// How to remove.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Remove {
    /// Even if stopped containers are in it, which then cannot start any more.
    #[serde(default)]
    force: bool,
}

/// Removes a network. Containers in it are a conflict, and so is a network that every engine has.
#[utoipa::path(delete, path = "/api/v1/hosts/{host}/networks/{id}", operation_id = "remove_network", tag = "networks",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "The engine's ID of the network, or at least the first 12 characters of it"), Remove),
    responses((status = 204, description = "Removed"),
              (status = 400, description = "Not a network ID", body = ErrorBody),
              (status = 404, description = "There is no such host or network", body = ErrorBody),
              (status = 409, description = "Containers are in it, which the message names, or every engine has it", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(host): PathHost,
    PathId(reference): PathId<NetworkRef>,
    Params(wanted): Params<Remove>,
) -> Result<HttpResponse, ApiError> {
    note.detail("force", wanted.force);
    let target = found(&app, &host, &reference, &note).await?;
    let removed = target.host.engine.remove_network(&grant, &target.id, wanted.force).await;
    removed.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}
