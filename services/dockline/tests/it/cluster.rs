//! A cluster of real processes: replicas and streamers over Redis and PostgreSQL, on real engines.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{
    ContainerSpec, DocklineCluster, RecordingProxy, RedisServer, RemoteEngine, TestContainer, TestEngine,
    eventually,
};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::client::{Api, LogViewer, Seen, assert_numbered, dockline};

/// 32 bytes in base64.
const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Three engines of two versions.
fn engines() -> Vec<TestEngine> {
    let mut engines = dockline_testkit::engines();
    engines.push(RemoteEngine::get().local);
    engines
}

struct Cluster {
    processes: DocklineCluster,
    /// In front of each engine.
    proxies: Vec<RecordingProxy>,
    /// The administrator, at each replica.
    admins: Vec<Api>,
}

impl Cluster {
    async fn start(replicas: usize, streamers: usize, env: &[(&str, &str)]) -> Result<Self> {
        let proxies: Vec<RecordingProxy> =
            engines().iter().map(|engine| RecordingProxy::start(&engine.host)).collect::<Result<_>>()?;
        let hosts: Vec<String> = proxies.iter().map(RecordingProxy::host).collect();
        let program = env.iter().fold(dockline(), |program, (name, value)| program.env(name, value));
        let processes = DocklineCluster::start(program, &hosts, replicas, streamers).await?;
        // The link of one replica works at another.
        let token = processes.replicas[0].setup_token().await?;
        let last = processes.replicas.last().context("a replica")?;
        ensure!(last.setup_token().await? == token);
        let admin = Api::set_up(last).await?;
        let admins = processes.replicas.iter().map(|replica| admin.at(replica)).collect();
        Ok(Self { processes, proxies, admins })
    }

    /// A viewer of a container at each replica.
    async fn viewers(&self, container: &TestContainer) -> Result<Vec<LogViewer>> {
        let mut viewers = Vec::new();
        for admin in &self.admins {
            viewers.push(admin.logs(container.id(), "tail=all").await?);
        }
        Ok(viewers)
    }

    fn log_requests(&self) -> Vec<usize> {
        self.proxies.iter().map(|proxy| proxy.count(|request| request.is_container_logs())).collect()
    }
}

/// The last line of a writer.
const LAST: &str = "that was all";

/// A writer of `line 1`, `line 2`, … about every 2 ms until `enough` (a command of the shell) succeeds, then of [`LAST`].
/// It begins when told.
fn writer(engine: &TestEngine, enough: &str) -> Result<TestContainer> {
    let script = format!(
        "i=0; until {enough}; do i=$((i+1)); echo line $i; usleep 2000; done; echo {LAST}; exec sleep 900"
    );
    engine.create_container(&ContainerSpec::script(script))
}

/// A [`writer`] of so many lines.
fn counted_writer(engine: &TestEngine, lines: u32) -> Result<TestContainer> {
    writer(engine, &format!("[ $i = {lines} ]"))
}

/// A [`writer`] that ends when it is told so: what is done before that happens under the eyes of its viewers.
fn told_writer(engine: &TestEngine) -> Result<TestContainer> {
    writer(engine, "[ -e /enough ]")
}

fn tell_enough(container: &TestContainer) -> Result<()> {
    container.exec("touch /enough").map(drop)
}

/// Waits until a viewer sees lines that a writer had not written when this was called.
async fn goes_on(watcher: &mut LogViewer, container: &TestContainer, what: &str) -> Result<()> {
    let written = container.logs_with(&["--tail=1"])?.stdout;
    let written = String::from_utf8(written)?;
    let written: u32 = match written.trim_end().strip_prefix("line ") {
        Some(number) => number.parse()?,
        None => 0,
    };
    let beyond = |seen: &Seen| {
        let line = seen.chunks.last().and_then(|chunk| chunk.d.as_deref()).unwrap_or_default();
        let number = line.trim_end().strip_prefix("line ").and_then(|number| number.parse().ok());
        number.is_some_and(|number: u32| number > written + 200)
    };
    watcher.until(beyond).await.with_context(|| what.to_owned()).map(drop)
}

/// Waits until a viewer is told once more that its log is late.
async fn is_delayed(watcher: &mut LogViewer, what: &str) -> Result<()> {
    let delays = |seen: &Seen| seen.states.iter().filter(|state| state.starts_with("delayed")).count();
    let before = delays(&watcher.seen);
    watcher.until(|seen| delays(seen) > before).await.with_context(|| what.to_owned()).map(drop)
}

