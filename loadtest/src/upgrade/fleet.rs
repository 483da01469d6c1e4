//! What is upgraded: replicas behind Traefik at addresses that stay, streamers, a consumer and Kafka.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{
    DocklineCluster, DocklineCommand, DocklineProcess, KafkaCluster, RedisServer, Role, TestEngine,
    TraefikServer, engines, eventually, free_port,
};

use crate::{stage, viewer::Door};

/// Longer than Traefik's health check and a start of Dockline, on a busy machine.
const SERVING_WITHIN: Duration = Duration::from_secs(30);
/// How long a replica that is to end still serves: some of Traefik's health checks, which are a second apart.
const DRAIN_SECONDS: &str = "3";
/// Everybody here has one address.
const EDGE: [(&str, &str); 2] = [("DOCKLINE_EDGE_RATE", "10000"), ("DOCKLINE_EDGE_BURST", "10000")];

/// Fields are dropped in this order: processes before what they use.
#[derive(Debug)]
pub(super) struct Fleet {
    edge: TraefikServer,
    pub(super) cluster: DocklineCluster,
    pub(super) engines: Vec<TestEngine>,
    /// Through Traefik.
    pub(super) door: Door,
    _kafka: KafkaCluster,
}

impl Fleet {
    pub(super) async fn start(program: &Path, short: bool) -> Result<Self> {
        let mut engines = engines();
        if short {
            engines.drain(..engines.len().saturating_sub(1));
        }
        let kafka = KafkaCluster::start(1).await?;
        let replicas = if short { 2 } else { 3 };
        let addresses: Vec<String> = (0..replicas).map(|_| format!("127.0.0.1:{}", free_port())).collect();
        let program = DocklineCommand::new(program)
            .env("DOCKLINE_KAFKA_BROKERS", kafka.addresses())
            .env("DOCKLINE_TRUSTED_PROXIES", "127.0.0.1/32")
            .env("DOCKLINE_DRAIN_SECONDS", DRAIN_SECONDS)
            .env("DOCKLINE_SOCKETS_PER_USER", stage::SOCKETS)
            .env("DOCKLINE_VIEWERS_PER_CONTAINER", stage::SOCKETS);
        let hosts: Vec<String> = engines.iter().map(|engine| engine.host.clone()).collect();
        let place = |role, number: usize, command: DocklineCommand| match role {
            Role::Replica => command.env("DOCKLINE_LISTEN", &addresses[number]),
            Role::Streamer => command,
        };
        let redis = RedisServer::start().await?;
        let mut cluster = DocklineCluster::start_with(program, &hosts, redis, [replicas, 2], place).await?;
        cluster.add_consumer().await?;
        let token = stage::set_up(&cluster.replicas[0]).await?;
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let edge = TraefikServer::start(&addresses, &EDGE).await?;
        let address = edge.url("").trim_start_matches("http://").to_owned();
        Ok(Self { edge, cluster, engines, door: Door { address, token }, _kafka: kafka })
    }

    /// Replaces a streamer; returns how long the old one took to end.
    pub(super) async fn replace_streamer(&mut self, index: usize) -> Result<Duration> {
        let took = end(&mut self.cluster.streamers[index]).await.context("a streamer")?;
        self.cluster.replace_streamer(index).await?;
        Ok(took)
    }

    /// Replaces a consumer; returns how long the old one took to end.
    pub(super) async fn replace_consumer(&mut self, index: usize) -> Result<Duration> {
        let took = end(&mut self.cluster.consumers[index]).await.context("a consumer")?;
        self.cluster.replace_consumer(index).await?;
        Ok(took)
    }

    /// Replaces a replica, and waits until Traefik sends it requests; returns how long the old one took to end.
    pub(super) async fn replace_replica(&mut self, index: usize) -> Result<Duration> {
        let took = end(&mut self.cluster.replicas[index]).await.context("a replica")?;
        self.cluster.replace_replica(index).await?;
        let wanted = self.cluster.replicas.len();
        eventually(SERVING_WITHIN, async || {
            let healthy = self.edge.healthy_replicas().await?;
            ensure!(healthy == wanted, "{healthy} of {wanted} replicas are healthy");
            Ok(())
        })
        .await?;
        Ok(took)
    }

    /// Ends everything in good order.
    pub(super) async fn stop(self) -> Result<()> {
        self.cluster.stop().await
    }
}

async fn end(process: &mut DocklineProcess) -> Result<Duration> {
    let began = Instant::now();
    let status = process.terminate().await?;
    ensure!(status.success(), "it ended with {status}: {}", process.stderr());
    Ok(began.elapsed())
}
