//! A Redis Cluster of a test's own.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::redis::{RedisServer, redis_cli};
use crate::eventually::eventually;

const NODES: usize = 3;
/// Until every node agrees that all slots are served.
const AGREEMENT_DEADLINE: Duration = Duration::from_secs(30);

/// A real Redis Cluster of three masters without replicas; killed and its folders removed when dropped.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts three nodes, which call one another failed after two seconds, and waits until all of them serve.
    pub async fn start() -> Result<Self> {
        let mut nodes = Vec::with_capacity(NODES);
        for _ in 0..NODES {
            let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
            nodes.push(RedisServer::start_with(&options).await?);
        }
        let cluster = Self { nodes };
        cluster.join().await.context("join three Redis nodes to a cluster")?;
        Ok(cluster)
    }

    /// `redis://127.0.0.1:PORT` of every node.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(RedisServer::url).collect()
    }

    /// The nodes, to ask or to disturb one of them.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// As [`RedisServer::command`], answered by whichever node serves the key.
    pub async fn command(&self, args: &[&str]) -> Result<String> {
        redis_cli(self.nodes[0].port(), &["-c", "-e"], args).await
    }

    async fn join(&self) -> Result<()> {
        let addresses: Vec<_> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        let mut args = vec!["--cluster", "create"];
        args.extend(addresses.iter().map(String::as_str));
        args.extend(["--cluster-replicas", "0", "--cluster-yes"]);
        redis_cli(self.nodes[0].port(), &[], &args).await?;
        for node in &self.nodes {
            eventually(AGREEMENT_DEADLINE, || async {
                let info = node.command(&["CLUSTER", "INFO"]).await?;
                ensure!(info.contains("cluster_state:ok"), "{info}");
                Ok(())
            })
            .await?;
        }
        Ok(())
    }
}
