//! Live sockets: logs, stats, events and jobs.
//!
//! A socket is the response body that actix polls ([`socket::Socket`]): it *pulls* from a shared source
//! whenever the peer can take more. So a viewer costs its position and nothing is queued for it; a peer
//! that does not read simply is not polled. No task is spawned per viewer.
//!
//! What a program in a container is spoken to by ([`exec`]) goes in both directions, and is a session of actix-ws with a
//! task of its own. The rules of life and death are the same.
//!
//! What a body that is not polled cannot do by itself is done by one task for all sockets
//! ([`Sockets::supervise`]): closing stalled peers, and ending the sockets of people who lost their rights.

mod control;
pub(crate) mod events;
pub(crate) mod exec;
pub(crate) mod jobs;
pub(crate) mod logs;
mod pulse;
mod socket;
pub(crate) mod stats;
mod upgrade;

pub(crate) use control::Control;
pub use control::Sockets;
pub(crate) use upgrade::{connection, on_connect};
