use actix_web::{dev::ServiceRequest, http::header};
use dockline_domain::{SessionId, UserId, access::Principal};
use dockline_persistence::Moment;

use crate::{ApiError, App};

/// Who sent a request. The sign-in, the account and its role are read from the database every time, so
/// that signing out, disabling and demoting count from the next request on.
pub(super) async fn principal(
    app: &App,
    request: &ServiceRequest,
    socket: bool,
) -> Result<Principal, ApiError> {
    let ticket = if socket { ticket(request.query_string()) } else { None };
    let (user, session) = match (bearer(request)?, ticket) {
        (Some(token), _) => {
            let claims = app.access_tokens.verify(token).map_err(|_| ApiError::Unauthenticated)?;
            (claims.user, claims.session)
        }
        (None, Some(ticket)) => redeem(app, ticket, request.path()).await?,
        (None, None) => return Err(ApiError::Unauthenticated),
    };
    load(app, user, session).await?.ok_or(ApiError::Unauthenticated)
}

/// The principal of a sign-in as it is now; `None` when the sign-in ended or the account is disabled.
async fn load(app: &App, user: UserId, session: SessionId) -> Result<Option<Principal>, ApiError> {
    let account = app.sessions.account(session, user, Moment::now()).await?;
    let Some(account) = account.filter(|account| account.enabled) else { return Ok(None) };
    // Never a default: an account whose role is unknown here has no rights at all.
    let role = account.role.ok_or(ApiError::NoRole)?;
    Ok(Some(Principal { user, username: account.username, role, session }))
}

impl App {
    /// The principal as it is now, for connections that outlive one request; `None` when its sign-in
    /// ended, its account was disabled or its role is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reload(&self, principal: &Principal) -> Result<Option<Principal>, ApiError> {
        match load(self, principal.user, principal.session).await {
            Err(ApiError::NoRole) => Ok(None),
            other => other,
        }
    }
}

/// Whether a request for a socket brings a ticket and nothing better.
pub(super) fn relies_on_ticket(request: &ServiceRequest) -> bool {
    ticket(request.query_string()).is_some() && !request.headers().contains_key(header::AUTHORIZATION)
}

fn bearer(request: &ServiceRequest) -> Result<Option<&str>, ApiError> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let value = value.to_str().map_err(|_| ApiError::Unauthenticated)?;
    let (scheme, token) = value.split_once(' ').ok_or(ApiError::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::Unauthenticated);
    }
    Ok(Some(token.trim()))
}

fn ticket(query: &str) -> Option<&str> {
    // Tickets are base64url: nothing in them is ever percent-encoded.
    query.split('&').find_map(|pair| pair.strip_prefix("ticket=")).filter(|ticket| !ticket.is_empty())
}

async fn redeem(app: &App, ticket: &str, path: &str) -> Result<(UserId, SessionId), ApiError> {
    let claims = app.tickets.redeem(ticket).await?.ok_or(ApiError::Unauthenticated)?;
    if claims.path != path {
        return Err(ApiError::Unauthenticated);
    }
    Ok((claims.user, claims.session))
}
