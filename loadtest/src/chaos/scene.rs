//! Where a trial takes place: a cluster of real processes, each streamer in a network of its own, with a link before
//! Redis for each process and one before each engine.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{
    DocklineCluster, DocklineCommand, Link, Network, Node, RedisServer, Role, Server, TestEngine, Way,
    eventually,
};

use crate::{stage, viewer::Door};

/// What Redis answers to a write of a leader whose term has ended.
const REFUSAL: &[u8] = b"FENCED";
/// A host has a leader within this time, also after a fault.
const LEADER_WITHIN: Duration = Duration::from_secs(20);
/// How much of what a process said is shown of one that failed.
const LAST_LINES: usize = 15;

/// What a scene consists of.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) program: &'a Path,
    pub(crate) engines: Vec<TestEngine>,
    pub(crate) replicas: usize,
    pub(crate) streamers: usize,
    /// Settings of all processes.
    pub(crate) env: Vec<(&'static str, String)>,
    /// Settings of streamers alone.
    pub(crate) streamer_env: Vec<(&'static str, String)>,
}

/// The cluster and everything around it. Fields are dropped in this order: processes before what they use.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) cluster: DocklineCluster,
    pub(crate) engines: Vec<TestEngine>,
    pub(crate) doors: Vec<Door>,
    /// Before Redis, one for each streamer.
    streamer_links: Vec<Link>,
    /// Before Redis, one for each replica.
    replica_links: Vec<Link>,
    engine_links: Vec<Link>,
    network: Network,
}

impl Scene {
    pub(crate) async fn open(plan: Plan<'_>) -> Result<Self> {
        let network = Network::of(plan.streamers)?;
        let center = network.center().context("a cluster has streamers")?;
        let redis = RedisServer::start().await?;
        let link = async |count: usize| -> Result<Vec<Link>> {
            let mut links = Vec::new();
            for _ in 0..count {
                links.push(Link::at(center, Server::local(redis.port()), &[REFUSAL]).await?);
            }
            Ok(links)
        };
        let (streamer_links, replica_links) = (link(plan.streamers).await?, link(plan.replicas).await?);
        let mut engine_links = Vec::new();
        for engine in &plan.engines {
            engine_links.push(Link::at(center, Server::Unix(engine.socket().to_owned()), &[]).await?);
        }
        let hosts: Vec<String> =
            engine_links.iter().map(|link| format!("tcp://{}", link.address())).collect();
        let program = DocklineCommand::new(plan.program)
            .env("DOCKLINE_SOCKETS_PER_USER", stage::SOCKETS)
            .env("DOCKLINE_VIEWERS_PER_CONTAINER", stage::SOCKETS);
        let program = plan.env.iter().fold(program, |program, (name, value)| program.env(name, value));
        let place = |role, number: usize, command: DocklineCommand| {
            let redis = |link: &Link| format!("redis://{}", link.address());
            match role {
                Role::Replica => command.env("DOCKLINE_REDIS_URL", redis(&replica_links[number])),
                Role::Streamer => plan
                    .streamer_env
                    .iter()
                    .fold(command, |command, (name, value)| command.env(name, value))
                    .on_node(&network.nodes()[number])
                    .env("DOCKLINE_REDIS_URL", redis(&streamer_links[number])),
            }
        };
        let counts = [plan.replicas, plan.streamers];
        let cluster = DocklineCluster::start_with(program, &hosts, redis, counts, place).await?;
        let token = stage::set_up(&cluster.replicas[0]).await?;
        let doors = cluster
            .replicas
            .iter()
            .map(|replica| Door { address: replica.address().to_owned(), token: token.clone() })
            .collect();
        let engines = plan.engines;
        Ok(Self { cluster, engines, doors, streamer_links, replica_links, engine_links, network })
    }

    /// The name of an engine's host.
    pub(crate) fn host(&self, engine: usize) -> String {
        format!("host-{engine}")
    }

    /// Who leads an engine's host, once somebody does.
    pub(crate) async fn leader(&self, engine: usize) -> Result<usize> {
        let host = self.host(engine);
        eventually(LEADER_WITHIN, || async {
            self.cluster.leader(&host).with_context(|| format!("nobody leads {host}"))
        })
        .await
    }

    /// Waits until another than this streamer leads.
    pub(crate) async fn leader_other_than(&self, engine: usize, old: usize) -> Result<usize> {
        eventually(LEADER_WITHIN, || async {
            match self.cluster.leader(&self.host(engine)) {
                Some(leader) if leader != old => Ok(leader),
                leader => bail!("the leader is {leader:?}, not another than {old}"),
            }
        })
        .await
    }

    /// Before Redis, for a streamer.
    pub(crate) fn streamer_link(&self, streamer: usize) -> &Link {
        &self.streamer_links[streamer]
    }

    /// Before Redis, for each replica.
    pub(crate) fn replica_links(&self) -> &[Link] {
        &self.replica_links
    }

    /// Before an engine, for all.
    pub(crate) fn engine_link(&self, engine: usize) -> &Link {
        &self.engine_links[engine]
    }

    /// Before Redis, of all processes.
    pub(crate) fn redis_links(&self) -> impl Iterator<Item = &Link> {
        self.streamer_links.iter().chain(&self.replica_links)
    }

    fn node(&self, streamer: usize) -> &Node {
        &self.network.nodes()[streamer]
    }

    /// Drops a streamer's packets from and to Redis, one way or both, until [`Self::mend`].
    pub(crate) fn cut_redis(&self, streamer: usize, way: Option<Way>) -> Result<()> {
        self.node(streamer).drop_packets(self.streamer_links[streamer].address().port(), way)
    }

    /// Drops a streamer's packets from and to an engine, one way or both, until [`Self::mend`].
    pub(crate) fn cut_engine(&self, streamer: usize, engine: usize, way: Option<Way>) -> Result<()> {
        self.node(streamer).drop_packets(self.engine_links[engine].address().port(), way)
    }

    /// Drops no packets of a streamer any more.
    pub(crate) fn mend(&self, streamer: usize) -> Result<()> {
        self.node(streamer).mend()
    }

    /// How many writes of streamers Redis has refused because their term had ended.
    pub(crate) fn refused(&self) -> u64 {
        self.streamer_links.iter().map(|link| link.count(REFUSAL)).sum()
    }

    /// A number that a process tells at `/metrics`.
    pub(crate) async fn metric(url: &str, name: &str) -> Result<f64> {
        let text = reqwest::get(url).await?.text().await?;
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.and_then(|value| value.parse().ok()).with_context(|| format!("the metric {name}"))
    }

    /// Prints what each process said last.
    pub(crate) fn print_ends(&self) {
        for process in self.cluster.streamers.iter().chain(&self.cluster.replicas) {
            let said = process.stderr();
            let lines: Vec<&str> = said.lines().collect();
            eprintln!(
                "{}:\n{}",
                process.address(),
                lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
            );
        }
    }

    /// Ends everything in good order.
    pub(crate) async fn close(self) -> Result<()> {
        ensure!(
            self.cluster.streamers.iter().all(|streamer| streamer.pid().is_some()),
            "a streamer has ended"
        );
        let Self { cluster, engines: _, doors: _, streamer_links, replica_links, engine_links, network } =
            self;
        let stopped = cluster.stop().await;
        drop((streamer_links, replica_links, engine_links, network));
        stopped
    }
}
