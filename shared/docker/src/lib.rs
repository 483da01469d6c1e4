//! The Docker port: what Dockline wants from an engine ([`Engine`]), its adapter for real engines
//! ([`DockerEngine`]), a fake beside it ([`fake::FakeEngine`]), and the capped decoder of the engine's
//! log format ([`decode`]).
//!
//! This is the only crate that names bollard. Everything that changes something at an engine takes a
//! [`Grant`](dockline_domain::access::Grant); everything that may show a secret returns [`Sensitive`].

mod address;
mod api_version;
mod cause;
mod client;
mod connection;
mod convert;
mod credentials;
pub mod decode;
mod dial;
mod engine;
mod error;
#[cfg(test)]
mod exec_test;
pub mod fake;
mod hosts;
mod http;
mod json_lines;
mod logs;
mod real;
mod sensitive;

pub use address::{Address, InvalidAddress};
pub use connection::{Connection, InvalidConnection};
pub use credentials::{Credentials, SshCredentials, TlsCredentials, UnreadableCredentials};
pub use engine::{
    ContainerStatus, Engine, EngineInfo, EventStream, KillSignal, LogOpen, LogQuery, LogStream,
    RemoveOptions, StatsStream, Tail,
};
pub use error::{Error, Result};
pub use hosts::{Host, Hosts};
pub use real::DockerEngine;
pub use sensitive::Sensitive;
