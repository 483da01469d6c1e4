use actix_web::{HttpResponse, web};
use dockline_auth::NewPassword;
use dockline_contract::rest::{CreateUser, ErrorBody, UpdateUser, User, UserPage};
use dockline_domain::{UserId, Username, access::Role};
use dockline_fanout::session::Revocation;
use dockline_persistence::{Account, Moment, NewUser, UserChange};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{cursor, sessions};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, Params, PathId},
    gate::Note,
};

/// Which accounts to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The accounts, by name.
#[utoipa::path(get, path = "/api/v1/users", operation_id = "list_users", tag = "users", params(ListUsers),
    responses((status = 200, description = "A page of accounts", body = UserPage)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListUsers>,
) -> Result<web::Json<UserPage>, ApiError> {
    let cursor::Wanted { limit, after } =
        cursor::wanted::<Username>(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    let mut accounts = app.users.list(after.as_ref(), limit + 1).await?;
    let more = cursor::cut(&mut accounts, limit);
    let next_cursor = cursor::next(accounts.last().filter(|_| more).map(|last| last.username.as_str()));
    Ok(web::Json(UserPage { items: accounts.into_iter().map(user).collect(), next_cursor }))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/users", operation_id = "create_user", tag = "users", request_body = CreateUser,
    responses((status = 201, description = "The account", body = User),
              (status = 409, description = "The name is taken", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn create(
    app: web::Data<App>,
    note: Note,
    Body(wanted): Body<CreateUser>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let username = fields.check("username", wanted.username.parse::<Username>());
    let password = fields.check("password", NewPassword::new(&wanted.password, &wanted.username));
    let role = fields.check("role", wanted.role.parse::<Role>());
    let (Some(username), Some(password), Some(role)) = (username, password, role) else {
        return Err(fields.into());
    };
    note.target(format!("users/{username}"));
    note.detail("role", role.as_str());
    let password_hash = app.passwords.hash(password).await?.0;
    let account = app.users.create(NewUser { username, password_hash, role }, Moment::now()).await?;
    Ok(HttpResponse::Created().json(user(account)))
}

/// One account.
#[utoipa::path(get, path = "/api/v1/users/{id}", operation_id = "get_user", tag = "users",
    params(("id" = String, Path, description = "The account's ID")),
    responses((status = 200, description = "The account", body = User),
              (status = 404, description = "There is no such account", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<UserId>,
) -> Result<web::Json<User>, ApiError> {
    let account = app.users.by_id(id).await?.ok_or(ApiError::UserNotFound)?;
    Ok(web::Json(user(account)))
}

/// Changes an account. Disabling, demoting and a new password end its sign-ins and sockets at once.
#[utoipa::path(patch, path = "/api/v1/users/{id}", operation_id = "update_user", tag = "users", request_body = UpdateUser,
    params(("id" = String, Path, description = "The account's ID")),
    responses((status = 200, description = "The account as it is now", body = User),
              (status = 404, description = "There is no such account", body = ErrorBody),
              (status = 409, description = "The last administrator, or your own account", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn update(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<UserId>,
    Body(wanted): Body<UpdateUser>,
) -> Result<web::Json<User>, ApiError> {
    let account = app.users.by_id(id).await?.ok_or(ApiError::UserNotFound)?;
    note.target(format!("users/{}", account.username));
    let mut fields = Fields::default();
    let role = fields.check_optional("role", wanted.role.as_deref().map(str::parse::<Role>));
    let password = wanted.password.as_deref().map(|text| NewPassword::new(text, account.username.as_str()));
    let password = fields.check_optional("password", password);
    fields.finish()?;
    if grant.principal().user == id {
        if wanted.enabled == Some(false) {
            return Err(ApiError::OwnAccount("disable"));
        }
        if role.is_some_and(|role| Some(role) < account.role) {
            return Err(ApiError::OwnAccount("demote"));
        }
    }
    describe(&note, &account, role, wanted.enabled, password.is_some());
    let password_hash = match password {
        Some(password) => Some(app.passwords.hash(password).await?.0),
        None => None,
    };
    let change = UserChange { role, enabled: wanted.enabled, password_hash };
    let changed = app.users.update(id, change, Moment::now()).await?;
    // A new role counts for open sockets too, even one that allows more.
    if changed.sessions_ended || changed.before.role != changed.after.role {
        sessions::withdraw(&app, Revocation::User(id)).await;
    }
    Ok(web::Json(user(changed.after)))
}

/// Removes an account, its sign-ins and its sockets. Its lines in the audit log stay.
#[utoipa::path(delete, path = "/api/v1/users/{id}", operation_id = "delete_user", tag = "users",
    params(("id" = String, Path, description = "The account's ID")),
    responses((status = 204, description = "Removed"),
              (status = 404, description = "There is no such account", body = ErrorBody),
              (status = 409, description = "The last administrator, or your own account", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<UserId>,
) -> Result<HttpResponse, ApiError> {
    if grant.principal().user == id {
        return Err(ApiError::OwnAccount("remove"));
    }
    let removed = app.users.remove(id).await?;
    note.target(format!("users/{}", removed.username));
    sessions::withdraw(&app, Revocation::User(id)).await;
    Ok(HttpResponse::NoContent().finish())
}

/// What changes, before and after; a password only as the fact that there is a new one.
fn describe(note: &Note, before: &Account, role: Option<Role>, enabled: Option<bool>, password: bool) {
    if let Some(role) = role {
        note.detail("role", serde_json::json!({ "before": before.role, "after": role }));
    }
    if let Some(enabled) = enabled {
        note.detail("enabled", serde_json::json!({ "before": before.enabled, "after": enabled }));
    }
    if password {
        note.detail("password", "changed");
    }
}

fn user(account: Account) -> User {
    User {
        id: account.id.to_string(),
        username: account.username.to_string(),
        role: account.role.map_or_else(|| "none".to_owned(), |role| role.to_string()),
        enabled: account.enabled,
        created_at: account.created_at.to_string(),
        last_login_at: account.last_login_at.map(|at| at.to_string()),
    }
}
