//! No engine, an engine that goes and comes back.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, RecordingProxy, engines, eventually};
use serde_json::Value;

use crate::client::{PATIENCE, assert_numbered, start};

fn host_state(body: &Value) -> &str {
    body["hosts"][0]["state"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_it_starts_says_so_and_connects_when_one_comes() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let proxy = RecordingProxy::start(&engine.host)?;
    proxy.set_refuse(true)?;
    let (mut dockline, api) = start(&proxy.host(), &[]).await?;
    let (status, body) = api.call("GET", "/api/v1/containers", None).await?;
    assert_eq!((status, host_state(&body)), (200, "offline"), "{body}");
    ensure!(body["hosts"][0]["error"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    let mut events = api.socket("/ws/events").await?;

    proxy.set_refuse(false)?;
    let container = engine.run_container(&ContainerSpec::script("echo hello; sleep 100"))?;
    eventually(PATIENCE, || async {
        let (_, body) = api.call("GET", "/api/v1/containers", None).await?;
        ensure!(host_state(&body) == "online", "{body}");
        Ok(())
    })
    .await?;
    while events.next_json().await?["type"] != "state" {}
    let mut viewer = api.logs(container.id(), "tail=all").await?;
    viewer.until(|seen| seen.lines() == ["hello"]).await?;
    dockline.terminate().await?;
    ensure!(dockline.stderr().contains("does not answer"), "{}", dockline.stderr());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_to_the_engine_loses_no_line() -> Result<()> {
    for engine in engines() {
        let proxy = RecordingProxy::start(&engine.host)?;
        let (mut dockline, api) = start(&proxy.host(), &[]).await?;
        let script = "i=0; while true; do i=$((i+1)); echo line $i; usleep 5000; done";
        let container = engine.run_container(&ContainerSpec::script(script))?;
        let mut viewer = api.logs(container.id(), "tail=all").await?;
        for _ in 0..5 {
            let more = viewer.seen.chunks.len() + 50;
            viewer.until(|seen| seen.chunks.len() >= more).await?;
            proxy.set_refuse(true)?;
            proxy.cut_all();
            viewer.until(|seen| seen.states.iter().filter(|s| s.starts_with("delayed")).count() > 0).await?;
            viewer.seen.states.clear();
            proxy.set_refuse(false)?;
        }
        let more = viewer.seen.chunks.len() + 50;
        viewer.until(|seen| seen.chunks.len() >= more).await?;
        assert_numbered(&viewer.seen.lines(), "line ", &engine.version);
        assert_eq!(viewer.seen.gaps, []);
        dockline.terminate().await?;
    }
    Ok(())
}
