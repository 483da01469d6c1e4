//! What is done to the cluster while it works, and undone.

use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use dockline_testkit::DocklineCluster;
use tokio::time::sleep;

/// Longer than a lease lives.
const PAUSE: Duration = Duration::from_secs(4);

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// None: how long pauses are without one.
    Nothing,
    /// The leader dies.
    KillLeader,
    /// The leader stands still for longer than its lease lives, and goes on.
    PauseLeader,
    /// The leader is told to end.
    EndLeader,
    /// Redis dies and comes back with what its file holds.
    KillRedis,
    /// Redis stands still: nobody can renew.
    PauseRedis,
    /// Redis forgets everything.
    FlushRedis,
    /// Redis forgets everything and the leader dies.
    FlushRedisAndKillLeader,
    /// The subscriptions are cut.
    CutSubscriptions,
    /// The replica that a viewer is at dies.
    KillReplica,
}

impl Fault {
    /// Every fault but the destruction of a replica, after which the cluster is smaller.
    pub(crate) const EACH: [Self; 9] = [
        Self::Nothing,
        Self::KillLeader,
        Self::PauseLeader,
        Self::EndLeader,
        Self::KillRedis,
        Self::PauseRedis,
        Self::FlushRedis,
        Self::FlushRedisAndKillLeader,
        Self::CutSubscriptions,
    ];

    /// Injects it and mends what does not mend itself.
    pub(crate) async fn inject(self, cluster: &mut DocklineCluster, host: &str) -> Result<()> {
        let leader = cluster.leader(host).with_context(|| format!("nobody leads {host}"))?;
        match self {
            Self::Nothing => {}
            Self::KillLeader => {
                cluster.streamers[leader].kill9().await?;
                sleep(PAUSE).await;
                cluster.replace_streamer(leader).await?;
            }
            Self::PauseLeader => {
                cluster.streamers[leader].signal("STOP").await?;
                sleep(PAUSE).await;
                cluster.streamers[leader].signal("CONT").await?;
            }
            Self::EndLeader => {
                cluster.streamers[leader].terminate().await?;
                cluster.replace_streamer(leader).await?;
            }
            Self::KillRedis => {
                cluster.redis.kill().await?;
                cluster.redis.restart().await?;
            }
            Self::PauseRedis => {
                cluster.redis.pause().await?;
                sleep(PAUSE).await;
                cluster.redis.resume().await?;
            }
            Self::FlushRedis => {
                cluster.redis.command(&["FLUSHALL"]).await?;
            }
            Self::FlushRedisAndKillLeader => {
                cluster.redis.command(&["FLUSHALL"]).await?;
                cluster.streamers[leader].kill9().await?;
                cluster.replace_streamer(leader).await?;
            }
            Self::CutSubscriptions => {
                cluster.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await?;
            }
            Self::KillReplica => cluster.replicas[0].kill9().await?,
        }
        Ok(())
    }
}
