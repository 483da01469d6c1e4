//! What signing in, setting up and refreshing have in common: the answer and the cookie.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    cookie::{Cookie, SameSite, time::Duration as CookieTime},
    http::header,
};
use dockline_auth::RefreshToken;
use dockline_contract::rest::{SessionUser, SignedIn};
use dockline_domain::{SessionId, UserId};
use dockline_fanout::session::Revocation;
use dockline_persistence::{Account, Moment, NewSession, SESSION_DAYS, TokenHash};
use secrecy::ExposeSecret;

use crate::{ApiError, App, extract::Caller};

/// Holds the refresh token; no script can read it, and only `/api/v1/auth` gets it.
const COOKIE: &str = "dockline_refresh";
const COOKIE_PATH: &str = "/api/v1/auth";
/// What a program calls itself is kept up to this length.
const MAX_USER_AGENT: usize = 200;

/// Begins a sign-in.
pub(crate) async fn open(
    app: &App,
    account: &Account,
    request: &HttpRequest,
    caller: &Caller,
    response: HttpResponseBuilder,
) -> Result<HttpResponse, ApiError> {
    let token = RefreshToken::generate();
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let new = NewSession {
        user: account.id,
        token: TokenHash(token.hash()),
        address: caller.address.map(|address| address.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT).collect()),
    };
    let session = app.sessions.open(new, Moment::now()).await?;
    answer(app, account, session, &token, response)
}

/// An access token in the body, the refresh token in the cookie.
pub(crate) fn answer(
    app: &App,
    account: &Account,
    session: SessionId,
    token: &RefreshToken,
    mut response: HttpResponseBuilder,
) -> Result<HttpResponse, ApiError> {
    let role = account.role.ok_or(ApiError::NoRole)?;
    let issued = app.access_tokens.issue(account.id, session);
    let cookie = cookie(app, token.expose().to_owned(), CookieTime::days(SESSION_DAYS));
    Ok(response.cookie(cookie).json(SignedIn {
        access_token: issued.token.expose_secret().to_owned(),
        expires_in: issued.expires_in,
        user: SessionUser {
            id: account.id.to_string(),
            username: account.username.to_string(),
            role: role.to_string(),
        },
    }))
}

/// Closes the sockets of an account or a sign-in that has just lost its rights in the database. When
/// the announcement fails, the replicas find out by reading rights again; the change itself stands.
pub(crate) async fn withdraw(app: &App, revocation: Revocation) {
    if let Err(error) = app.revocations.revoke(revocation).await {
        tracing::warn!(%error, ?revocation, "the end of somebody's rights could not be announced");
    }
}

/// The refresh token that came with a request.
pub(crate) fn presented(request: &HttpRequest) -> Option<RefreshToken> {
    RefreshToken::parse(request.cookie(COOKIE)?.value())
}

/// The sign-in of the access token that came with a request.
pub(crate) fn bearer(app: &App, request: &HttpRequest) -> Option<(SessionId, UserId)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let claims =
        app.access_tokens.verify(token.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
    Some((claims.session, claims.user))
}

/// A cookie that removes the refresh token from the browser.
pub(crate) fn removal(app: &App) -> Cookie<'static> {
    cookie(app, String::new(), CookieTime::ZERO)
}

fn cookie(app: &App, value: String, max_age: CookieTime) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path(COOKIE_PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.public_url.is_https())
        .max_age(max_age)
        .finish()
}
