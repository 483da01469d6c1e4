//! The real program, real Docker engines (both versions that the README names), real sockets.

mod carry_over;
mod client;
mod cluster;
mod corpus;
mod engine_absent;
mod history;
mod hosts;
mod hosts_cluster;
mod hosts_secrets;
mod kafka;
mod kafka_faults;
mod limits;
mod metrics;
mod one_read;
mod resume;
mod rotation;
mod sessions;
mod startup;
mod stats;
mod traces;
mod traefik;
mod upgrade;
