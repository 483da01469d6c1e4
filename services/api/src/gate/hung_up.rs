use std::{
    future::{Ready, pending, ready},
    mem::MaybeUninit,
    sync::Arc,
    time::Duration,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use tokio_util::sync::CancellationToken;

use crate::{ApiError, ws::connection};

/// How often the connection of a caller who waits is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Whether the caller has hung up. What changes something runs to its end all the same; a handler that only serves who
/// waits can ask.
#[derive(Debug, Clone)]
pub struct HungUp {
    /// Cancelled when actix does not wait for the answer any more.
    pub(super) dropped: CancellationToken,
    connection: Option<Arc<socket2::Socket>>,
}

impl HungUp {
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self { dropped: CancellationToken::new(), connection: connection(request) }
    }

    /// Waits until the caller hangs up.
    pub async fn wait(&self) {
        tokio::select! {
            () = self.dropped.cancelled() => {}
            () = self.closed() => {}
        }
    }

    /// Waits until the peer has closed the connection. actix goes on waiting for the answer then, and reads nothing
    /// meanwhile; so the kernel is asked.
    async fn closed(&self) {
        let Some(connection) = &self.connection else { return pending().await };
        let mut byte = [MaybeUninit::uninit()];
        loop {
            match connection.peek(&mut byte) {
                Ok(0) => return,
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return,
                _ => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
    }
}

impl FromRequest for HungUp {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .extensions()
                .get::<Self>()
                .cloned()
                .ok_or(ApiError::Internal("a route that is not audited")),
        )
    }
}