/// Reads a writer's log to its end and checks that it is whole.
async fn read_whole(mut viewer: LogViewer, what: &str) -> Result<LogViewer> {
    let end = |seen: &Seen| {
        seen.chunks.last().and_then(|chunk| chunk.d.as_deref()).map(str::trim_end) == Some(LAST)
    };
    viewer.until(end).await.with_context(|| what.to_owned())?;
    let mut lines = viewer.seen.lines();
    ensure!(lines.pop().as_deref() == Some(LAST), "{what}: it does not end with its end");
    assert_numbered(&lines, "line ", what);
    ensure!(viewer.seen.gaps.is_empty(), "{what}: {:?}", viewer.seen.gaps);
    Ok(viewer)
}

/// Reads logs to their ends while something else is done.
fn read_aside(watching: Vec<LogViewer>) -> Vec<JoinHandle<Result<LogViewer>>> {
    let read = |(n, viewer)| tokio::spawn(async move { read_whole(viewer, &format!("viewer {n}")).await });
    watching.into_iter().enumerate().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_replica_shows_everything_and_each_log_is_read_once() -> Result<()> {
    let cluster = Cluster::start(3, 2, &[("DOCKLINE_SOCKETS_PER_USER", "50")]).await?;
    let containers: Vec<TestContainer> =
        engines().iter().map(|engine| counted_writer(engine, 1_500)).collect::<Result<_>>()?;
    let mut watching = Vec::new();
    for container in &containers {
        watching.extend(cluster.viewers(container).await?);
    }
    for container in &containers {
        container.start()?;
    }
    // Somebody comes later, at another replica, and stats are watched at two.
    let mut samples = Vec::new();
    for admin in &cluster.admins[..2] {
        samples.push(admin.socket(&format!("/ws/containers/{}/stats", containers[0].id())).await?);
    }
    for socket in &mut samples {
        while socket.next_json().await?["type"] != "stats" {}
    }
    watching.extend(cluster.viewers(&containers[1]).await?);
    for (n, viewer) in watching.into_iter().enumerate() {
        read_whole(viewer, &format!("viewer {n}")).await?;
    }
    // One follow each; the other readings are the bounded ones of a container that was not running yet, or stopped.
    for proxy in &cluster.proxies {
        let followed =
            proxy.count(|request| request.is_container_logs() && request.target.contains("follow=true"));
        ensure!(followed <= 2, "followed {followed} times: {:?}", cluster.log_requests());
    }
    let stats = cluster
        .proxies
        .iter()
        .map(|proxy| proxy.count(|request| request.is_container_stats()))
        .sum::<usize>();
    ensure!(stats == 1, "stats were read {stats} times");

    // What one replica writes is there at the next question to another, and live sockets end everywhere.
    cluster.admins[0].add_user("eve", "viewer").await?;
    let eve = Api::sign_in(&cluster.processes.replicas[1], "eve").await?;
    let mut socket = eve.at(&cluster.processes.replicas[2]).socket("/ws/events").await?;
    let (_, users) = cluster.admins[2].call("GET", "/api/v1/users", None).await?;
    let id = users["items"].as_array().context("users")?.iter().find(|user| user["username"] == "eve");
    let id = id.and_then(|user| user["id"].as_str()).context("eve")?.to_owned();
    let disable = Some(json!({"enabled": false}));
    let (status, body) = cluster.admins[0].call("PATCH", &format!("/api/v1/users/{id}"), disable).await?;
    ensure!(status == 200, "{status} {body}");
    let closed = tokio::time::timeout(Duration::from_secs(5), socket.closed()).await??;
    ensure!(closed.code == 4401, "{closed:?}");
    let (status, _) = eve.at(&cluster.processes.replicas[2]).call("GET", "/api/v1/auth/me", None).await?;
    ensure!(status == 401, "a disabled account was served: {status}");
    cluster.processes.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_replaced_streamers_lose_and_repeat_nothing() -> Result<()> {
    let mut cluster = Cluster::start(2, 2, &[]).await?;
    let containers: Vec<TestContainer> = engines().iter().map(told_writer).collect::<Result<_>>()?;
    let mut watching = Vec::new();
    for container in &containers {
        watching.extend(cluster.viewers(container).await?);
    }
    for container in &containers {
        container.start()?;
    }
    let readers = read_aside(watching);
    let mut watcher = cluster.admins[0].logs(containers[0].id(), "tail=1").await?;
    for round in 0..4 {
        // Each round a streamer goes without a word, or with one; lines go on arriving through the other.
        let index = round % 2;
        if round < 2 {
            cluster.processes.streamers[index].kill9().await?;
        } else {
            cluster.processes.streamers[index].terminate().await?;
        }
        goes_on(&mut watcher, &containers[0], &format!("round {round}")).await?;
        cluster.processes.replace_streamer(index).await?;
    }
    for container in &containers {
        tell_enough(container)?;
    }
    for reader in readers {
        reader.await??;
    }
    cluster.processes.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_or_forgets_delays_and_loses_nothing() -> Result<()> {
    let mut cluster = Cluster::start(2, 2, &[]).await?;
    let container = told_writer(&engines()[1])?;
    let watching = cluster.viewers(&container).await?;
    let mut watcher = cluster.admins[1].logs(container.id(), "tail=1").await?;
    container.start()?;
    let readers = read_aside(watching);
    goes_on(&mut watcher, &container, "at first").await?;
    cluster.processes.redis.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await?;
    goes_on(&mut watcher, &container, "behind broken subscriptions").await?;
    cluster.processes.redis.command(&["FLUSHALL"]).await?;
    goes_on(&mut watcher, &container, "behind FLUSHALL").await?;
    // The store forgets and everybody who led dies: only the replicas know where the log stands.
    cluster.processes.redis.command(&["FLUSHALL"]).await?;
    for index in 0..cluster.processes.streamers.len() {
        cluster.processes.streamers[index].kill9().await?;
        cluster.processes.replace_streamer(index).await?;
    }
    goes_on(&mut watcher, &container, "behind FLUSHALL and new streamers").await?;
    cluster.processes.redis.kill().await?;
    is_delayed(&mut watcher, "while Redis is dead").await?;
    cluster.processes.redis.restart().await?;
    goes_on(&mut watcher, &container, "behind kill -9 of Redis").await?;
    cluster.processes.redis.pause().await?;
    is_delayed(&mut watcher, "while Redis hangs").await?;
    cluster.processes.redis.resume().await?;
    goes_on(&mut watcher, &container, "behind a Redis that hung").await?;
    tell_enough(&container)?;
    for reader in readers {
        let viewer = reader.await??;
        let delayed = viewer.seen.states.iter().any(|state| state.starts_with("delayed"));
        ensure!(delayed, "nobody was told of the outage: {:?}", viewer.seen.states);
    }
    cluster.processes.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_all_replicas_and_heal_when_one_dies() -> Result<()> {
    let limits = [("DOCKLINE_SOCKETS_PER_USER", "4"), ("DOCKLINE_VIEWERS_PER_CONTAINER", "3")];
    let mut cluster = Cluster::start(2, 1, &limits).await?;
    let container = engines()[0].run_container(&ContainerSpec::script("sleep 300"))?;
    let path = format!("/ws/containers/{}/logs", container.id());
    let first = cluster.admins[0].socket(&path).await?;
    let second = cluster.admins[0].socket("/ws/events").await?;
    let third = cluster.admins[0].socket(&path).await?;
    let fourth = cluster.admins[1].socket(&path).await?;
    for admin in &cluster.admins {
        ensure!(
            admin.try_socket("/ws/events").await?.err() == Some(429),
            "more than four sockets of one user"
        );
    }
    cluster.admins[1].add_user("max", "admin").await?;
    let other = Api::sign_in(&cluster.processes.replicas[1], "max").await?;
    ensure!(other.try_socket(&path).await?.err() == Some(429), "more than three viewers of one container");
    // The replica dies with three of the sockets: their seats are free again by themselves.
    cluster.processes.replicas[0].kill9().await?;
    drop((first, second, third));
    let within = Duration::from_secs(30);
    eventually(within, async || match other.try_socket(&path).await? {
        Ok(socket) => Ok(socket),
        Err(status) => bail!("still {status}"),
    })
    .await?;
    eventually(within, async || match cluster.admins[1].try_socket("/ws/events").await? {
        Ok(socket) => Ok(socket),
        Err(status) => bail!("still {status}"),
    })
    .await?;
    drop(fourth);
    cluster.processes.replicas.remove(0);
    cluster.processes.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cluster_setting_is_one_sentence() -> Result<()> {
    let redis = RedisServer::start().await?;
    let streamer = |url: &str, key: &str| {
        dockline().arg("streamer").env("DOCKLINE_SECRET_KEY", key).env("DOCKLINE_REDIS_URL", url)
    };
    let nobody = streamer("redis://:hunter2@127.0.0.1:1", KEY).run_to_end().await?;
    ensure!(!nobody.status.success() && nobody.stderr.contains("127.0.0.1:1"), "{}", nobody.stderr);
    ensure!(
        nobody.stderr.contains("DOCKLINE_REDIS_URL") && !nobody.stderr.contains("hunter2"),
        "{}",
        nobody.stderr
    );
    let mut running = streamer(&redis.url(), KEY).start().await?;
    let ready = reqwest::get(running.url("/readyz")).await?;
    ensure!(ready.status() == 200, "{}", ready.status());
    let metrics = reqwest::get(running.url("/metrics")).await?.text().await?;
    ensure!(metrics.contains("dockline_"), "{metrics}");
    // A second installation on the same keys.
    let other = streamer(&redis.url(), "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=").run_to_end().await?;
    ensure!(other.stderr.contains("another Dockline installation"), "{}", other.stderr);
    ensure!(running.terminate().await?.success());
    Ok(())
}
