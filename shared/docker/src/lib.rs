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
mod build;
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
mod labels;
mod logs;
mod networks;
mod operations;
mod platform;
mod pull;
mod push;
mod reach;
mod real;
mod recreate;
mod registry;
mod sensitive;
mod stacks;
mod system;
mod transfer;
mod tunnel;
mod volume_files;
mod volumes;

pub use address::{Address, InvalidAddress};
pub use build::{Build, BuildEvent, BuildStream, Discarded, Layer, NewBuild};
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
pub use files::{Content, FileStat, Files, HostFolder, Listing, NewFile, OpenFile, Owner, one_file};
pub use hosts::{Host, Hosts};
pub use images::Images;
pub use labels::{RECORD_LABEL, is_own_label};
pub use networks::{Endpoint, Networks, NewNetwork};
pub use operations::{Commit, Operations, Update};
pub use platform::Platform;
pub use pull::Pull;
pub use push::Push;
pub use reach::host_access;
pub use real::DockerEngine;
pub use recreate::{
    Blueprint, Condition, FoundSuccessor, HealthSaid, ImageHere, Recreate, Successor, objections,
};
pub use registry::{LoginAnswer, RegistryLogin, RegistryQuestions, config_json};
pub use sensitive::{ComposePlace, Sensitive};
pub use stacks::StackMember;
pub use system::{Pruned, System, prune_system};
pub use transfer::{TransferEvent, TransferStream};
pub use tunnel::{EngineConnection, Tunnels};
pub use volume_files::{BRIEF, HELPER_LABEL, LONG, OpenVolume, Opening, VolumeFiles, volumes_closed};
pub use volumes::{NewVolume, Volumes};
