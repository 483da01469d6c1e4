//! Dockline's rules, as pure functions and types: no I/O, no async, no clock.
//!
//! Everything that decides *whether* something may happen or *what* a number means lives here, so
//! that it can be tested without a server: identifiers parsed at the edge ([`ids`]), who may do what
//! ([`access`]), positions in a container's log ([`log`]), the formulas behind the stats charts
//! ([`stats`]) and the identity of an engine event ([`event`]).

pub mod access;
pub mod event;
pub mod host;
pub mod ids;
pub mod log;
pub mod stats;
pub mod timestamp;

pub use ids::{ContainerId, ContainerName, ContainerRef, HostId, SessionId, UserId, Username};
pub use timestamp::Timestamp;
