//! Servers of a test's own, each in a fresh folder on a free loopback port: Redis, a Redis cluster, PostgreSQL, Kafka,
//! Traefik, OpenSSH, a Docker registry, a receiver of OpenTelemetry data.
//!
//! `deploy/setup/servers`, `kafka`, `traefik`, `registry` and `otlp-receiver` there see to it that their programs are there. A server
//! ends when its value is dropped, and when the test process ends in whatever way.

mod kafka;
mod otlp;
mod port;
mod postgres;
mod process;
mod programs;
mod redis;
mod redis_cluster;
mod registry;
mod registry_front;
mod ssh;
mod table_lock;
mod traefik;

pub use kafka::KafkaCluster;
pub use otlp::{OtlpReceiver, ReceivedSpan};
pub use port::free_port;
pub use postgres::PostgresServer;
pub use redis::RedisServer;
pub use redis_cluster::RedisCluster;
pub use registry::RegistryServer;
pub use registry_front::{Lie, RegistryFront};
pub use ssh::SshServer;
pub use table_lock::TableLock;
pub use traefik::TraefikServer;
