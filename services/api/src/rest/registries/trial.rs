use actix_web::web;
use dockline_contract::rest::{ErrorBody, RegistryTrial, TryRegistry, TryStoredRegistry};
use dockline_docker::{LoginAnswer, RegistryLogin};
use dockline_domain::{HostId, RegistryId, access::Grant};

use super::{manage::found, secret::login};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathId},
    gate::Note,
    rest::one_host::enabled,
};

/// Tries credentials as they are described, without keeping anything. The engine of a host asks the registry.
#[utoipa::path(post, path = "/api/v1/registries/test", operation_id = "test_registry", tag = "registries", request_body = TryRegistry,
    responses((status = 200, description = "How it ended", body = RegistryTrial),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn test(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    Body(wanted): Body<TryRegistry>,
) -> Result<web::Json<RegistryTrial>, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check("host", wanted.host.parse::<HostId>());
    let TryRegistry { address, username, password, identity_token, .. } = wanted;
    let login = login(&mut fields, &address, username, password, identity_token);
    let (Some(host), Some(login)) = (host, login) else { return Err(fields.into()) };
    fields.finish()?;
    tried(&app, &grant, &note, host, &login).await
}

/// Tries the credentials that are stored. The engine of a host asks the registry.
#[utoipa::path(post, path = "/api/v1/registries/{id}/test", operation_id = "test_stored_registry", tag = "registries", request_body = TryStoredRegistry,
    params(("id" = String, Path, description = "The ID")),
    responses((status = 200, description = "How it ended", body = RegistryTrial),
              (status = 404, description = "There is no such registry or host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn test_stored(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<RegistryId>,
    Body(wanted): Body<TryStoredRegistry>,
) -> Result<web::Json<RegistryTrial>, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check("host", wanted.host.parse::<HostId>());
    let Some(host) = host else { return Err(fields.into()) };
    let record = found(&app, id).await?;
    match app.directory.opener().registry_login(&record) {
        Ok(login) => tried(&app, &grant, &note, host, &login).await,
        Err(unreadable) => Ok(web::Json(ended(LoginAnswer::Refused(unreadable.to_string())))),
    }
}

async fn tried(
    app: &App,
    grant: &Grant,
    note: &Note,
    host: HostId,
    login: &RegistryLogin,
) -> Result<web::Json<RegistryTrial>, ApiError> {
    note.detail("address", login.address.as_str());
    note.detail("host", host.as_str());
    let engine = enabled(app, &host).await?.engine;
    let answer = engine.try_login(grant, login).await;
    let trial = ended(answer.map_err(|error| ApiError::Docker { host, error })?);
    note.detail("ok", trial.ok);
    Ok(web::Json(trial))
}

fn ended(answer: LoginAnswer) -> RegistryTrial {
    match answer {
        LoginAnswer::Accepted(status) => RegistryTrial { ok: true, error: None, status: Some(status) },
        LoginAnswer::Refused(error) => RegistryTrial { ok: false, error: Some(error), status: None },
    }
}
