use actix_web::{HttpResponse, web};
use dockline_contract::rest::{
    CreateRegistry, ErrorBody, Registry, RegistryList, RegistrySecretKind, UpdateRegistry,
};
use dockline_domain::{
    RegistryAddress, RegistryId,
    registry::{RegistryRecord, RegistrySecret},
};
use dockline_persistence::{Error, Moment, NewRegistry, RegistryChange};
use serde_json::json;

use super::secret::{login, secret, username};
use crate::{
    ApiError, App,
    extract::{Body, Fields, PathId},
    gate::Note,
};

/// The registries that there are credentials for, by address.
#[utoipa::path(get, path = "/api/v1/registries", operation_id = "list_registries", tag = "registries",
    responses((status = 200, description = "The registries", body = RegistryList)))]
pub(crate) async fn list(app: web::Data<App>) -> Result<web::Json<RegistryList>, ApiError> {
    let items = app.registries.all().await?.iter().map(shown).collect();
    Ok(web::Json(RegistryList { items }))
}

/// One registry.
#[utoipa::path(get, path = "/api/v1/registries/{id}", operation_id = "get_registry", tag = "registries",
    params(("id" = String, Path, description = "The ID")),
    responses((status = 200, description = "The registry", body = Registry),
              (status = 404, description = "There is no such registry", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<RegistryId>,
) -> Result<web::Json<Registry>, ApiError> {
    Ok(web::Json(shown(&found(&app, id).await?)))
}

/// Keeps credentials of a registry. Pulls and pushes of its images show them from then on, on every host.
#[utoipa::path(post, path = "/api/v1/registries", operation_id = "create_registry", tag = "registries", request_body = CreateRegistry,
    responses((status = 201, description = "The registry", body = Registry),
              (status = 409, description = "There are credentials for this registry", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    note: Note,
    Body(wanted): Body<CreateRegistry>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let CreateRegistry { address, username, password, identity_token } = wanted;
    let login = login(&mut fields, &address, username, password, identity_token);
    fields.finish()?;
    let login = login.ok_or(ApiError::Internal("credentials without a fault and without a value"))?;
    let id = RegistryId::generate();
    note.target(format!("registries/{id}"));
    note.detail("address", login.address.as_str());
    note.detail("username", login.username.clone());
    note.detail("secret", login.kind.as_str());
    let sealed = app.directory.opener().seal_registry(id, &login.secret);
    let new = NewRegistry { id, address: login.address, username: login.username, kind: login.kind, sealed };
    let added = app.registries.insert(new, Moment::now()).await?;
    Ok(HttpResponse::Created().json(shown(&added)))
}

/// Changes credentials. With a new address the secret must be given again: nobody who may change an address can have a
/// stored secret sent elsewhere.
#[utoipa::path(patch, path = "/api/v1/registries/{id}", operation_id = "update_registry", tag = "registries", request_body = UpdateRegistry,
    params(("id" = String, Path, description = "The ID")),
    responses((status = 200, description = "The registry as it is now", body = Registry),
              (status = 404, description = "There is no such registry", body = ErrorBody),
              (status = 409, description = "There are credentials for the new address, or somebody else changed these at the same moment", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<RegistryId>,
    Body(wanted): Body<UpdateRegistry>,
) -> Result<web::Json<Registry>, ApiError> {
    let before = found(&app, id).await?;
    let mut fields = Fields::default();
    let address = wanted.address.as_deref().map(str::parse::<RegistryAddress>);
    let moved = fields.check_optional("address", address).filter(|address| *address != before.address);
    let name = username(&mut fields, wanted.username.clone());
    let is_given = wanted.password.is_some() || wanted.identity_token.is_some();
    let secret = secret(&mut fields, wanted.password, wanted.identity_token);
    if moved.is_some() && !is_given {
        let message = "the address changed: give the password or the identity token again";
        fields.check("password", Err::<(), _>(message));
    }
    let kind = secret.as_ref().map_or(before.kind, |(kind, _)| *kind);
    let cleared = wanted.username.as_deref() == Some("");
    if kind == RegistrySecret::Password && name.is_none() && (cleared || before.username.is_none()) {
        fields.check("username", Err::<(), _>("must be given with a password"));
    }
    fields.finish()?;
    describe(&note, &before, moved.as_ref(), name.as_deref(), secret.is_some());
    let opener = app.directory.opener();
    let change = RegistryChange {
        address: moved,
        username: if cleared { Some(None) } else { name.map(Some) },
        secret: secret.map(|(kind, secret)| (kind, opener.seal_registry(id, &secret))),
    };
    Ok(web::Json(shown(&app.registries.update(&before, change, Moment::now()).await?)))
}

/// Forgets credentials.
#[utoipa::path(delete, path = "/api/v1/registries/{id}", operation_id = "delete_registry", tag = "registries",
    params(("id" = String, Path, description = "The ID")),
    responses((status = 204, description = "Forgotten"),
              (status = 404, description = "There is no such registry", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<RegistryId>,
) -> Result<HttpResponse, ApiError> {
    let removed = app.registries.remove(id).await?;
    note.detail("address", removed.address.as_str());
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn found(app: &App, id: RegistryId) -> Result<RegistryRecord, ApiError> {
    Ok(app.registries.get(id).await?.ok_or(Error::NoSuchRegistry)?)
}

/// What changes; a secret only as the fact that there is another one.
fn describe(
    note: &Note,
    before: &RegistryRecord,
    moved: Option<&RegistryAddress>,
    name: Option<&str>,
    other_secret: bool,
) {
    let address = &before.address;
    note.detail(
        "address",
        moved.map_or_else(|| json!(address), |after| json!({ "before": address, "after": after })),
    );
    if let Some(name) = name {
        note.detail("username", json!({ "before": before.username, "after": name }));
    }
    if other_secret {
        note.detail("secret", "changed");
    }
}

fn shown(record: &RegistryRecord) -> Registry {
    Registry {
        id: record.id.to_string(),
        address: record.address.to_string(),
        username: record.username.clone(),
        secret: match record.kind {
            RegistrySecret::Password => RegistrySecretKind::Password,
            RegistrySecret::IdentityToken => RegistrySecretKind::IdentityToken,
        },
        created_at: Moment(record.created_at).to_string(),
        updated_at: Moment(record.updated_at).to_string(),
    }
}
