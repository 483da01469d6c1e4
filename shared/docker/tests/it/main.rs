//! The adapter for real engines, on real engines: over Unix sockets, TCP, mutual TLS and SSH.

mod archives;
mod containers;
mod exec;
mod files;
mod recreate;
mod registries;
mod ssh;
mod ssh_sessions;
mod stage;
mod stores;
mod tls;
mod vanish;
mod versions;
mod ways;
