//! A whole cluster of real processes: replicas and streamers over a Redis and a PostgreSQL of their own.

use std::{path::Path, sync::Arc};

use anyhow::{Result, ensure};

use crate::{DocklineCommand, DocklineProcess, PostgresServer, RedisServer, TableLock};

/// 32 bytes in base64.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What a process of a cluster is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `dockline api`.
    Replica,
    /// `dockline streamer`.
    Streamer,
}

/// A running cluster. Everything ends when it is dropped.
#[derive(Debug)]
pub struct DocklineCluster {
    /// `dockline api`.
    pub replicas: Vec<DocklineProcess>,
    /// `dockline streamer`.
    pub streamers: Vec<DocklineProcess>,
    /// `dockline consumer`; none until [`Self::add_consumer`].
    pub consumers: Vec<DocklineProcess>,
    /// `dockline worker`; none until [`Self::add_worker`].
    pub workers: Vec<DocklineProcess>,
    /// Where they meet.
    pub redis: RedisServer,
    api: Vec<DocklineCommand>,
    streamer: Vec<DocklineCommand>,
    consumer: DocklineCommand,
    worker: DocklineCommand,
    /// Without a command, for those that end by themselves.
    tool: DocklineCommand,
    postgres: Arc<PostgresServer>,
    database: String,
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
        let same = |_, _, command| command;
        Self::start_with(program, hosts, redis, [replicas, streamers], same).await
    }

    /// As [`Self::start`], over this Redis, with so many replicas and streamers, which may differ: `place` changes the
    /// command of each by its role and number.
    pub async fn start_with(
        program: DocklineCommand,
        hosts: &[String],
        redis: RedisServer,
        [replicas, streamers]: [usize; 2],
        place: impl Fn(Role, usize, DocklineCommand) -> DocklineCommand,
    ) -> Result<Self> {
        let (postgres, database) = tokio::task::spawn_blocking(|| {
            let server = PostgresServer::start()?;
            let database = server.database()?;
            anyhow::Ok((server, database))
        })
        .await??;
        let hosts: Vec<String> =
            hosts.iter().enumerate().map(|(n, host)| format!("host-{n}={host}")).collect();
        let consumer = program.clone().env("DOCKLINE_DATABASE_URL", &database).arg("consumer");
        let common = program.env("DOCKLINE_SECRET_KEY", KEY).env("DOCKLINE_REDIS_URL", redis.url());
        // Streamers have no database and no list of hosts: replicas tell them.
        // Workers find the hosts in the database.
        let worker = common.clone().env("DOCKLINE_DATABASE_URL", &database).arg("worker");
        let with_database =
            common.clone().env("DOCKLINE_DATABASE_URL", &database).env("DOCKLINE_HOSTS", hosts.join(","));
        let early = with_database.clone().arg("api").run_to_end().await?;
        ensure!(early.stderr.contains("dockline migrate"), "on an old schema: {}", early.stderr);
        let commands = |role, count, command: DocklineCommand| -> Vec<_> {
            (0..count).map(|number| place(role, number, command.clone())).collect()
        };
        let mut cluster = Self {
            replicas: Vec::new(),
            streamers: Vec::new(),
            consumers: Vec::new(),
            workers: Vec::new(),
            redis,
            api: commands(Role::Replica, replicas, with_database.clone().arg("api")),
            streamer: commands(Role::Streamer, streamers, common.arg("streamer")),
            consumer,
            worker,
            tool: with_database,
            postgres,
            database,
        };
        cluster.run(&["migrate"]).await?;
        for command in &cluster.api {
            cluster.replicas.push(command.start().await?);
        }
        for command in &cluster.streamer {
            cluster.streamers.push(command.start().await?);
        }
        Ok(cluster)
    }

    /// Runs a command that ends by itself, such as `migrate`, and gives what it printed; an error if it fails.
    pub async fn run(&self, args: &[&str]) -> Result<String> {
        let command = args.iter().fold(self.tool.clone(), |command, arg| command.arg(*arg));
        let ended = command.run_to_end().await?;
        ensure!(ended.status.success(), "{}: {}", args.join(" "), ended.stderr);
        Ok(ended.stdout)
    }

    /// Whatever is started from now on is of this program, as in an upgrade; what runs goes on.
    pub fn use_program(&mut self, program: &Path) {
        let commands = self.api.iter_mut().chain(&mut self.streamer);
        for command in commands.chain([&mut self.consumer, &mut self.worker, &mut self.tool]) {
            *command = command.clone().program(program);
        }
    }

    /// Starts a replica in the place of one that has ended; its address is another.
    pub async fn replace_replica(&mut self, index: usize) -> Result<()> {
        self.replicas[index] = self.api[index].start().await?;
        Ok(())
    }

    /// Starts a consumer; the program needs `DOCKLINE_KAFKA_BROKERS` for that.
    pub async fn add_consumer(&mut self) -> Result<()> {
        self.consumers.push(self.consumer.start().await?);
        Ok(())
    }

    /// Starts a worker.
    pub async fn add_worker(&mut self) -> Result<()> {
        self.workers.push(self.worker.start().await?);
        Ok(())
    }

    /// Starts a consumer in the place of one that has ended.
    pub async fn replace_consumer(&mut self, index: usize) -> Result<()> {
        self.consumers[index] = self.consumer.start().await?;
        Ok(())
    }

    /// Runs SQL in its database, past the program. Blocks its thread.
    pub fn query(&self, sql: &str) -> Result<String> {
        self.postgres.query(&self.database, sql)
    }

    /// Keeps everybody from writing to a table of its database. Blocks its thread until that is so.
    pub fn lock_table(&self, table: &str) -> Result<TableLock> {
        TableLock::take(&self.postgres, &self.database, table)
    }

    /// Starts a streamer in the place of one that has ended.
    pub async fn replace_streamer(&mut self, index: usize) -> Result<()> {
        self.streamers[index] = self.streamer[index].start().await?;
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
        let readers = self.streamers.iter_mut().chain(&mut self.consumers).chain(&mut self.workers);
        for process in self.replicas.iter_mut().chain(readers) {
            let status = process.terminate().await?;
            ensure!(status.success(), "{status}: {}", process.stderr());
        }
        Ok(())
    }
}
