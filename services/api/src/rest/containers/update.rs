use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, UpdateContainer};
use dockline_docker::Update;
use dockline_domain::ContainerRef;
use serde_json::json;

use super::{
    limits::{limits, restart},
    operate::found,
};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, Params, PathId, Select},
    gate::Note,
};

/// Changes what a container may use, and what happens when it ends, while it runs.
#[utoipa::path(patch, path = "/api/v1/containers/{id}", operation_id = "update_container", tag = "containers", request_body = UpdateContainer,
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 204, description = "Changed"),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Several have this ID", body = ErrorBody),
              (status = 422, description = "A field is wrong, or none is given", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
    Body(wanted): Body<UpdateContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let limits = limits(&mut fields, wanted.memory_bytes, wanted.cpus, wanted.pids_limit, true);
    let restart = wanted.restart_policy.and_then(|rule| restart(&mut fields, rule));
    let update = Update { limits, restart };
    let nothing = wanted.memory_bytes.is_none()
        && wanted.cpus.is_none()
        && wanted.pids_limit.is_none()
        && wanted.restart_policy.is_none();
    fields.check("body", if nothing { Err("must change something") } else { Ok(()) });
    fields.finish()?;
    note.detail("change", json!(wanted));
    let target = found(&app, &reference, select.host.as_ref(), &note).await?;
    target
        .host
        .engine
        .update_container(&grant, &target.id, &update)
        .await
        .map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}
