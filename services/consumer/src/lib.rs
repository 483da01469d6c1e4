//! The consumer: reads the event log and keeps the histories. It never talks to Docker.
//!
//! - [`Consumer`] takes messages in batches; what a batch holds is in the database before it is committed in the log. A
//!   process that dies in between is followed by one that reads the batch again, and stores nothing twice.
//! - [`decode`] says what a message is. What cannot be used (foreign, malformed, of a later version) is put aside with the
//!   reason, and holds up nothing behind it.
//! - [`housekeeping`] removes what has been kept long enough.
//!
//! In a cluster the log is on Kafka, and several consumers share the work; in standalone it is within the process.

mod decode;
mod housekeeping;
mod keep;

pub use housekeeping::{Retention, housekeeping};
pub use keep::{Consumer, GROUP, TOPICS};
