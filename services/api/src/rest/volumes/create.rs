use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CreateVolume, ErrorBody, VolumeDetails};
use dockline_docker::NewVolume;
use dockline_domain::{VolumeName, VolumeOptions, access::Permission};

use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Makes a volume.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/volumes", operation_id = "create_volume", tag = "volumes", request_body = CreateVolume,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 201, description = "The volume", body = VolumeDetails),
              (status = 403, description = "Its options reach the host", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "There is a volume with this name", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<CreateVolume>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let name = fields.check_optional("name", wanted.name.as_deref().map(str::parse::<VolumeName>));
    let options = fields.check("options", VolumeOptions::new(wanted.options));
    let Some(options) = options else { return Err(fields.into()) };
    fields.finish()?;
    if let Some(name) = &name {
        note.target(format!("hosts/{id}/volumes/{name}"));
    }
    if let Some(access) = options.access() {
        // Options of network drives hold passwords: only what they reach is noted.
        note.detail("reaches", access.to_string());
        if !grant.also(Permission::HostEscape) {
            return Err(ApiError::HostEscape(vec![access.to_string()]));
        }
    }
    let host = enabled(&app, &id).await?;
    let failed = |error| ApiError::Docker { host: id.clone(), error };
    let new = NewVolume { name, labels: wanted.labels, options };
    let made = host.engine.create_volume(&grant, &new).await.map_err(failed)?;
    note.target(format!("hosts/{id}/volumes/{made}"));
    let found = host.engine.volume(&made).await.map_err(failed)?;
    Ok(HttpResponse::Created().json(found.reveal(&grant)))
}
