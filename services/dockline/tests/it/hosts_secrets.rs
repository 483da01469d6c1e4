//! What an engine wants to see is kept: encrypted in every store, in no answer, and only for those with the key.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{Authority, DocklineCluster, PostgresServer, engines, eventually};
use memchr::memmem;
use serde_json::{Value, json};

use crate::{
    client::{Api, PATIENCE, dockline, start},
    hosts::{listed, send},
};

const ADDRESS: &str = "tcp://127.0.0.1:1";
const OTHER_KEY: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";

struct Secret {
    body: Value,
    /// A line from the middle of the private key.
    line: String,
}

fn secret() -> Result<Secret> {
    let authority = Authority::new()?;
    let client = authority.issue(&["client"])?;
    let line = client.key.lines().nth(1).context("a line")?.to_owned();
    let tls = json!({ "ca": authority.certificate(), "certificate": client.certificate, "key": client.key });
    Ok(Secret { body: json!({ "id": "edge", "address": ADDRESS, "tls": tls }), line })
}

/// Looks into every file of a folder: the address must be in one of them, the secret in none.
fn search(folder: &Path, secret: &Secret) -> Result<()> {
    let (mut folders, mut has_address) = (vec![folder.to_owned()], false);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                let bytes = std::fs::read(&path)?;
                has_address |= memmem::find(&bytes, ADDRESS.as_bytes()).is_some();
                for plain in [secret.line.as_str(), "PRIVATE KEY"] {
                    ensure!(
                        memmem::find(&bytes, plain.as_bytes()).is_none(),
                        "{plain} is in {}",
                        path.display()
                    );
                }
            }
        }
    }
    ensure!(has_address, "{} holds no host at all", folder.display());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_sealed_in_the_file_and_another_secret_key_cannot_use_it() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let command = dockline().docker_host(&engine.host).data_dir(folder.path()).env("DOCKLINE_LOG", "debug");
    let mut first = command.start().await?;
    let (secret, api) = (secret()?, Api::set_up(&first).await?);
    let trial = send(&api, "POST", "/api/v1/hosts/test", secret.body.clone(), 200).await?;
    ensure!(trial["ok"] == false && trial["error"].is_string(), "{trial}");
    let added = send(&api, "POST", "/api/v1/hosts", secret.body.clone(), 201).await?;
    ensure!(added["security"] == "tls" && added["state"] == "offline", "{added}");
    let moved = json!({ "address": "tcp://127.0.0.1:2" });
    let refused = send(&api, "PATCH", "/api/v1/hosts/edge", moved, 422).await?;
    ensure!(refused["fields"][0]["field"] == "tls", "{refused}");
    for path in ["/api/v1/hosts", "/api/v1/hosts/edge", "/api/v1/containers", "/api/v1/audit?limit=500"] {
        let (_, answer) = api.call("GET", path, None).await?;
        ensure!(!answer.to_string().contains(&secret.line), "{path}");
    }
    search(folder.path(), &secret)?;
    first.terminate().await?;
    search(folder.path(), &secret)?;
    for said in [first.stdout(), first.stderr()] {
        ensure!(!said.contains(&secret.line) && !said.contains("PRIVATE KEY"), "{said}");
    }

    // The file alone is worth nothing: with another key the host says why, and everything else goes on.
    let other = command.clone().env("DOCKLINE_SECRET_KEY", OTHER_KEY);
    let mut second = other.start().await?;
    let api = Api::sign_in(&second, "ada").await?;
    let host = send(&api, "GET", "/api/v1/hosts/edge", json!({}), 200).await?;
    ensure!(host["state"] == "offline" && host["security"] == "tls", "{host}");
    ensure!(host["error"].as_str().is_some_and(|text| text.contains("DOCKLINE_SECRET_KEY")), "{host}");
    ensure!(listed(&api, "local").await?.1["state"] == "online");
    ensure!(listed(&api, "edge").await?.1["state"] == "offline");
    send(&api, "DELETE", "/api/v1/hosts/edge", json!({}), 204).await?;
    second.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_crosses_redis_and_postgresql_sealed() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let cluster = DocklineCluster::start(dockline(), &[engine.host], 1, 1).await?;
    let (secret, api) = (secret()?, Api::set_up(&cluster.replicas[0]).await?);
    send(&api, "POST", "/api/v1/hosts", secret.body.clone(), 201).await?;
    // The streamer opens it: it tries the address, which nobody listens on.
    eventually(PATIENCE, || async {
        let said = cluster.streamers[0].stderr();
        ensure!(said.lines().any(|line| line.contains("edge") && line.contains("does not answer")), "{said}");
        Ok(())
    })
    .await?;
    let board = cluster.redis.command(&["HGET", "dockline:{hosts}", "book"]).await?;
    ensure!(board.contains(ADDRESS) && board.contains("\"sealed\":\"01"), "{board}");
    eventually(PATIENCE, || async { search(cluster.redis.folder(), &secret) }).await?;
    search(PostgresServer::start()?.folder(), &secret)?;
    let said = format!("{}{}", cluster.replicas[0].stderr(), cluster.streamers[0].stderr());
    ensure!(!said.contains(&secret.line) && !said.contains("PRIVATE KEY"), "{said}");
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_change_hosts() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, ada) = start(&engine.host, &[]).await?;
    for role in ["viewer", "operator"] {
        ada.add_user(role, role).await?;
        let person = Api::sign_in(&dockline, role).await?;
        send(&person, "GET", "/api/v1/hosts", json!({}), 200).await?;
        send(&person, "GET", "/api/v1/hosts/local", json!({}), 200).await?;
        for (method, path) in [
            ("POST", "/api/v1/hosts"),
            ("POST", "/api/v1/hosts/test"),
            ("PATCH", "/api/v1/hosts/local"),
            ("DELETE", "/api/v1/hosts/local"),
            ("POST", "/api/v1/hosts/local/test"),
        ] {
            let refused =
                send(&person, method, path, json!({ "id": "x", "address": "tcp://x:1" }), 403).await?;
            ensure!(refused["details"]["permission"] == "hosts.manage", "{refused}");
        }
    }
    let (_, audit) = ada.call("GET", "/api/v1/audit?action=host.&outcome=denied", None).await?;
    ensure!(audit["items"].as_array().map(Vec::len) == Some(10), "{audit}");
    ensure!(dockline.terminate().await?.success());
    Ok(())
}
