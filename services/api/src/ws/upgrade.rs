use std::{any::Any, sync::Arc};

use actix_http::ws::{hash_key, verify_handshake};
use actix_web::{
    HttpRequest, HttpResponse,
    dev::Extensions,
    http::{StatusCode, header},
    rt::net::TcpStream,
    web,
};
use dockline_contract::rest::FieldError;
use dockline_domain::access::Principal;
use dockline_fanout::session::{Seat, SeatOf};

use super::{
    Sockets,
    socket::{Socket, Source},
};
use crate::{ApiError, App};

/// Prepares every connection: frames are not held back, and a second handle is kept, so that one whose
/// peer reads nothing can be cut.
pub(crate) fn on_connect(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    // Small frames go out at once: Nagle's algorithm would hold each for the peer's delayed
    // acknowledgement, 40 ms. A connection that refuses works all the same, only slower.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps Nagle's algorithm");
    }
    if let Ok(handle) = socket2::SockRef::from(stream).try_clone() {
        extensions.insert(Arc::new(handle));
    }
}

/// How long to wait when a limit is reached: a closed tab's socket is noticed within this time.
const RETRY_AFTER: std::time::Duration = std::time::Duration::from_secs(10);

/// Takes a seat, or says which limit is reached.
pub(super) async fn seat(app: &App, of: SeatOf) -> Result<Seat, ApiError> {
    let (limit, what) = match &of {
        SeatOf::User(_) => (app.config.sockets_per_user, "per user"),
        SeatOf::Logs(_) | SeatOf::Stats(_) => (app.config.viewers_per_container, "viewers per container"),
    };
    let seat = app.seats.take(of, limit).await?;
    seat.ok_or_else(|| ApiError::TooManyConnections {
        limit: format!("{limit} {what}"),
        retry_after: RETRY_AFTER,
    })
}

/// That the request wants a WebSocket.
pub(super) fn verify(request: &HttpRequest) -> Result<(), ApiError> {
    verify_handshake(request.head()).map_err(|error| {
        let message = format!("this path is a WebSocket: {error}");
        ApiError::InvalidFields(vec![FieldError { field: "Upgrade".to_owned(), message }])
    })
}

/// The connection below a request, to cut it when its peer reads nothing any more.
pub(crate) fn connection(request: &HttpRequest) -> Option<Arc<socket2::Socket>> {
    request.conn_data::<Arc<socket2::Socket>>().cloned()
}

/// So many bytes may wait in the kernel for a peer that takes nothing. The kernel's own limit is 4 MiB for each (`tcp_wmem`), which
/// counts as this process's memory where it is limited, and would only make what a slow viewer sees older.
const MOST_NOT_SENT: u32 = 128 * 1024;

/// Answers with 101 and makes the response body the socket.
pub(super) fn upgrade(
    sockets: &Arc<Sockets>,
    request: &HttpRequest,
    payload: web::Payload,
    principal: Principal,
    source: impl Source + 'static,
) -> Result<HttpResponse, ApiError> {
    verify(request)?;
    let key = request.headers().get(header::SEC_WEBSOCKET_KEY).map(|key| hash_key(key.as_bytes()));
    let accept = key.and_then(|key| header::HeaderValue::from_bytes(&key).ok());
    let accept = accept.ok_or(ApiError::Internal("a verified handshake has a key"))?;
    let connection = connection(request);
    if let Some(connection) = &connection
        && let Err(error) = connection.set_tcp_notsent_lowat(MOST_NOT_SENT)
    {
        tracing::debug!(%error, "a socket keeps the kernel's own limit of what waits to be sent");
    }
    let control = sockets.add(principal, connection);
    let socket = Socket::new(payload.into_inner(), source, control, Arc::clone(sockets));
    let response = HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        .insert_header((header::SEC_WEBSOCKET_ACCEPT, accept))
        .message_body(socket)
        .map_err(|_| ApiError::Internal("the upgrade answer could not be built"))?;
    Ok(response.map_into_boxed_body())
}
