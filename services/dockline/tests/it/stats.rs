//! Stats and events, live.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines};

use crate::client::start;

#[tokio::test(flavor = "multi_thread")]
async fn samples_come_once_a_second_and_the_first_knows_no_cpu() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let container = engine.run_container(&ContainerSpec::script("while true; do :; done"))?;
        let mut socket = api.socket(&format!("/ws/containers/{}/stats", container.id())).await?;
        let mut samples = Vec::new();
        while samples.len() < 3 {
            let frame = socket.next_json().await?;
            if frame["type"] == "stats" {
                samples.push(frame);
            }
        }
        ensure!(samples[0]["cpu_percent"].is_null(), "{}", samples[0]);
        let cpu = samples[2]["cpu_percent"].as_f64().context("CPU")?;
        ensure!(cpu > 1.0 && cpu < 250.0, "engine {}: {cpu} % of a busy loop", engine.version);
        ensure!(samples[2]["pids"].as_u64() > Some(0), "{}", samples[2]);
        ensure!(samples[2]["memory"]["used"].as_u64() > Some(0), "{}", samples[2]);
        container.kill()?;
        loop {
            let frame = socket.next_json().await?;
            if frame["type"] == "state" && frame["state"] == "ended" {
                break;
            }
        }
        container.start()?;
        while socket.next_json().await?["type"] != "stats" {}
        container.remove()?;
        assert_eq!(socket.closed().await?.code, 1000);
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_once_with_the_same_id_as_in_the_history() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let mut socket = api.socket("/ws/events").await?;
        let container = engine.run_container(&ContainerSpec::script("true").label("secret", "hunter2"))?;
        let mut live = Vec::new();
        loop {
            let frame = socket.next_json().await?;
            if frame["actor"]["id"] == container.id() {
                ensure!(!frame.to_string().contains("hunter2"), "a label in an event: {frame}");
                let is_last = frame["action"] == "die";
                live.push(frame["id"].as_str().context("an id")?.to_owned());
                if is_last {
                    break;
                }
            }
        }
        let (_, history) = api.call("GET", "/api/v1/events?kind=container&limit=100", None).await?;
        let stored: Vec<&str> =
            history["items"].as_array().context("items")?.iter().filter_map(|e| e["id"].as_str()).collect();
        for id in &live {
            assert_eq!(stored.iter().filter(|stored| *stored == id).count(), 1, "engine {}", engine.version);
        }
        dockline.terminate().await?;
    }
    Ok(())
}
