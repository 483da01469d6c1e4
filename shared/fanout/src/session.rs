//! State about people's connections that every replica must agree on: tickets that open one socket
//! once, seats that are limited per user and per container, and sign-outs that must reach live sockets.

use async_trait::async_trait;
use dockline_domain::{ContainerId, SessionId, UserId};
use futures::stream::BoxStream;

use crate::Result;

/// How long a ticket can be redeemed, in seconds.
pub const TICKET_SECONDS: u64 = 30;

/// What a ticket stands for: one socket at one path, opened under one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketClaims {
    /// Who may use it.
    pub user: UserId,
    /// The sign-in it was issued under.
    pub session: SessionId,
    /// The only path it opens.
    pub path: String,
}

/// Short-lived, single-use tickets: browsers cannot send a header with a WebSocket, and a token in a
/// URL would end up in logs.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Makes a ticket that is good for [`TICKET_SECONDS`].
    async fn issue(&self, claims: TicketClaims) -> Result<String>;

    /// Takes a ticket back; it cannot be redeemed again, here or at any other replica.
    async fn redeem(&self, ticket: &str) -> Result<Option<TicketClaims>>;
}

/// What a seat is counted against.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SeatOf {
    /// Sockets of one user.
    User(UserId),
    /// Viewers of one container's log.
    Logs(ContainerId),
    /// Viewers of one container's resource use.
    Stats(ContainerId),
}

/// Limits that hold for the whole cluster.
#[async_trait]
pub trait Seats: Send + Sync {
    /// Takes a seat unless `limit` are taken already.
    async fn take(&self, of: SeatOf, limit: u32) -> Result<Option<Seat>>;
}

/// A taken seat; free again when dropped.
pub struct Seat {
    release: Option<Box<dyn FnOnce() + Send>>,
}

impl Seat {
    /// A seat that calls `release` when dropped.
    #[must_use]
    pub fn new(release: impl FnOnce() + Send + 'static) -> Self {
        Self { release: Some(Box::new(release)) }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seat")
    }
}

/// Whose sockets must end, on every replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// The account was disabled, demoted or removed, or its password was changed.
    User(UserId),
    /// One sign-in ended.
    Session(SessionId),
}

/// Tells every replica that an account or a sign-in has lost its rights.
#[async_trait]
pub trait Revocations: Send + Sync {
    /// Announces it.
    async fn revoke(&self, revocation: Revocation) -> Result<()>;

    /// Everything announced from now on.
    fn subscribe(&self) -> BoxStream<'static, Revocation>;
}
