//! The Docker port: what Dockline wants from an engine ([`Engine`]), its adapter for real engines
//! ([`DockerEngine`]), a fake beside it ([`fake::FakeEngine`]), and the capped decoder of the engine's
//! log format ([`decode`]).
//!
//! This is the only crate that names bollard. Everything that changes something at an engine takes a
//! [`Grant`](dockline_domain::access::Grant); everything that may show a secret returns [`Sensitive`].

mod address;
mod api_version;
pub mod archive;
mod ask;
mod cause;
mod client;
mod connection;
mod convert;
mod create;
mod credentials;
pub mod decode;
mod dial;
mod engine;
mod error;
mod exec;
#[cfg(test)]
mod exec_test;
pub mod fake;
mod files;
mod hosts;
mod http;
mod images;
mod json_lines;
mod logs;
mod networks;
mod operations;
mod pull;
mod real;
mod sensitive;
mod system;
mod volumes;

pub use address::{Address, InvalidAddress};
pub use connection::{Connection, InvalidConnection};
pub use create::{
    AddDevice, AddMount, Create, Created, HealthTest, Isolation, JoinNetwork, Limits, NewContainer,
    NewHealthCheck, PublishPort,
};
pub use credentials::{Credentials, SshCredentials, TlsCredentials, UnreadableCredentials};
pub use engine::{
    ContainerStatus, Engine, EngineInfo, EventStream, KillSignal, LogOpen, LogQuery, LogStream,
    RemoveOptions, StatsStream, Tail,
};
pub use error::{Error, Missing, Result};
pub use exec::{Ended, Exec, ExecInput, ExecOutput, ExecPiece, ExecProcess, ExecSpec, Execs};
pub use files::{Content, FileStat, Files, HostFolder, Listing, NewFile, OpenFile, Owner};
pub use hosts::{Host, Hosts};
pub use images::Images;
pub use networks::{Endpoint, Networks, NewNetwork};
pub use operations::{Commit, Operations, Update};
pub use pull::{Pull, PullEvent, PullStream};
pub use real::DockerEngine;
pub use sensitive::Sensitive;
pub use system::System;
pub use volumes::{NewVolume, Volumes};
