//! Servers of a test's own, each in a fresh folder on a free loopback port: Redis, a Redis cluster, PostgreSQL.
//!
//! `deploy/setup/servers` sees to it that their programs are there. A server ends when its value is dropped, and when
//! the test process ends in whatever way.

mod port;
mod postgres;
mod process;
mod programs;
mod redis;
mod redis_cluster;

pub use postgres::PostgresServer;
pub use redis::RedisServer;
pub use redis_cluster::RedisCluster;
