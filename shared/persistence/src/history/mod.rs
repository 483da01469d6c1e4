//! Histories: what happened at engines, and what containers used.
//!
//! Both are written by whoever reads the event log, which may hand over the same again: an event is stored once by its
//! identity, a sample once by its container and moment.

mod events;
mod samples;

pub use events::{Appended, EventFilter, EventHistory, EventMark, EventPage};
pub use samples::{Sample, StatsHistory, Step};
