//! Containers that Dockline could not outlive, or not go on without: refused, and every other one is not.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, RemoteEngine, TestContainer, eventually};
use serde_json::{Value, json};

use crate::{
    client::{Api, PATIENCE, start},
    hosts::send,
    jobs::finished,
};

/// Where a port of a container of the remote engine is to be reached.
fn published(engine: &RemoteEngine, container: &TestContainer) -> Result<String> {
    let machine =
        engine.host.strip_prefix("tcp://").and_then(|at| at.split(':').next()).context("an address")?;
    let format = "{{range $p, $b := .NetworkSettings.Ports}}{{(index $b 0).HostPort}}{{end}}";
    Ok(format!("{machine}:{}", container.inspect(format)?))
}

async fn recreate(api: &Api, container: &str, host: &str, expected: u16) -> Result<Value> {
    let path = format!("/api/v1/containers/{container}/recreate?host={host}");
    send(api, "POST", &path, json!({ "pull": false }), expected).await
}

/// What Dockline does to any other container.
async fn is_recreated(api: &Api, container: &TestContainer, host: &str) -> Result<()> {
    let accepted = recreate(api, container.id(), host, 202).await?;
    let done = finished(api, accepted["job"]["id"].as_str().context("an ID")?).await?;
    ensure!(done["state"] == "succeeded", "{done}");
    let steps = done["progress"]["steps"].as_array().context("steps")?;
    let new = steps.iter().find(|step| step["id"] == "container").context("the new one")?;
    container.engine().docker(["rm", "-f", new["text"].as_str().context("its ID")?]).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_that_dockline_runs_in_is_refused() -> Result<()> {
    let remote = RemoteEngine::get();
    let program = Path::new(env!("CARGO_BIN_EXE_dockline"));
    let mut spec = ContainerSpec::script("exec /dockline")
        .env("DOCKLINE_LISTEN", "0.0.0.0:8080")
        .env("DOCKLINE_DATA_DIR", "/data")
        .env("DOCKER_HOST", "unix:///engine.sock")
        .network("bridge")
        .option("--publish=8080")
        .option(format!("--volume={}:/engine.sock", remote.local.socket().display()))
        .option(format!("--volume={}:/dockline:ro", program.display()));
    // What the program is linked with.
    for folder in ["/lib", "/lib64", "/usr/lib", "/etc/ssl"].into_iter().filter(|at| Path::new(at).exists()) {
        spec = spec.option(format!("--volume={folder}:{folder}:ro"));
    }
    let own = remote.local.run_container(&spec)?;
    let token = eventually(PATIENCE, || async {
        let said = own.logs()?;
        let line = String::from_utf8_lossy(&said.stdout).into_owned();
        let token = line.split("/setup?token=").nth(1).and_then(|rest| rest.split_whitespace().next());
        token.map(str::to_owned).with_context(|| format!("{line} {}", String::from_utf8_lossy(&said.stderr)))
    })
    .await?;
    let ada = Api::set_up_at(format!("http://{}", published(&remote, &own)?), &token).await?;
    let refused = recreate(&ada, own.id(), "local", 409).await?;
    let reasons = refused["details"]["reasons"].to_string();
    ensure!(
        refused["code"] == "not_recreatable" && reasons.contains("Dockline itself runs in it"),
        "{refused}"
    );
    let other =
        remote.local.run_container(&ContainerSpec::script("exec sleep 1000").option("--stop-signal=KILL"))?;
    is_recreated(&ada, &other, "local").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_by_which_an_engine_is_reached_is_refused() -> Result<()> {
    let remote = RemoteEngine::get();
    let engine =
        remote.host.strip_prefix("tcp://").and_then(|at| at.split_once(':')).context("an address")?;
    // It passes every connection on to the engine's port.
    let forward = format!("exec nc -ll -p 2375 -e nc {} {}", engine.0, engine.1);
    let spec = ContainerSpec::script(forward).network("bridge").option("--publish=2375");
    let proxy = remote.local.run_container(&spec.option("--stop-signal=KILL"))?;
    let (mut process, ada) = start(&remote.local.host, &[]).await?;
    let client = remote.client()?;
    let host = json!({
        "id": "edge", "address": format!("tcp://{}", published(&remote, &proxy)?),
        "tls": { "ca": remote.ca()?, "certificate": client.certificate, "key": client.key },
    });
    eventually(PATIENCE, || async {
        let trial = send(&ada, "POST", "/api/v1/hosts/test", host.clone(), 200).await?;
        ensure!(trial["ok"] == true, "{trial}");
        Ok(())
    })
    .await?;
    send(&ada, "POST", "/api/v1/hosts", host, 201).await?;
    let refused = recreate(&ada, proxy.id(), "edge", 409).await?;
    let reasons = refused["details"]["reasons"].to_string();
    ensure!(
        refused["code"] == "not_recreatable" && reasons.contains("reaches this engine through it"),
        "{refused}"
    );
    let other =
        remote.local.run_container(&ContainerSpec::script("exec sleep 1000").option("--stop-signal=KILL"))?;
    is_recreated(&ada, &other, "edge").await?;
    // By the engine's own socket it is a container like any other.
    is_recreated(&ada, &proxy, "local").await?;
    ensure!(process.terminate().await?.success());
    Ok(())
}
