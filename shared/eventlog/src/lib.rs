//! The log of events, to which hosts' leaders and replicas append and from which consumers and other programs read.
//!
//! Two ports: [`EventLog`] for whoever appends, [`EventSource`] for whoever reads and commits what is done with it.
//! Adapters: [`kafka`] for a cluster, [`memory`] within one process. What is in the log are [`CloudEvent`]s in binary
//! mode: attributes as headers, the payload as the body.
//!
//! Delivery is at least once: whoever appends repeats what was not acknowledged, whoever reads repeats what was not
//! committed. Every event has an identity of its own (`ce_id`), by which repetitions are told.

mod cloud_event;
pub mod kafka;
pub mod memory;
mod message;
mod topic;

use std::time::Duration;

use async_trait::async_trait;

pub use cloud_event::{CloudEvent, NotACloudEvent};
pub use message::{Batch, Message, Place};
pub use topic::{Topic, Topics};

/// The side of whoever appends.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends in this order, and returns when all are acknowledged. While the log does not answer this takes as long as
    /// that lasts: whoever may not wait drops the future, and appends again later what was not acknowledged.
    ///
    /// # Errors
    /// [`AppendError`], which says how many of the first are certain.
    async fn append(&self, topic: Topic, events: &[CloudEvent]) -> Result<(), AppendError>;

    /// Puts a message aside that could not be used, as it came, with the reason.
    ///
    /// # Errors
    /// [`AppendError`] when it is not certain that it was put aside.
    async fn set_aside(&self, message: &Message, reason: &str) -> Result<(), AppendError>;

    /// Whether it answers.
    ///
    /// # Errors
    /// Why not.
    async fn ping(&self) -> Result<(), String>;
}

/// The side of whoever reads. Several read together; each message goes to one of them.
#[async_trait]
pub trait EventSource: Send {
    /// Waits for messages, and takes what is there until there are `most` or `gather` has passed since the first. When
    /// the future is dropped, what it had taken is part of the next batch.
    ///
    /// # Errors
    /// [`ReadError`] when none can be had now; asking again later is fine.
    async fn next(&mut self, most: usize, gather: Duration) -> Result<Batch, ReadError>;

    /// Says that everything in a batch, and before it, is done with: nobody of the group gets it again.
    ///
    /// # Errors
    /// [`ReadError`] when that could not be written down: it may come again.
    async fn commit(&mut self, batch: &Batch) -> Result<(), ReadError>;

    /// Leaves the group, so that others take over at once.
    async fn close(self: Box<Self>);
}

/// Why not everything was appended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct AppendError {
    /// So many of the first were acknowledged; of the others nothing is known.
    pub delivered: usize,
    /// What went wrong, for people.
    pub reason: String,
}

/// Why nothing could be read or committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The log does not answer, or not in the expected way: try again.
    #[error("the event log cannot be read: {0}")]
    Unavailable(String),
    /// The log has ended, with the process.
    #[error("the event log has been closed")]
    Closed,
}
