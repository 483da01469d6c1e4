use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, Ticket, TicketRequest};
use dockline_fanout::session::{TICKET_SECONDS, TicketClaims};

use crate::{
    ApiError, App,
    extract::{Body, Fields, SignedIn},
};

/// The longest path of a socket is shorter.
const MAX_PATH: usize = 256;

/// A ticket that opens one WebSocket once, within 30 seconds. Whether its owner may open that socket
/// is decided when it is used.
#[utoipa::path(post, path = "/api/v1/ws-tickets", operation_id = "issue_ticket", tag = "identity", request_body = TicketRequest,
    responses((status = 201, description = "A ticket", body = Ticket),
              (status = 401, description = "Not signed in", body = ErrorBody),
              (status = 422, description = "The path is not a WebSocket's", body = ErrorBody)))]
pub(crate) async fn issue(
    app: web::Data<App>,
    SignedIn(principal): SignedIn,
    Body(wanted): Body<TicketRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let Some(path) = fields.check("path", socket_path(wanted.path)) else { return Err(fields.into()) };
    let claims = TicketClaims { user: principal.user, session: principal.session, path };
    let ticket = app.tickets.issue(claims).await?;
    Ok(HttpResponse::Created().json(Ticket { ticket, expires_in: TICKET_SECONDS }))
}

fn socket_path(path: String) -> Result<String, &'static str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_'));
    if path.starts_with("/ws/") && path.len() <= MAX_PATH && plain {
        Ok(path)
    } else {
        Err("must be the path of a WebSocket without its query, for example /ws/events")
    }
}
