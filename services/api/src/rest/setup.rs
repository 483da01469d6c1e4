use actix_web::{HttpRequest, HttpResponse, web};
use dockline_auth::NewPassword;
use dockline_contract::rest::{ErrorBody, Setup, SetupStatus, SignedIn};
use dockline_domain::{Username, access::Role};
use dockline_persistence::{Actor, Error, Moment, NewUser};

use super::sessions;
use crate::{
    ApiError, App,
    extract::{Body, Caller, Fields},
    gate::Note,
};

/// Whether the product still waits for its first administrator.
#[utoipa::path(get, path = "/api/v1/setup", operation_id = "setup_status", tag = "identity", security(()),
    responses((status = 200, description = "Whether it waits", body = SetupStatus)))]
pub(crate) async fn status(app: web::Data<App>) -> Result<web::Json<SetupStatus>, ApiError> {
    Ok(web::Json(SetupStatus { required: app.setup.required().await? }))
}

/// Makes the first administrator and signs them in. Works once, with the token of the set-up link.
#[utoipa::path(post, path = "/api/v1/setup", operation_id = "complete_setup", tag = "identity", security(()), request_body = Setup,
    responses((status = 201, description = "Made and signed in", body = SignedIn),
              (status = 403, description = "The token is wrong", body = ErrorBody),
              (status = 409, description = "Set-up is done already", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody),
              (status = 429, description = "Too many attempts", body = ErrorBody)))]
pub(crate) async fn complete(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    note: Note,
    Body(setup): Body<Setup>,
) -> Result<HttpResponse, ApiError> {
    if let Err(retry_after) = app.sign_in.attempt(caller.address, None) {
        note.skip();
        return Err(ApiError::TooManyAttempts { retry_after });
    }
    // Without a token in this process set-up was done before it started.
    let Some(token) = &app.setup_token else {
        return Err(Error::SetupDone.into());
    };
    if !token.matches(&setup.token) {
        return Err(ApiError::InvalidSetupToken { in_file: app.setup_done.is_some() });
    }
    if !app.setup.required().await? {
        return Err(Error::SetupDone.into());
    }
    let mut fields = Fields::default();
    let username = fields.check("username", setup.username.parse::<Username>());
    let password = fields.check("password", NewPassword::new(&setup.password, &setup.username));
    let (Some(username), Some(password)) = (username, password) else { return Err(fields.into()) };
    let password_hash = app.passwords.hash(password).await?.0;
    let admin = NewUser { username, password_hash, role: Role::Admin };
    let account = app.setup.complete(admin, Moment::now()).await?;
    if let Some(done) = &app.setup_done {
        done();
    }
    note.actor(Actor::account(account.id, &account.username));
    note.target(format!("users/{}", account.username));
    sessions::open(&app, &account, &request, &caller, HttpResponse::Created()).await
}
