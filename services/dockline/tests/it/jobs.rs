//! Background jobs: images pulled from a real registry by real engines, watched through the real API.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{
    DocklineCluster, DocklineProcess, Link, PushedImage, RegistryServer, TestEngine, Way, engines, eventually,
};
use serde_json::{Value, json};

use crate::client::{Api, Socket, dockline, start};

/// Bytes a second from the registry, for a pull that lasts.
const SLOW: u64 = 1_000_000;
/// A worker's silence until others take over, and their work.
const TAKEN_OVER: Duration = Duration::from_secs(40);

/// A registry with an image, and a way to it from an engine.
struct Stage {
    registry: RegistryServer,
    link: Link,
    image: PushedImage,
}

impl Stage {
    async fn new(engine: &TestEngine, registry: RegistryServer, repository: &str) -> Result<Self> {
        let link = registry.reached_by(engine)?;
        let image = PushedImage::push(engine, &link, repository, 2, 4)?;
        Ok(Self { registry, link, image })
    }
}

/// The engine of this version.
pub fn engine(version: &str) -> Result<TestEngine> {
    engines().into_iter().find(|engine| engine.version == version).context("the engine")
}

async fn pull(api: &Api, host: &str, image: &str) -> Result<String> {
    let path = format!("/api/v1/hosts/{host}/images/pull");
    let (status, answer) = api.call("POST", &path, Some(json!({ "image": image }))).await?;
    ensure!(status == 202, "{status} {answer}");
    Ok(answer["job"]["id"].as_str().context("an ID")?.to_owned())
}

pub async fn watch(api: &Api, job: &str) -> Result<Socket> {
    api.socket(&format!("/ws/jobs/{job}")).await
}

/// The next frame in which something holds.
pub async fn until(socket: &mut Socket, holds: impl Fn(&Value) -> bool) -> Result<Value> {
    let end = Instant::now() + TAKEN_OVER;
    while Instant::now() < end {
        let frame = socket.next_json().await?;
        if frame["type"] == "job" && holds(&frame) {
            return Ok(frame);
        }
    }
    bail!("not within {TAKEN_OVER:?}")
}

/// Bytes that are there, of all layers.
fn fetched(job: &Value) -> u64 {
    let steps = job["progress"]["steps"].as_array().cloned().unwrap_or_default();
    steps.iter().filter_map(|step| step["current"].as_u64()).sum()
}

fn is_over(job: &Value) -> bool {
    !job["finished_at"].is_null()
}

/// Which worker has the newest job.
pub fn owner(cluster: &DocklineCluster) -> Result<usize> {
    let name = cluster.query("SELECT worker FROM jobs ORDER BY id DESC LIMIT 1")?;
    let has =
        |worker: &DocklineProcess| worker.pid().is_some_and(|pid| name.trim().ends_with(&format!(":{pid}")));
    cluster.workers.iter().position(has).with_context(|| format!("whose is {name}?"))
}

/// A job as it is when it is over.
pub async fn finished(api: &Api, job: &str) -> Result<Value> {
    over(&mut watch(api, job).await?).await
}

