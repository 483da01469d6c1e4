//! A whole cluster of real processes: replicas and streamers over a Redis and a PostgreSQL of their own.

use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::{DocklineCommand, DocklineProcess, PostgresServer, RedisServer};

/// 32 bytes in base64.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A running cluster. Everything ends when it is dropped.
#[derive(Debug)]
pub struct DocklineCluster {
    /// `dockline api`.
    pub replicas: Vec<DocklineProcess>,
    /// `dockline streamer`.
    pub streamers: Vec<DocklineProcess>,
    /// Where they meet.
    pub redis: RedisServer,
    api: DocklineCommand,
    streamer: DocklineCommand,
    _postgres: Arc<PostgresServer>,
}

impl DocklineCluster {
    /// Starts a cluster of `program` on `hosts`, addresses of engines, which get the names `host-0`, `host-1`, …
    pub async fn start(
        program: DocklineCommand,
        hosts: &[String],
        replicas: usize,
        streamers: usize,
    ) -> Result<Self> {
        let redis = RedisServer::start().await?;
        let (postgres, database) = tokio::task::spawn_blocking(|| {
            let server = PostgresServer::start()?;
            let database = server.database()?;
            anyhow::Ok((server, database))
        })
        .await??;
        let hosts: Vec<String> =
            hosts.iter().enumerate().map(|(n, host)| format!("host-{n}={host}")).collect();
        let common = program
            .env("DOCKLINE_SECRET_KEY", KEY)
            .env("DOCKLINE_REDIS_URL", redis.url())
            .env("DOCKLINE_HOSTS", hosts.join(","));
        let with_database = common.clone().env("DOCKLINE_DATABASE_URL", &database);
        let early = with_database.clone().arg("api").run_to_end().await?;
        ensure!(early.stderr.contains("dockline migrate"), "on an old schema: {}", early.stderr);
        let migrated = with_database.clone().arg("migrate").run_to_end().await?;
        ensure!(migrated.status.success(), "{}", migrated.stderr);
        let mut cluster = Self {
            replicas: Vec::new(),
            streamers: Vec::new(),
            redis,
            api: with_database.arg("api"),
            streamer: common.arg("streamer"),
            _postgres: postgres,
        };
        for _ in 0..replicas {
            cluster.replicas.push(cluster.api.start().await?);
        }
        for _ in 0..streamers {
            cluster.streamers.push(cluster.streamer.start().await?);
        }
        Ok(cluster)
    }

    /// Starts a streamer in the place of one that has ended.
    pub async fn replace_streamer(&mut self, index: usize) -> Result<()> {
        self.streamers[index] = self.streamer.start().await?;
        Ok(())
    }

    /// Which streamer said last that it leads this host.
    pub fn leader(&self, host: &str) -> Option<usize> {
        let term = |process: &DocklineProcess| {
            let text = process.stderr();
            let line = text.lines().rev().find(|line| line.contains(" leading") && line.contains(host))?;
            if line.contains("no longer") {
                return None;
            }
            line.rsplit_once("term")?
                .1
                .chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
                .parse::<u64>()
                .ok()
        };
        let terms = self.streamers.iter().enumerate().filter_map(|(index, one)| Some((term(one)?, index)));
        terms.max().map(|(_, index)| index)
    }

    /// Ends every process in good order; an error if one of them does not.
    pub async fn stop(mut self) -> Result<()> {
        for process in self.replicas.iter_mut().chain(&mut self.streamers) {
            let status = process.terminate().await?;
            ensure!(status.success(), "{status}: {}", process.stderr());
        }
        Ok(())
    }
}
