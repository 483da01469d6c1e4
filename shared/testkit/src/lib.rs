//! What tests need of the real world: Docker engines, containers that go away by themselves, a proxy that records and
//! disturbs, servers of Redis, PostgreSQL, Kafka, Traefik, SSH and a Docker registry, and the real `dockline` process. A dev-dependency only.

mod certificates;
mod cluster;
mod compose;
mod docker_cli;
mod engines;
mod eventually;
mod faults;
mod foreign_image;
mod hostile_archives;
mod own_engines;
mod process;
mod pushed_image;
mod recording_proxy;
mod remote_engine;
mod request_parser;
mod servers;

pub use certificates::{Authority, Certified};
pub use cluster::{DocklineCluster, Role};
pub use compose::{TestProject, compose_plugin};
pub use docker_cli::{ContainerLogs, ContainerSpec, TestContainer};
pub use engines::{TestEngine, engines};
pub use eventually::eventually;
pub use faults::{Link, Network, Node, Server, Way};
pub use foreign_image::ForeignImage;
pub use hostile_archives::{HostileArchive, TarHeader, hostile_archives, tar, tar_file};
pub use own_engines::OwnEngines;
pub use process::{DocklineCommand, DocklineProcess, Ended};
pub use pushed_image::PushedImage;
pub use recording_proxy::RecordingProxy;
pub use remote_engine::{CutOff, RemoteEngine};
pub use request_parser::RequestLine;
pub use servers::{
    KafkaCluster, Lie, OtlpReceiver, PostgresServer, ReceivedSpan, RedisCluster, RedisServer, RegistryFront,
    RegistryServer, SshServer, TableLock, TraefikServer, free_port,
};