/// Reads a job to its end, to the close of its socket.
pub async fn over(socket: &mut Socket) -> Result<Value> {
    let job = until(socket, is_over).await?;
    let closed = socket.closed().await?;
    ensure!(closed.code == 1000, "{closed:?}");
    Ok(job)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_shows_each_layer_while_it_goes_on() -> Result<()> {
    for engine in engines() {
        let stage = Stage::new(&engine, RegistryServer::start().await?, "live/web").await?;
        let (mut process, api) = start(&engine.host, &[]).await?;
        stage.link.slow_down(Way::Down, SLOW);
        let id = pull(&api, "local", stage.image.name()).await?;
        let mut socket = watch(&api, &id).await?;
        let half = until(&mut socket, |job| fetched(job) > 0 && !is_over(job)).await?;
        ensure!(half["state"] == "running" && half["host"] == "local", "{half}");
        ensure!(half["subject"] == stage.image.name() && half["asked_by"]["name"] == "ada", "{half}");
        let further = until(&mut socket, |job| fetched(job) > fetched(&half)).await?;
        stage.link.slow_down(Way::Down, 0);
        let done = over(&mut socket).await?;
        ensure!(done["state"] == "succeeded" && fetched(&done) >= fetched(&further), "{done}");
        let steps = done["progress"]["steps"].as_array().context("steps")?;
        let pulled = steps.iter().filter(|step| step["text"] == "Pull complete").count();
        ensure!(pulled >= 2, "two layers were not there: {done}");
        ensure!(stage.image.ids()?.len() == 1, "{:?}", stage.image.ids()?);

        let (_, listed) =
            api.call("GET", "/api/v1/jobs?state=succeeded&kind=image.pull&host=local", None).await?;
        ensure!(listed["items"][0]["id"] == id.as_str(), "{listed}");
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_goes_on_when_its_worker_is_killed_or_ended() -> Result<()> {
    let engine = engine("28.5")?;
    let stage = Stage::new(&engine, RegistryServer::start().await?, "killed/web").await?;
    let mut cluster = DocklineCluster::start(dockline(), &[engine.host], 2, 0).await?;
    cluster.add_worker().await?;
    cluster.add_worker().await?;
    let here = Api::set_up(&cluster.replicas[0]).await?;
    let there = here.at(&cluster.replicas[1]);

    stage.link.slow_down(Way::Down, SLOW / 10);
    let id = pull(&here, "host-0", stage.image.name()).await?;
    let mut socket = watch(&there, &id).await?;
    let before = until(&mut socket, |job| fetched(job) > 0).await?;
    let dead = owner(&cluster)?;
    cluster.workers[dead].kill9().await?;
    let killed = Instant::now();
    stage.link.slow_down(Way::Down, SLOW);

    // The same socket, at a replica that knows nothing of workers.
    let taken = until(&mut socket, |job| job["attempt"] == 2).await?;
    ensure!(killed.elapsed() < Duration::from_secs(30), "taken over after {:?}", killed.elapsed());
    ensure!(taken["state"] == "running" && fetched(&taken) >= fetched(&before), "{taken}");
    let done = over(&mut socket).await?;
    ensure!(done["state"] == "succeeded" && done["attempt"] == 2, "{done}");
    ensure!(stage.image.ids()?.len() == 1, "{:?}", stage.image.ids()?);

    // One that is ended in good order lays its job back, so that nobody waits for its lease.
    cluster.workers.remove(dead);
    cluster.add_worker().await?;
    stage.image.remove()?;
    stage.link.slow_down(Way::Down, SLOW / 10);
    let id = pull(&here, "host-0", stage.image.name()).await?;
    let mut socket = watch(&there, &id).await?;
    until(&mut socket, |job| fetched(job) > 0).await?;
    let ending = owner(&cluster)?;
    let status = cluster.workers[ending].terminate().await?;
    ensure!(status.success(), "{status}");
    let ended = Instant::now();
    stage.link.slow_down(Way::Down, 0);
    let done = over(&mut socket).await?;
    ensure!(done["state"] == "succeeded" && done["attempt"] == 2, "{done}");
    ensure!(ended.elapsed() < Duration::from_secs(10), "done after {:?}", ended.elapsed());
    ensure!(stage.image.ids()?.len() == 1, "{:?}", stage.image.ids()?);
    cluster.workers.remove(ending);
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_is_cancelled_stops_at_the_engine_and_can_be_repeated() -> Result<()> {
    for engine in engines() {
        let stage = Stage::new(&engine, RegistryServer::start().await?, "cancelled/web").await?;
        let (mut process, api) = start(&engine.host, &[]).await?;
        stage.link.slow_down(Way::Down, SLOW / 10);
        let id = pull(&api, "local", stage.image.name()).await?;
        let mut socket = watch(&api, &id).await?;
        until(&mut socket, |job| fetched(job) > 0).await?;
        let (status, asked) = api.call("POST", &format!("/api/v1/jobs/{id}/cancel"), None).await?;
        ensure!(status == 202 && asked["cancel_requested"] == true, "{status} {asked}");
        let began = Instant::now();
        let ended = over(&mut socket).await?;
        ensure!(ended["state"] == "cancelled" && began.elapsed() < Duration::from_secs(5), "{ended}");
        // What was on its way would be there within a second at this pace.
        stage.link.slow_down(Way::Down, 0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        ensure!(stage.image.ids()?.is_empty(), "the engine went on");
        let (status, again) = api.call("POST", &format!("/api/v1/jobs/{id}/cancel"), None).await?;
        ensure!(status == 409 && again["code"] == "job_over", "{status} {again}");

        let (status, new) = api.call("POST", &format!("/api/v1/jobs/{id}/retry"), None).await?;
        ensure!(status == 202 && new["job"]["retry_of"] == id.as_str(), "{status} {new}");
        let mut socket = watch(&api, new["job"]["id"].as_str().context("an ID")?).await?;
        ensure!(over(&mut socket).await?["state"] == "succeeded");
        ensure!(stage.image.ids()?.len() == 1);
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_cannot_be_done_says_why_and_leaves_nothing() -> Result<()> {
    for engine in engines() {
        let stage = Stage::new(&engine, RegistryServer::start().await?, "failed/web").await?;
        let closed = RegistryServer::start_with_password().await?;
        let closed = (closed.reached_by(&engine)?, closed);
        let (mut process, api) = start(&engine.host, &[]).await?;
        let at = stage.link.address();
        stage.registry.corrupt_layers()?;
        let no_digest = format!("{at}/failed/web@sha256:{}", "0".repeat(64));
        for (image, words) in [
            (format!("{at}/failed/absent:1"), ["not found", "manifest unknown"]),
            (format!("{at}/failed/web:absent"), ["not found", "manifest unknown"]),
            (no_digest, ["not found", "manifest unknown"]),
            // It lies about what is in its layers.
            (stage.image.name().to_owned(), ["verification failed", "digest"]),
            (
                format!("{}/failed/web:1", closed.0.address()),
                ["no basic auth credentials", "authentication required"],
            ),
            ("127.0.0.1:9/failed/web:1".to_owned(), ["connection refused", "connection refused"]),
        ] {
            let id = pull(&api, "local", &image).await?;
            let ended = over(&mut watch(&api, &id).await?).await?;
            let error = ended["error"].as_str().unwrap_or_default();
            ensure!(ended["state"] == "failed", "{image}: {ended}");
            ensure!(words.iter().any(|words| error.contains(words)), "{} {image}: {error}", engine.version);
        }
        ensure!(stage.image.ids()?.is_empty());
        eventually(Duration::from_secs(5), || async {
            let (_, audit) = api.call("GET", "/api/v1/audit?action=job.finish&outcome=failure", None).await?;
            let lines = audit["items"].as_array().map_or(0, Vec::len);
            ensure!(lines == 6, "{lines} lines: {audit}");
            Ok(())
        })
        .await?;
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}
