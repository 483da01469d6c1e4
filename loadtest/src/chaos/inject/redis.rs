//! What happens to Redis.

use std::{fs::File, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{Link, RedisServer, Server, Way, eventually};
use rand::{Rng, rngs::StdRng};
use tokio::time::sleep;

use crate::chaos::{scene::Scene, trial::Trial};

/// Longer than a lease lives.
const PAUSE: Duration = Duration::from_secs(4);
/// A replica has copied everything within this time.
const COPIED_WITHIN: Duration = Duration::from_secs(20);

/// Redis dies with its machine: what it wrote since its file was last synced, up to a second, is gone.
pub(super) async fn kill(scene: &mut Scene, random: &mut StdRng) -> Result<Trial> {
    let redis = &mut scene.cluster.redis;
    let synced = append_only_file(redis)?.metadata()?.len();
    let unsynced = Duration::from_millis(random.random_range(100..900));
    sleep(unsynced).await;
    redis.kill().await?;
    append_only_file(redis)?.set_len(synced)?;
    redis.restart().await?;
    Ok(Trial {
        note: Some(format!("the last {} ms were not synced", unsynced.as_millis())),
        ..Trial::default()
    })
}

/// The file that Redis appends to at present.
fn append_only_file(redis: &RedisServer) -> Result<File> {
    let files = std::fs::read_dir(redis.folder().join("appendonlydir"))?;
    let mut paths: Vec<PathBuf> = files.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    paths.retain(|path| path.to_string_lossy().ends_with(".incr.aof"));
    // It makes a new one, with a number, whenever it has written the whole state anew.
    paths.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    let path = paths.pop().context("Redis has no append-only file")?;
    File::options().write(true).open(&path).with_context(|| format!("open {}", path.display()))
}

pub(super) async fn pause(scene: &mut Scene) -> Result<Trial> {
    scene.cluster.redis.pause().await?;
    sleep(PAUSE).await;
    scene.cluster.redis.resume().await?;
    Ok(Trial::default())
}

pub(super) async fn flush(scene: &mut Scene) -> Result<Trial> {
    scene.cluster.redis.command(&["FLUSHALL"]).await?;
    Ok(Trial::default())
}

pub(super) async fn cut_subscriptions(scene: &mut Scene) -> Result<Trial> {
    scene.cluster.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await?;
    Ok(Trial::default())
}

/// A replica of Redis falls behind, Redis dies, and the replica takes its place at the same address.
pub(super) async fn fail_over(scene: &mut Scene, random: &mut StdRng) -> Result<Trial> {
    let copying = Link::to(Server::local(scene.cluster.redis.port())).await?;
    let replica = RedisServer::start_replica(copying.address().port()).await?;
    eventually(COPIED_WITHIN, async || {
        let info = replica.command(&["INFO", "replication"]).await?;
        ensure!(info.contains("master_link_status:up"), "{info}");
        Ok(())
    })
    .await?;
    copying.hold(Way::Down, true);
    let behind = Duration::from_millis(random.random_range(100..900));
    sleep(behind).await;
    scene.cluster.redis.kill().await?;
    replica.command(&["REPLICAOF", "NO", "ONE"]).await?;
    for link in scene.redis_links() {
        link.lead_to(Server::local(replica.port()));
        link.cut();
    }
    scene.cluster.redis = replica;
    Ok(Trial {
        note: Some(format!("the last {} ms were not copied", behind.as_millis())),
        ..Trial::default()
    })
}
