//! Rows as they are stored. Private: callers of this crate see domain types.

pub mod audit_head;
pub mod audit_log;
pub mod refresh_token;
pub mod session;
pub mod setup;
pub mod user;
