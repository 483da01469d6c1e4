//! What tests need of the real world: Docker engines, containers that go away by themselves, a proxy that records and
//! disturbs, servers of Redis, PostgreSQL, Kafka, Traefik and SSH, and the real `dockline` process. A dev-dependency only.

mod certificates;
mod cluster;
mod docker_cli;
mod engines;
mod eventually;
mod faults;
mod process;
mod recording_proxy;
mod remote_engine;
mod request_parser;
mod servers;

pub use certificates::{Authority, Certified};
pub use cluster::{DocklineCluster, Role};
pub use docker_cli::{ContainerLogs, ContainerSpec, TestContainer};
pub use engines::{TestEngine, engines};
pub use eventually::eventually;
pub use faults::{Link, Network, Node, Server, Way};
pub use process::{DocklineCommand, DocklineProcess, Ended};
pub use recording_proxy::RecordingProxy;
pub use remote_engine::{CutOff, RemoteEngine};
pub use request_parser::RequestLine;
pub use servers::{
    KafkaCluster, OtlpReceiver, PostgresServer, ReceivedSpan, RedisCluster, RedisServer, SshServer,
    TableLock, TraefikServer, free_port,
};
