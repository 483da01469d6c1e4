use actix_web::{HttpRequest, HttpResponse, web};
use dockline_auth::{PasswordHash, RefreshToken};
use dockline_contract::rest::{ErrorBody, Login, Me, SessionUser, SignedIn as SignedInBody};
use dockline_domain::{Username, access::Permission};
use dockline_fanout::session::Revocation;
use dockline_persistence::{Actor, Moment, Rotation, TokenHash};

use super::sessions;
use crate::{
    ApiError, App,
    extract::{Body, Caller, SignedIn},
    gate::Note,
};

/// Signs in. A wrong name and a wrong password get the same answer after the same time.
#[utoipa::path(post, path = "/api/v1/auth/login", operation_id = "login", tag = "identity", security(()), request_body = Login,
    responses((status = 200, description = "Signed in", body = SignedInBody),
              (status = 401, description = "Wrong name or password", body = ErrorBody),
              (status = 429, description = "Too many attempts", body = ErrorBody)))]
pub(crate) async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    note: Note,
    Body(login): Body<Login>,
) -> Result<HttpResponse, ApiError> {
    // What cannot be a name is nobody's: it costs the same time, and is not kept word for word.
    let username = login.username.parse::<Username>().ok();
    if let Err(retry_after) = app.sign_in.attempt(caller.address, username.as_ref()) {
        // Not in the audit log: attempts over the limit are endless, and those up to it are there.
        note.skip();
        app.metrics.sign_in("limited");
        return Err(ApiError::TooManyAttempts { retry_after });
    }
    if let Some(name) = &username {
        note.actor(Actor { id: None, name: Some(name.to_string()) });
        note.target(format!("users/{name}"));
    }
    let known = match &username {
        Some(name) => app.users.credentials(name).await?,
        None => None,
    };
    let stored = known.as_ref().map(|known| PasswordHash(known.password_hash.clone()));
    let right = app.passwords.verify(stored, login.password.into()).await?;
    let account = known.map(|known| known.account).filter(|account| right && account.enabled);
    let Some(account) = account else {
        app.metrics.sign_in("refused");
        return Err(ApiError::InvalidCredentials);
    };
    note.actor(Actor::account(account.id, &account.username));
    let answer = sessions::open(&app, &account, &request, &caller, HttpResponse::Ok()).await?;
    app.metrics.sign_in("accepted");
    Ok(answer)
}

/// Exchanges the refresh token in the cookie for a new one and an access token.
#[utoipa::path(post, path = "/api/v1/auth/refresh", operation_id = "refresh", tag = "identity", security(()),
    responses((status = 200, description = "Refreshed", body = SignedInBody),
              (status = 401, description = "No valid refresh token: sign in", body = ErrorBody)))]
pub(crate) async fn refresh(
    app: web::Data<App>,
    request: HttpRequest,
    note: Note,
) -> Result<HttpResponse, ApiError> {
    // A refresh goes on with a sign-in that is in the audit log; only misuse gets a line of its own.
    note.skip();
    let presented = sessions::presented(&request).ok_or(ApiError::Unauthenticated)?;
    let successor = RefreshToken::generate();
    let (old, new) = (TokenHash(presented.hash()), TokenHash(successor.hash()));
    match app.sessions.rotate(old, new, Moment::now()).await? {
        Rotation::Rotated { session, account } => {
            sessions::answer(&app, &account, session, &successor, HttpResponse::Ok())
        }
        Rotation::Reused { session, account } => {
            tracing::warn!(user = %account.username, %session, "a replaced refresh token came back: the sign-in was ended");
            note.record();
            note.actor(Actor::account(account.id, &account.username));
            note.target(format!("sessions/{session}"));
            note.detail("reason", "a replaced refresh token came back, so the sign-in was ended");
            sessions::withdraw(&app, Revocation::Session(session)).await;
            Err(ApiError::Unauthenticated)
        }
        Rotation::Refused => Err(ApiError::Unauthenticated),
    }
}

/// Signs out: ends the sign-in of the refresh cookie or else of the access token, closes its sockets and removes the cookie.
/// Without a sign-in it does nothing, and says the same.
#[utoipa::path(post, path = "/api/v1/auth/logout", operation_id = "logout", tag = "identity", security(()),
    responses((status = 204, description = "Signed out")))]
pub(crate) async fn logout(
    app: web::Data<App>,
    request: HttpRequest,
    note: Note,
) -> Result<HttpResponse, ApiError> {
    note.skip();
    // Browsers have the cookie; programs have only their access token.
    let signed_in = match sessions::presented(&request) {
        Some(token) => app.sessions.of_token(&TokenHash(token.hash())).await?,
        None => sessions::bearer(&app, &request),
    };
    if let Some((session, user)) = signed_in {
        if app.sessions.revoke(session, "signed out", Moment::now()).await? {
            note.record();
            let name = app.users.by_id(user).await?.map(|account| account.username.to_string());
            note.actor(Actor { id: Some(user), name });
            note.target(format!("sessions/{session}"));
        }
        sessions::withdraw(&app, Revocation::Session(session)).await;
    }
    Ok(HttpResponse::NoContent().cookie(sessions::removal(&app)).finish())
}

/// Who asks, and what they may do.
#[utoipa::path(get, path = "/api/v1/auth/me", operation_id = "me", tag = "identity",
    responses((status = 200, description = "The account and its permissions", body = Me),
              (status = 401, description = "Not signed in", body = ErrorBody)))]
pub(crate) async fn me(SignedIn(principal): SignedIn) -> web::Json<Me> {
    let permissions = principal.role.permissions().map(Permission::as_str).map(str::to_owned).collect();
    web::Json(Me {
        user: SessionUser {
            id: principal.user.to_string(),
            username: principal.username.to_string(),
            role: principal.role.to_string(),
        },
        roles: vec![principal.role.to_string()],
        permissions,
    })
}
