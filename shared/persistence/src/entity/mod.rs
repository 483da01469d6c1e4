//! Rows as they are stored. Private: callers of this crate see domain types.

pub mod audit_head;
pub mod audit_log;
pub mod backup;
pub mod event_history;
pub mod host;
pub mod host_book;
pub mod image_update;
pub mod job;
pub mod job_input;
pub mod recording;
pub mod recording_piece;
pub mod refresh_token;
pub mod registry;
pub mod relay;
pub mod schedule;
pub mod session;
pub mod setup;
pub mod stack_revision;
pub mod stats_history;
pub mod user;
