//! The REST handlers, a file for each group of operations.

pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod backups;
pub(crate) mod build;
pub(crate) mod containers;
pub(crate) mod cursor;
pub(crate) mod documents;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod hosts;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod networks;
pub(crate) mod one_host;
pub(crate) mod over_hosts;
pub(crate) mod recordings;
pub(crate) mod registries;
pub(crate) mod schedules;
pub(crate) mod sessions;
pub(crate) mod setup;
pub(crate) mod stacks;
pub(crate) mod system;
pub(crate) mod tickets;
pub(crate) mod updates;
pub(crate) mod users;
pub(crate) mod volumes;
