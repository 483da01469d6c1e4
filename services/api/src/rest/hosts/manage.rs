use actix_web::{HttpResponse, web};
use dockline_contract::rest::{CreateHost, ErrorBody, HostSsh, HostStatus, HostTls, UpdateHost};
use dockline_docker::Address;
use dockline_domain::{
    HostId,
    host::{HostOrigin, HostRecord, HostSecurity, Sealed, check_labels, new_host_id},
};
use dockline_persistence::{Error, HostChange, NewHost};
use serde_json::json;

use super::{
    credentials::{connection, demand},
    list::ask,
};
use crate::{
    ApiError, App,
    extract::{Body, Fields, PathHost},
    gate::Note,
};

/// Adds a host. Its engine need not answer yet.
#[utoipa::path(post, path = "/api/v1/hosts", operation_id = "create_host", tag = "hosts", request_body = CreateHost,
    responses((status = 201, description = "The host", body = HostStatus),
              (status = 409, description = "There is a host with this ID", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    note: Note,
    Body(wanted): Body<CreateHost>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let id = fields.check("id", new_host_id(&wanted.id));
    let _labels = fields.check("labels", check_labels(&wanted.labels));
    let address = fields.check("address", wanted.address.parse::<Address>());
    let connection = address.and_then(|address| connection(&mut fields, address, wanted.tls, wanted.ssh));
    let (Some(id), Some(connection)) = (id, connection) else { return Err(fields.into()) };
    fields.finish()?;
    let new = NewHost {
        address: connection.address().to_string(),
        labels: wanted.labels,
        enabled: wanted.enabled.unwrap_or(true),
        sealed: app.directory.opener().seal(&id, connection.credentials()),
        id,
    };
    note.target(format!("hosts/{}", new.id));
    note.detail("address", new.address.as_str());
    note.detail("enabled", new.enabled);
    note.detail("labels", json!(new.labels));
    let added = app.directory.add(new).await?;
    note.detail("security", word(added.security()));
    let status = shown(&app, &added.id).await?;
    Ok(HttpResponse::Created().json(status))
}

/// Changes a host. With a new address the credentials must be given again: nobody who may change an address can have
/// stored credentials sent elsewhere.
#[utoipa::path(patch, path = "/api/v1/hosts/{host}", operation_id = "update_host", tag = "hosts", request_body = UpdateHost,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "The host as it is now", body = HostStatus),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The settings name its address, or somebody else changed it at the same moment", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<UpdateHost>,
) -> Result<web::Json<HostStatus>, ApiError> {
    let before = app.directory.record(&id).await.ok_or(ApiError::HostNotFound)?;
    let change = change(&app, &before, wanted)?;
    describe(&note, &before, &change);
    app.directory.change(&before, change).await?;
    Ok(web::Json(shown(&app, &id).await?))
}

/// Removes a host. Its containers go on; what watches them here ends.
#[utoipa::path(delete, path = "/api/v1/hosts/{host}", operation_id = "delete_host", tag = "hosts",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 204, description = "Removed"),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The settings name it", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    note: Note,
    PathHost(id): PathHost,
) -> Result<HttpResponse, ApiError> {
    let removed = match app.directory.remove(&id).await {
        Err(Error::HostDeclared) => return Err(from_settings(&app, id)),
        other => other?,
    };
    note.detail("address", removed.address);
    Ok(HttpResponse::NoContent().finish())
}

fn change(app: &App, before: &HostRecord, wanted: UpdateHost) -> Result<HostChange, ApiError> {
    let mut fields = Fields::default();
    let _labels = fields.check_optional("labels", wanted.labels.as_ref().map(check_labels));
    let address = fields.check_optional("address", wanted.address.as_deref().map(str::parse::<Address>));
    let moved = address.filter(|address| address.to_string() != before.address);
    if moved.is_some() && before.origin == HostOrigin::Settings {
        return Err(from_settings(app, before.id.clone()));
    }
    let sealed = credentials(app, &mut fields, before, moved.as_ref(), wanted.tls, wanted.ssh);
    fields.finish()?;
    Ok(HostChange {
        address: moved.map(|address| address.to_string()),
        labels: wanted.labels,
        enabled: wanted.enabled,
        sealed,
    })
}

/// What becomes of the credentials: `None` if they stay, `Some(None)` if they are forgotten.
fn credentials(
    app: &App,
    fields: &mut Fields,
    before: &HostRecord,
    moved: Option<&Address>,
    tls: Option<Option<HostTls>>,
    ssh: Option<HostSsh>,
) -> Option<Option<Sealed>> {
    let security = before.security();
    let forgets_tls = matches!(tls, Some(None)) && security == HostSecurity::Tls;
    match (tls.flatten(), ssh, moved) {
        (None, None, None) => forgets_tls.then_some(None),
        (None, None, Some(address)) => {
            let kept = if forgets_tls { HostSecurity::None } else { security };
            demand(fields, address, kept).map(|()| None)
        }
        (tls, ssh, moved) => {
            let address = match moved {
                Some(address) => address.clone(),
                None => fields.check("address", before.address.parse())?,
            };
            let connection = connection(fields, address, tls, ssh)?;
            Some(app.directory.opener().seal(&before.id, connection.credentials()))
        }
    }
}

/// What changes, before and after; credentials only as the fact that there are other ones.
fn describe(note: &Note, before: &HostRecord, change: &HostChange) {
    if let Some(address) = &change.address {
        note.detail("address", json!({ "before": before.address, "after": address }));
    }
    if let Some(labels) = &change.labels {
        note.detail("labels", json!({ "before": before.labels, "after": labels }));
    }
    if let Some(enabled) = change.enabled {
        note.detail("enabled", json!({ "before": before.enabled, "after": enabled }));
    }
    match &change.sealed {
        Some(Some(_)) => note.detail("credentials", "changed"),
        Some(None) if before.sealed.is_some() => note.detail("credentials", "removed"),
        _ => {}
    }
}

/// A host after a change. It may be gone again: somebody else removed it.
async fn shown(app: &App, id: &HostId) -> Result<HostStatus, ApiError> {
    let host = app.hosts.get(id).ok_or(ApiError::HostNotFound)?;
    Ok(ask(app, &host).await)
}

fn from_settings(app: &App, host: HostId) -> ApiError {
    ApiError::HostFromSettings { host, setting: app.directory.setting() }
}

const fn word(security: HostSecurity) -> &'static str {
    match security {
        HostSecurity::None => "none",
        HostSecurity::Tls => "tls",
        HostSecurity::Ssh => "ssh",
    }
}
