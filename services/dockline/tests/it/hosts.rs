//! Hosts as data: added, watched, disabled and removed while the program runs.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, RecordingProxy, engines, eventually};
use serde_json::{Value, json};

use crate::client::{Api, PATIENCE, assert_numbered, dockline, start};

/// A counter that writes until it is removed.
pub const COUNTER: &str = "i=0; while true; do i=$((i+1)); echo line $i; usleep 20000; done";

/// Sends a request that must succeed with this status.
pub async fn send(api: &Api, method: &str, path: &str, body: Value, expected: u16) -> Result<Value> {
    let (status, answer) = api.call(method, path, Some(body)).await?;
    ensure!(status == expected, "{method} {path}: {status} {answer}");
    Ok(answer)
}

/// The names of the containers of a host, and what the list says about that host.
pub async fn listed(api: &Api, host: &str) -> Result<(Vec<String>, Value)> {
    let (status, page) = api.call("GET", "/api/v1/containers?limit=500", None).await?;
    ensure!(status == 200, "{status} {page}");
    let items = page["items"].as_array().context("items")?;
    let names = items
        .iter()
        .filter(|one| one["host"] == host)
        .map(|one| one["id"].as_str().unwrap_or_default().to_owned())
        .collect();
    let said = page["hosts"].as_array().context("hosts")?.iter().find(|one| one["id"] == host);
    Ok((names, said.cloned().unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_of_docker_host_is_there_and_stays() -> Result<()> {
    let [first, second] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let folder = tempfile::tempdir()?;
    let command = dockline().data_dir(folder.path());
    let mut before = command.clone().docker_host(&first.host).start().await?;
    let api = Api::set_up(&before).await?;
    let local = send(&api, "GET", "/api/v1/hosts/local", json!({}), 200).await?;
    ensure!(local["origin"] == "settings" && local["state"] == "online", "{local}");
    ensure!(local["address"] == first.host && local["security"] == "none", "{local}");
    for (method, body) in [("DELETE", json!({})), ("PATCH", json!({ "address": second.host }))] {
        let refused = send(&api, method, "/api/v1/hosts/local", body, 409).await?;
        ensure!(refused["code"] == "host_from_settings", "{refused}");
        ensure!(refused["message"].as_str().is_some_and(|text| text.contains("DOCKER_HOST")), "{refused}");
    }
    let labelled =
        send(&api, "PATCH", "/api/v1/hosts/local", json!({ "labels": { "env": "dev" } }), 200).await?;
    ensure!(labelled["labels"]["env"] == "dev", "{labelled}");

    // Another engine under the same setting: the labels stay, and so does what was added.
    send(&api, "POST", "/api/v1/hosts", json!({ "id": "edge", "address": second.host }), 201).await?;
    before.terminate().await?;
    let mut again = command.docker_host(&second.host).start().await?;
    let api = Api::sign_in(&again, "ada").await?;
    let (_, hosts) = api.call("GET", "/api/v1/hosts", None).await?;
    let local = &hosts["items"][1];
    ensure!(local["id"] == "local" && local["address"] == second.host, "{hosts}");
    ensure!(local["labels"]["env"] == "dev" && hosts["items"][0]["id"] == "edge", "{hosts}");
    again.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_engine_is_added_watched_disabled_and_removed() -> Result<()> {
    let [first, second] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let proxy = RecordingProxy::start(&second.host)?;
    let (mut dockline, api) = start(&first.host, &[]).await?;
    let container = second.run_container(&ContainerSpec::script(COUNTER))?;
    let mut events = api.socket("/ws/events?host=edge").await?;

    let body = json!({ "id": "edge", "address": proxy.host() });
    let trial = send(&api, "POST", "/api/v1/hosts/test", body.clone(), 200).await?;
    ensure!(trial["ok"] == true, "{trial}");
    let version = trial["engine_version"].as_str().context("a version")?;
    ensure!(version.starts_with(&second.version), "{trial}");
    let added = send(&api, "POST", "/api/v1/hosts", body, 201).await?;
    ensure!(added["state"] == "online" && added["engine_version"] == version, "{added}");
    let (names, said) = listed(&api, "edge").await?;
    ensure!(names.contains(&container.id().to_owned()) && said["state"] == "online", "{names:?} {said}");
    // The streamer follows the directory: log, and events.
    let mut viewer = api.logs(container.id(), "tail=all").await?;
    viewer.until(|seen| seen.chunks.len() >= 20).await?;
    let stranger = second.run_container(&ContainerSpec::script("true"))?;
    while events.next_json().await?["actor"]["id"] != stranger.id() {}

    // A change of words breaks nothing.
    let before = proxy.count(|request| request.is_container_logs());
    send(&api, "PATCH", "/api/v1/hosts/edge", json!({ "labels": { "rack": "7" } }), 200).await?;
    let more = viewer.seen.chunks.len() + 100;
    viewer.until(|seen| seen.chunks.len() >= more).await?;
    ensure!(proxy.count(|request| request.is_container_logs()) == before, "the log was opened again");
    ensure!(viewer.seen.gaps.is_empty() && viewer.seen.states.len() <= 1, "{:?}", viewer.seen.states);

    send(&api, "PATCH", "/api/v1/hosts/edge", json!({ "enabled": false }), 200).await?;
    viewer.until(|seen| seen.states.iter().any(|state| state == "ended the host was disabled")).await?;
    ensure!(!viewer.step().await?, "the socket goes on");
    let (names, said) = listed(&api, "edge").await?;
    ensure!(names.is_empty() && said["state"] == "disabled", "{names:?} {said}");
    let refused =
        send(&api, "GET", &format!("/api/v1/containers/{}?host=edge", container.id()), json!({}), 409)
            .await?;
    ensure!(refused["code"] == "host_disabled", "{refused}");
    eventually(PATIENCE, || async {
        let said = dockline.stderr();
        let last = said.lines().rfind(|line| line.contains("leading") && line.contains("edge"));
        ensure!(last.is_some_and(|line| line.contains("no longer leading")), "{last:?}");
        Ok(())
    })
    .await?;
    // Nobody asks any more, not even whether it is there.
    proxy.clear();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    ensure!(proxy.requests().is_empty(), "a disabled host was asked: {:?}", proxy.requests());

    // Enabled again, a viewer goes on where it was, without a hole.
    send(&api, "PATCH", "/api/v1/hosts/edge", json!({ "enabled": true }), 200).await?;
    let from = format!("from={}:{}", viewer.seen.epoch, viewer.seen.last);
    let mut again = api.logs(container.id(), &from).await?;
    again.seen = viewer.seen.clone();
    let more = again.seen.chunks.len() + 50;
    again.until(|seen| seen.chunks.len() >= more).await?;
    assert_numbered(&again.seen.lines(), "line ", "behind a time without the host");
    ensure!(again.seen.gaps.is_empty(), "{:?}", again.seen.gaps);

    send(&api, "DELETE", "/api/v1/hosts/edge", json!({}), 204).await?;
    again.until(|seen| seen.states.iter().any(|state| state == "ended the host was removed")).await?;
    ensure!(!again.step().await?, "the socket goes on");
    send(&api, "GET", "/api/v1/hosts/edge", json!({}), 404).await?;
    ensure!(listed(&api, "edge").await?.1.is_null(), "still named");
    eventually(PATIENCE, || async {
        ensure!(proxy.open_connections() == 0, "{} connections", proxy.open_connections());
        Ok(())
    })
    .await?;
    let (_, audit) = api.call("GET", "/api/v1/audit?action=host.", None).await?;
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .context("items")?
        .iter()
        .filter_map(|line| line["action"].as_str())
        .collect();
    let expected = ["host.delete", "host.update", "host.update", "host.update", "host.create", "host.test"];
    ensure!(actions == expected, "{actions:?}");
    ensure!(dockline.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_hangs_delays_nobody_and_is_named() -> Result<()> {
    let [first, second] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let proxy = RecordingProxy::start(&second.host)?;
    let (mut dockline, api) = start(&first.host, &[]).await?;
    let here = first.run_container(&ContainerSpec::script("sleep 300"))?;
    let there = second.run_container(&ContainerSpec::script("sleep 300"))?;
    send(&api, "POST", "/api/v1/hosts", json!({ "id": "edge", "address": proxy.host() }), 201).await?;
    ensure!(listed(&api, "edge").await?.0.contains(&there.id().to_owned()));

    let state = async |wanted: &str| -> Result<Value> {
        let host = send(&api, "GET", "/api/v1/hosts/edge", json!({}), 200).await?;
        ensure!(host["state"] == wanted, "{host}");
        Ok(host)
    };
    // Connections are taken and nothing is answered, as by a dockerd under SIGSTOP.
    proxy.pause();
    let host = eventually(Duration::from_secs(5), || state("offline")).await?;
    ensure!(
        host["error"].as_str().is_some_and(|text| text.contains("in time") || text.contains("within")),
        "{host}"
    );
    for _ in 0..5 {
        let began = Instant::now();
        let (names, said) = listed(&api, "edge").await?;
        let (_, local) = listed(&api, "local").await?;
        send(&api, "GET", &format!("/api/v1/containers/{}", here.id()), json!({}), 200).await?;
        let (_, hosts) = api.call("GET", "/api/v1/hosts", None).await?;
        ensure!(began.elapsed() < Duration::from_secs(1), "four lists took {:?}", began.elapsed());
        ensure!(names.is_empty() && said["state"] == "offline" && said["error"].is_string(), "{said}");
        ensure!(local["state"] == "online" && hosts["items"].as_array().map(Vec::len) == Some(2), "{local}");
    }
    // What is found nowhere else may be on the silent one, and that is said.
    let path = format!("/api/v1/containers/{}", there.id());
    let (status, answer) = api.call("GET", &path, None).await?;
    ensure!(matches!(status, 502 | 504) && answer["details"]["host"] == "edge", "{status} {answer}");

    proxy.resume();
    eventually(Duration::from_secs(5), || state("online")).await?;
    ensure!(listed(&api, "edge").await?.0.contains(&there.id().to_owned()));
    // One that is gone answers at once, and is named all the same.
    proxy.set_refuse(true)?;
    proxy.cut_all();
    eventually(Duration::from_secs(5), || state("offline")).await?;
    ensure!(dockline.terminate().await?.success());
    Ok(())
}
