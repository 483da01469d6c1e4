//! Rows as they are stored. Private: callers of this crate see domain types.

pub mod audit_head;
pub mod audit_log;
pub mod event_history;
pub mod host;
pub mod host_book;
pub mod job;
pub mod refresh_token;
pub mod relay;
pub mod session;
pub mod setup;
pub mod stats_history;
pub mod user;
