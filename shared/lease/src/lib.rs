//! Leader election with fencing: at most one streamer publishes what a Docker host says.
//!
//! Winning a [`Lease`] yields a [`Leadership`]. Publishing takes `&Leadership`, so a process that never
//! won cannot compile a publish; one that won *once* carries its term's [`FenceToken`] with every
//! write, and whoever stores the write refuses a token that is not the newest.

mod leadership;
pub mod memory;
pub mod redis;

use async_trait::async_trait;
use dockline_domain::HostId;

pub use leadership::{FenceToken, Leadership};

/// An election per host.
#[async_trait]
pub trait Lease: Send + Sync {
    /// Waits until this process leads `host`, and returns the proof. Cancel by dropping the future.
    async fn campaign(&self, host: &HostId) -> Result<Leadership, Error>;
}

/// Why an election could not be taken part in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The store of leases does not answer.
    #[error("the store of leases does not answer: {0}")]
    Unavailable(String),
}
