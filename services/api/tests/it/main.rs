//! The real server on a free port: SQLite in a folder of its own, the in-process fan-out, and the
//! engine in memory.

mod access_tokens;
mod audit;
mod build;
mod containers;
mod create;
mod events;
mod headers;
mod host_secrets;
mod host_states;
mod hostile;
mod hosts;
mod jobs;
mod limits;
mod logs;
mod matrix;
mod merged_logs;
mod operations;
mod recordings;
mod refresh;
mod registries;
mod schedules;
mod secrecy;
mod server;
mod setup;
mod shutdown;
mod sockets;
mod stacks;
mod stats_history;
mod stores;
mod uploads;
mod users;

use server::{Answer, TestServer};
