//! Hosts of a cluster: changed at one replica, in force at all of them and at streamers, which have no database.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, DocklineCluster, RecordingProxy, TestContainer, engines, eventually};
use serde_json::json;

use crate::{
    client::{Api, PATIENCE, assert_numbered, dockline},
    hosts::{COUNTER, listed, send},
};

/// A change is in force everywhere within a second, give or take the work of this machine.
const IN_FORCE: Duration = Duration::from_secs(2);

struct Stage {
    cluster: DocklineCluster,
    /// The administrator at each of two replicas.
    admins: [Api; 2],
    /// In front of the engine that is added.
    proxy: RecordingProxy,
    container: TestContainer,
}

impl Stage {
    /// Two replicas, two streamers, and one engine that the settings name.
    async fn new() -> Result<Self> {
        let [first, second] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
        let cluster = DocklineCluster::start(dockline(), &[first.host], 2, 2).await?;
        let admin = Api::set_up(&cluster.replicas[0]).await?;
        let admins = [admin.clone(), admin.at(&cluster.replicas[1])];
        let container = second.run_container(&ContainerSpec::script(COUNTER))?;
        Ok(Self { cluster, admins, proxy: RecordingProxy::start(&second.host)?, container })
    }

    async fn add(&self) -> Result<()> {
        let body = json!({ "id": "edge", "address": self.proxy.host() });
        send(&self.admins[0], "POST", "/api/v1/hosts", body, 201).await.map(drop)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_added_at_one_replica_is_read_and_shown_everywhere_until_it_is_removed() -> Result<()> {
    let stage = Stage::new().await?;
    let [here, there] = &stage.admins;
    let id = stage.container.id();
    let mut events = there.socket("/ws/events?host=edge").await?;
    stage.add().await?;
    let began = Instant::now();
    // The next question about hosts is answered by whichever replica as it is now.
    ensure!(send(there, "GET", "/api/v1/hosts/edge", json!({}), 200).await?["state"] == "online");
    eventually(IN_FORCE, || async {
        let (names, said) = listed(there, "edge").await?;
        ensure!(names.contains(&id.to_owned()), "{names:?} {said}");
        Ok(())
    })
    .await?;
    let mut viewer = there.logs(id, "tail=all").await?;
    viewer.until(|seen| !seen.chunks.is_empty()).await?;
    let waited = began.elapsed();
    ensure!(waited < 2 * IN_FORCE, "the first line came after {waited:?}");
    viewer.until(|seen| seen.chunks.len() >= 50).await?;
    assert_numbered(&viewer.seen.lines(), "line ", "at the other replica");
    // Its events arrive at the other replica as well.
    let stranger = stage.container.engine().run_container(&ContainerSpec::script("true"))?;
    while events.next_json().await?["actor"]["id"] != stranger.id() {}

    send(there, "PATCH", "/api/v1/hosts/edge", json!({ "labels": { "rack": "7" } }), 200).await?;
    eventually(IN_FORCE, || async {
        let (_, said) = listed(here, "edge").await?;
        ensure!(said["labels"]["rack"] == "7", "{said}");
        Ok(())
    })
    .await?;
    send(here, "DELETE", "/api/v1/hosts/edge", json!({}), 204).await?;
    let began = Instant::now();
    viewer.until(|seen| seen.states.iter().any(|state| state == "ended the host was removed")).await?;
    ensure!(began.elapsed() < IN_FORCE, "the other replica's viewer was told after {:?}", began.elapsed());
    ensure!(!viewer.step().await?, "the socket goes on");
    ensure!(viewer.seen.gaps.is_empty(), "{:?}", viewer.seen.gaps);
    eventually(PATIENCE, || async {
        let leader = stage.cluster.leader("edge");
        ensure!(leader.is_none(), "streamer {leader:?} still leads it");
        ensure!(stage.proxy.open_connections() == 0, "{} connections", stage.proxy.open_connections());
        Ok(())
    })
    .await?;
    stage.proxy.clear();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    ensure!(stage.proxy.requests().is_empty(), "a removed host was asked: {:?}", stage.proxy.requests());
    stage.cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_forgets_and_streamers_that_know_nothing_lose_no_host() -> Result<()> {
    let mut stage = Stage::new().await?;
    stage.add().await?;
    let id = stage.container.id().to_owned();
    let mut viewer = stage.admins[1].logs(&id, "tail=all").await?;
    viewer.until(|seen| seen.chunks.len() >= 20).await?;
    stage.cluster.redis.command(&["FLUSHALL"]).await?;
    for index in 0..2 {
        stage.cluster.streamers[index].kill9().await?;
        stage.cluster.replace_streamer(index).await?;
    }
    for admin in &stage.admins {
        let (names, said) = listed(admin, "edge").await?;
        ensure!(names.contains(&id) && said["state"] == "online", "{said}");
        ensure!(listed(admin, "host-0").await?.1["origin"] == "settings");
    }
    // The new streamers have nothing but what replicas put on the board again.
    let more = viewer.seen.chunks.len() + 100;
    viewer.until(|seen| seen.chunks.len() >= more).await?;
    assert_numbered(&viewer.seen.lines(), "line ", "behind FLUSHALL");
    ensure!(viewer.seen.gaps.is_empty(), "{:?}", viewer.seen.gaps);

    // Replicas that are away as well: what streamers know stays in force.
    stage.cluster.redis.command(&["FLUSHALL"]).await?;
    for admin in &stage.admins {
        ensure!(send(admin, "GET", "/api/v1/hosts/edge", json!({}), 200).await?["state"] == "online");
    }
    let more = viewer.seen.chunks.len() + 100;
    viewer.until(|seen| seen.chunks.len() >= more).await?;
    stage.cluster.stop().await
}
