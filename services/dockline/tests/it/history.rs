//! The histories of standalone: no Kafka, no other process, and nothing lost over a restart.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines, eventually};
use serde_json::Value;

use crate::client::{Api, PATIENCE, dockline};

async fn events_of(api: &Api, container: &str) -> Result<Vec<Value>> {
    let path = format!("/api/v1/events?kind=container&limit=500&actor={container}");
    let (status, page) = api.call("GET", &path, None).await?;
    ensure!(status == 200, "{status} {page}");
    Ok(page["items"].as_array().context("items")?.clone())
}

/// Waits until all of these have happened, each once.
async fn until_happened(api: &Api, container: &str, wanted: &[&str]) -> Result<BTreeSet<String>> {
    eventually(PATIENCE, async || {
        let events = events_of(api, container).await?;
        let actions: Vec<&str> = events.iter().rev().filter_map(|event| event["action"].as_str()).collect();
        for action in wanted {
            let times = actions.iter().filter(|one| *one == action).count();
            ensure!(times == 1, "{action} {times} times in {actions:?}");
        }
        Ok(events.iter().filter_map(|event| event["id"].as_str().map(str::to_owned)).collect())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_known_after_a_restart_and_what_happened_meanwhile_too() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let command = dockline().docker_host(&engine.host).data_dir(folder.path());
    let mut first = command.start().await?;
    let api = Api::set_up(&first).await?;
    let container = engine.run_container(&ContainerSpec::script("while :; do sleep 1; done"))?;
    let before = until_happened(&api, container.id(), &["create", "start"]).await?;
    let path = format!("/api/v1/containers/{}/stats", container.id());
    eventually(PATIENCE, async || {
        let (_, history) = api.call("GET", &path, None).await?;
        let points = history["items"].as_array().context("items")?;
        ensure!(points.len() >= 4 && history["step"] == 1, "{history}");
        ensure!(
            points[0]["cpu_percent"].is_null() && points[0]["memory_used"].as_u64() > Some(0),
            "{history}"
        );
        Ok(())
    })
    .await?;
    ensure!(first.terminate().await?.success());
    // Nobody is there.
    container.kill()?;
    let second = command.start().await?;
    let api = Api::sign_in(&second, "ada").await?;
    let after = until_happened(&api, container.id(), &["create", "start", "kill", "die"]).await?;
    ensure!(after.is_superset(&before), "{before:?} {after:?}");
    let (_, history) = api.call("GET", &path, None).await?;
    ensure!(history["items"].as_array().is_some_and(|points| points.len() >= 4), "{history}");
    let (_, gaps) = api.call("GET", "/api/v1/events?kind=host&action=gap", None).await?;
    let gaps = gaps["items"].as_array().context("items")?.clone();
    ensure!(
        gaps.len() == 1 && gaps[0]["attributes"]["reason"] == "outbox_new",
        "only the first start: {gaps:?}"
    );
    drop(second);

    // Killed, it goes on behind what it had written.
    let third = command.start().await?;
    let api = Api::sign_in(&third, "ada").await?;
    ensure!(until_happened(&api, container.id(), &["create", "start", "kill", "die"]).await? == after);
    Ok(())
}
