//! What tests need of the real world: Docker engines, containers that go away by themselves, a proxy that records and
//! disturbs, servers of Redis and PostgreSQL, and the real `dockline` process. A dev-dependency only.

mod cluster;
mod docker_cli;
mod engines;
mod eventually;
mod process;
mod recording_proxy;
mod request_parser;
mod servers;

pub use cluster::DocklineCluster;
pub use docker_cli::{ContainerLogs, ContainerSpec, TestContainer};
pub use engines::{TestEngine, engines};
pub use eventually::eventually;
pub use process::{DocklineCommand, DocklineProcess, Ended};
pub use recording_proxy::RecordingProxy;
pub use request_parser::RequestLine;
pub use servers::{PostgresServer, RedisCluster, RedisServer};
