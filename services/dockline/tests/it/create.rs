//! Making containers and what is done with them, through the program on real engines.

use std::net::TcpListener;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{TestEngine, engines};
use serde_json::{Value, json};

use crate::client::{Api, start};

/// What a test's container has.
fn body(change: Value) -> Value {
    let mut body = json!({
        "host": "local", "image": "local/busybox:1", "command": ["/bin/sh", "-c", "sleep 60"], "start": true,
        "network_mode": "none", "labels": {"dockline.test": "1"}, "stop_timeout": 0,
    });
    for (key, value) in change.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

/// Makes a container, and tells its ID.
pub async fn made(api: &Api, change: Value) -> Result<String> {
    let (status, made) = api.call("POST", "/api/v1/containers", Some(body(change))).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(made["id"].as_str().context("an id")?.to_owned())
}

/// Takes it away again.
pub async fn remove(api: &Api, id: &str) -> Result<()> {
    let path = format!("/api/v1/containers/{id}?force=true&volumes=true");
    let (status, body) = api.call("DELETE", &path, None).await?;
    ensure!(status == 204, "{status} {body}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_made_changed_looked_at_committed_and_removed() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let wanted = json!({
            "env": [{"name": "GREETING", "value": "hello = you"}], "memory_bytes": 32 << 20, "pids_limit": 30,
            "mounts": [{"kind": "tmpfs", "target": "/scratch"}], "log": {"driver": "json-file", "options": {"max-size": "1m"}},
            "health_check": {"shell": "true", "interval_seconds": 1}, "restart_policy": {"name": "no"},
        });
        let id = made(&api, wanted).await?;
        let path = format!("/api/v1/containers/{id}");
        let (_, told) = api.call("GET", &path, None).await?;
        ensure!(told["state"] == "running" && told["memory_limit"] == 32 << 20, "{told}");
        ensure!(
            told["env"]
                .as_array()
                .context("env")?
                .contains(&json!({"name": "GREETING", "value": "hello = you"}))
        );

        let change = json!({"memory_bytes": 128 << 20, "cpus": 0.5, "restart_policy": {"name": "always"}});
        let (status, answer) = api.call("PATCH", &path, Some(change)).await?;
        ensure!(status == 204, "engine {}: {status} {answer}", engine.version);
        let (_, told) = api.call("GET", &path, None).await?;
        ensure!(told["memory_limit"] == 128 << 20 && told["restart_policy"]["name"] == "always", "{told}");

        let (_, top) = api.call("GET", &format!("{path}/top"), None).await?;
        ensure!(top.to_string().contains("sleep 60"), "{top}");
        engine.docker(["exec", &id, "touch", "/made-here"])?;
        let (_, changes) = api.call("GET", &format!("{path}/changes"), None).await?;
        ensure!(
            changes["items"]
                .as_array()
                .context("items")?
                .contains(&json!({"path": "/made-here", "kind": "added"}))
        );

        let name = format!("local/made-{}", &id[..12]);
        let (status, image) = api
            .call("POST", &format!("{path}/commit"), Some(json!({"repository": name, "tag": "v1"})))
            .await?;
        ensure!(status == 201, "{status} {image}");
        let again = made(&api, json!({"image": format!("{name}:v1")})).await?;
        ensure!(engine.docker(["exec", &again, "ls", "/made-here"]).is_ok(), "the image has what was made");
        remove(&api, &again).await?;
        engine.docker(["rmi", &format!("{name}:v1")])?;
        remove(&api, &id).await?;
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_leaves_nothing_behind() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let name = format!("never-{}", std::process::id());
        let image = body(json!({"image": "local/nothing:1"}));
        let (status, answer) = api.call("POST", "/api/v1/containers", Some(image)).await?;
        ensure!((status, &answer["code"]) == (404, &json!("image_not_found")), "{status} {answer}");
        ensure!(answer["message"].as_str().context("words")?.contains("pull it first"), "{answer}");

        // A program that is not there: made, not started, removed.
        let broken = body(json!({"name": name, "command": ["/no/such/program"]}));
        let (status, answer) = api.call("POST", "/api/v1/containers", Some(broken)).await?;
        ensure!((status, &answer["code"]) == (409, &json!("start_failed")), "{status} {answer}");
        ensure!(answer["message"].as_str().context("words")?.contains("removed again"), "{answer}");
        ensure!(!is_there(&engine, &name)?, "engine {}", engine.version);

        // A network and a volume driver's word for something that is not there.
        let network = json!({"name": name, "network_mode": null, "networks": [{"name": "no-such-network"}]});
        let (status, answer) = api.call("POST", "/api/v1/containers", Some(body(network))).await?;
        ensure!(status == 404 || status == 409, "{status} {answer}");
        ensure!(answer["message"].as_str().context("words")?.contains("no-such-network"), "{answer}");
        ensure!(!is_there(&engine, &name)?, "engine {}", engine.version);
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told_and_the_container_is_gone() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let name = format!("never-{}", std::process::id());
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let publish = json!({"network_mode": null, "ports": [{"container_port": 80, "host_port": port}]});
        let first = made(&api, publish.clone()).await?;
        let mut second = body(publish);
        second["name"] = json!(name);
        let (status, answer) = api.call("POST", "/api/v1/containers", Some(second)).await?;
        ensure!((status, &answer["code"]) == (409, &json!("start_failed")), "{status} {answer}");
        remove(&api, &first).await?;
        ensure!(!is_there(&engine, &name)?, "engine {}", engine.version);
        dockline.terminate().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_cannot_reach_the_host_by_a_volume_in_disguise() -> Result<()> {
    for engine in engines() {
        let (mut dockline, ada) = start(&engine.host, &[]).await?;
        ada.add_user("otto", "operator").await?;
        let otto = Api::sign_in(&dockline, "otto").await?;
        let name = format!("disguise-{}", std::process::id());
        let options = ["--opt=type=none", "--opt=o=bind", "--opt=device=/"];
        engine.docker(["volume", "create"].into_iter().chain(options).chain([name.as_str()]))?;
        let wanted = body(json!({"mounts": [{"kind": "volume", "source": name, "target": "/host"}]}));
        let refused = otto.call("POST", "/api/v1/containers", Some(wanted)).await;
        engine.docker(["volume", "rm", &name])?;
        let (status, answer) = refused?;
        ensure!((status, &answer["code"]) == (403, &json!("host_escape")), "{status} {answer}");
        ensure!(answer["details"]["reasons"][0] == "it has the host's /", "{answer}");
        dockline.terminate().await?;
    }
    Ok(())
}

/// Whether there is a container of this name, in any state.
fn is_there(engine: &TestEngine, name: &str) -> Result<bool> {
    let told = engine.docker(["ps", "--all", "--format={{.Names}}"])?.stdout;
    Ok(String::from_utf8_lossy(&told).lines().any(|line| line == name))
}
