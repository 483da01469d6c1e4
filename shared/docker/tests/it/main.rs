//! The adapter for real engines, on real engines: over Unix sockets, TCP, mutual TLS and SSH.

mod ssh;
mod ssh_sessions;
mod stage;
mod tls;
mod vanish;
mod versions;
mod ways;
