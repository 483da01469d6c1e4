//! Making containers: what is asked for is parsed field by field, what reaches the host is refused to those who may not,
//! and the engine's request is built from what remains.

mod access;
mod isolation;
mod parse;

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ContainerCreated, CreateContainer, ErrorBody};
use dockline_docker::{Created, Error, NewContainer, RemoveOptions};
use dockline_domain::access::Grant;

use super::resolve::Target;
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted},
    gate::Note,
    rest::one_host::enabled,
};

/// Makes a container, and starts it if that is wanted. One that cannot be started is removed again. What reaches the host
/// needs `host.escape`; the refusal names every reason.
#[utoipa::path(post, path = "/api/v1/containers", operation_id = "create_container", tag = "containers", request_body = CreateContainer,
    responses((status = 201, description = "The container", body = ContainerCreated),
              (status = 403, description = "It would reach the host", body = ErrorBody),
              (status = 404, description = "There is no such host, image, network or volume", body = ErrorBody),
              (status = 409, description = "The name is taken, or it could not be started and is gone again", body = ErrorBody),
              (status = 422, description = "A field is wrong, or the engine takes the whole for wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    Body(wanted): Body<CreateContainer>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let id = fields.check("host", wanted.host.parse());
    let start = wanted.start;
    let new = parse::parse(&mut fields, wanted);
    let (Some(id), Some(new)) = (id, new) else { return Err(fields.into()) };
    fields.finish()?;
    note.target(format!("hosts/{id}"));
    note.detail("image", new.image.as_str());
    note.detail("name", new.name.as_ref().map(ToString::to_string));
    let host = enabled(&app, &id).await?;
    let reasons = access::reasons(&host, &new).await?;
    if !reasons.is_empty() {
        note.detail("host_access", reasons.clone());
        access::require_escape(&grant, reasons)?;
    }
    let failed = |error| ApiError::Docker { host: id.clone(), error };
    let Created { id: container, warnings } =
        host.engine.create_container(&grant, &new).await.map_err(failed)?;
    let target = Target { host, id: container };
    note.target(target.audit_name());
    note.detail("host", id.as_str());
    if start {
        start_or_remove(&grant, &target, &new).await?;
    }
    let made = ContainerCreated { id: target.id.to_string(), host: id.to_string(), started: start, warnings };
    Ok(HttpResponse::Created().json(made))
}

/// A container that is made and cannot run is of no use to anybody.
async fn start_or_remove(grant: &Grant, target: &Target, new: &NewContainer) -> Result<(), ApiError> {
    let engine = &target.host.engine;
    let Err(error) = engine.start(grant, &target.id).await else { return Ok(()) };
    // One without a name of its own cannot be found again by whoever asked for it.
    let options = RemoveOptions { force: true, volumes: true };
    if let Err(left) = engine.remove(grant, &target.id, options).await {
        let name = new.name.as_ref().map_or_else(|| target.id.short(), |name| name.as_str());
        tracing::warn!(%left, container = target.id.short(), "a container that did not start could not be removed");
        let message =
            format!("the container {name} was made, could not be started ({error}) and not be removed");
        return Err(target.failed(Error::Engine { operation: "start the container", message }));
    }
    Err(match error {
        // The container is there: it is something that it names.
        Error::NotFound => {
            let names: Vec<&str> = new.networks.iter().map(|network| network.name.as_str()).collect();
            let message =
                format!("something that it needs is not there; its networks are [{}]", names.join(", "));
            ApiError::StartFailed { host: target.host.id.clone(), message }
        }
        Error::Engine { message, .. } | Error::Conflict { message } | Error::Invalid { message } => {
            ApiError::StartFailed { host: target.host.id.clone(), message }
        }
        other => target.failed(other),
    })
}
