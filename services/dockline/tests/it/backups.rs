//! What is in volumes, and copies of it, through the real program on real engines.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use dockline_testkit::{ContainerSpec, TestEngine, engines, eventually, hostile_archives};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Api, PATIENCE, start},
    files,
    hosts::send,
};

const VOLUMES: &str = "/api/v1/hosts/local/volumes";
/// A thousand files, odd names, links, owners and modes.
const FILL: &str = "cd /data; mkdir d 'odd name'; for i in $(seq 1000); do echo $i >d/$i; done; \
    printf x >\"odd name/a'b\\\"c\"; printf y >\"$(printf 'new\\nline')\"; printf z >ü; ln -s d/1 link; ln d/1 hard; \
    chown 7:8 d/1; chmod 4755 d/2; chmod 0 d/3; chmod 1777 d; chown 70:71 .; chmod 700 .";
/// Each file's name, mode, owner, number of links, size and target; and what is in it.
const SEEN: &str = "cd /data; find . -print0 | sort -z | xargs -0 stat -c '%N %f %u %g %h %s'; \
    find . -type f -print0 | sort -z | xargs -0 sha256sum";

/// Runs a script in a container that has the volume, and tells what it printed.
fn in_volume(engine: &TestEngine, volume: &str, script: &str) -> Result<String> {
    let spec = ContainerSpec::script("sleep 600").option("--volume").option(format!("{volume}:/data"));
    let container = engine.run_container(&spec)?;
    let printed = String::from_utf8_lossy(&container.exec(script)?).into_owned();
    container.remove()?;
    Ok(printed)
}

/// A job when it is over.
pub async fn over(api: &Api, accepted: &Value) -> Result<Value> {
    let id = accepted["job"]["id"].as_str().with_context(|| format!("a job: {accepted}"))?.to_owned();
    let until = Instant::now() + Duration::from_secs(60);
    let mut socket = api.socket(&format!("/ws/jobs/{id}")).await?;
    while Instant::now() < until {
        let frame = socket.next_json().await?;
        if frame["type"] == "job" && !frame["finished_at"].is_null() {
            return Ok(frame);
        }
    }
    bail!("the job {id} is not over")
}

async fn volume(api: &Api, name: &str) -> Result<String> {
    let name = format!("it-{name}-{}", std::process::id());
    send(api, "POST", VOLUMES, json!({ "name": name }), 201).await?;
    Ok(name)
}

/// No helper and no image of one is left.
async fn nothing_left(engine: &TestEngine) -> Result<()> {
    eventually(PATIENCE, || async {
        for kind in [["ps", "-aq"], ["images", "-aq"]] {
            let words = kind.into_iter().chain(["--filter", "label=io.dockline.helper"]);
            let left = String::from_utf8_lossy(&engine.docker(words)?.stdout).trim().to_owned();
            ensure!(left.is_empty(), "helpers or their images are left: {left}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_is_looked_into_copied_and_restored() -> Result<()> {
    for engine in engines() {
        let (mut process, api) = start(&engine.host, &[]).await?;
        let (from, to, third) =
            (volume(&api, "from").await?, volume(&api, "to").await?, volume(&api, "third").await?);
        in_volume(&engine, &from, FILL)?;
        let filled = in_volume(&engine, &from, SEEN)?;
        ensure!(filled.lines().count() > 2_000, "{filled}");

        // Looked into.
        let at = format!("{VOLUMES}/{from}/files");
        let top = send(&api, "GET", &at, json!({}), 200).await?;
        let names: Vec<&str> =
            top["items"].as_array().context("items")?.iter().filter_map(|one| one["name"].as_str()).collect();
        ensure!(names == ["d", "odd name", "hard", "link", "new\nline", "ü"], "{names:?}");
        ensure!(top["path"] == "/" && top["truncated"] == false, "{top}");
        let inner = send(&api, "GET", &format!("{at}?path=/d"), json!({}), 200).await?;
        ensure!(inner["items"].as_array().map(Vec::len) == Some(1_000) && inner["path"] == "/d", "{inner}");
        ensure!(api.get_bytes(&format!("{at}/content?path=/link")).await? == b"1\n");
        let absent = send(&api, "GET", &format!("{at}/content?path=/absent"), json!({}), 404).await?;
        ensure!(absent["message"] == "there is no /absent in this volume", "{absent}");
        let (_, list) = api.call("GET", "/api/v1/containers?limit=500", None).await?;
        ensure!(!list.to_string().contains("io.dockline.helper"), "{list}");

        // As a tar, there and back, with the top's own owner and mode.
        let tar = api.get_bytes(&format!("{VOLUMES}/{from}/archive")).await?;
        let put = |name: &str, query: &str, body: Vec<u8>| {
            let path = format!("{VOLUMES}/{name}/archive{query}");
            let api = api.clone();
            async move { files::json_of(files::send(&api, Method::PUT, &path, &[], body).await?).await }
        };
        let (status, answer) = put(&to, "", tar.clone()).await?;
        ensure!(status == 200 && answer["entries"].as_u64() > Some(1_000), "{status} {answer}");
        ensure!(in_volume(&engine, &to, SEEN)? == filled, "{} differs", engine.version);

        // Nothing of a hostile archive, and nothing into a volume that is in use.
        for one in hostile_archives() {
            let (status, answer) = put(&to, "", one.bytes.clone()).await?;
            ensure!(status == 422 && answer["code"] == "archive_refused", "{}: {status} {answer}", one.name);
        }
        ensure!(in_volume(&engine, &to, SEEN)? == filled);
        let spec = ContainerSpec::script("sleep 600").option("--volume").option(format!("{to}:/data"));
        let user = engine.run_container(&spec)?;
        let (status, answer) = put(&to, "", tar.clone()).await?;
        ensure!(status == 409 && answer["code"] == "volume_in_use", "{status} {answer}");
        ensure!(answer["details"]["containers"][0]["id"] == user.id(), "{answer}");
        ensure!(put(&to, "?force=true", tar).await?.0 == 200);
        user.remove()?;

        // A backup has all that the volume has, also what no archive from outside may bring.
        in_volume(&engine, &from, "ln -s /etc/passwd /data/outside; mkfifo /data/pipe")?;
        let filled = in_volume(&engine, &from, SEEN)?;
        let made = send(&api, "POST", &format!("{VOLUMES}/{from}/backup"), json!({}), 202).await?;
        let made = over(&api, &made).await?;
        ensure!(made["state"] == "succeeded" && made["kind"] == "volume.backup", "{made}");
        let id = made["id"].as_str().context("an ID")?;
        let page = send(&api, "GET", &format!("/api/v1/backups?volume={from}"), json!({}), 200).await?;
        let backup = &page["items"][0];
        ensure!(backup["id"] == id && backup["reaches"].is_null(), "{page}");
        let file = api.get_bytes(&format!("/api/v1/backups/{id}/content")).await?;
        ensure!(backup["bytes"].as_u64() == Some(file.len() as u64), "{backup} {}", file.len());
        let path = process.data_dir().join("backups").join(format!("{id}.tar"));
        ensure!(std::fs::read(&path)? == file);
        let restore = format!("/api/v1/backups/{id}/restore");
        let restored = send(&api, "POST", &restore, json!({ "volume": third }), 202).await?;
        let restored = over(&api, &restored).await?;
        ensure!(restored["state"] == "succeeded", "{restored}");
        ensure!(in_volume(&engine, &third, SEEN)? == filled, "{} differs", engine.version);

        // One that was damaged is not restored.
        std::fs::write(&path, &file[..file.len() / 2])?;
        let refused = send(&api, "POST", &restore, json!({ "volume": to }), 202).await?;
        let refused = over(&api, &refused).await?;
        let error = refused["error"].as_str().unwrap_or_default();
        ensure!(refused["state"] == "failed" && error.contains("damaged"), "{refused}");
        send(&api, "DELETE", &format!("/api/v1/backups/{id}"), json!({}), 204).await?;
        ensure!(!path.exists());

        nothing_left(&engine).await?;
        for name in [&from, &to, &third] {
            send(&api, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 204).await?;
        }
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volume_that_reaches_the_host_is_for_those_who_may() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut process, ada) = start(&engine.host, &[]).await?;
    ada.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&process, "otto").await?;
    let name = format!("it-reach-{}", std::process::id());
    let options = json!({ "type": "none", "o": "bind", "device": "/etc" });
    send(&ada, "POST", VOLUMES, json!({ "name": name, "options": options }), 201).await?;
    for path in ["files", "files/content?path=/hostname", "archive"] {
        let refused = send(&otto, "GET", &format!("{VOLUMES}/{name}/{path}"), json!({}), 403).await?;
        ensure!(refused["code"] == "host_escape", "{refused}");
    }
    send(&otto, "PUT", &format!("{VOLUMES}/{name}/archive"), json!({}), 403).await?;
    send(&otto, "POST", &format!("{VOLUMES}/{name}/backup"), json!({}), 403).await?;
    let seen = send(&ada, "GET", &format!("{VOLUMES}/{name}/files"), json!({}), 200).await?;
    ensure!(
        seen["items"].as_array().is_some_and(|items| items.iter().any(|one| one["name"] == "passwd")),
        "{seen}"
    );
    let made = send(&ada, "POST", &format!("{VOLUMES}/{name}/backup"), json!({}), 202).await?;
    let made = over(&ada, &made).await?;
    ensure!(made["state"] == "succeeded", "{made}");
    let backup = format!("/api/v1/backups/{}", made["id"].as_str().context("an ID")?);
    let refused = send(&otto, "GET", &format!("{backup}/content"), json!({}), 403).await?;
    ensure!(refused["code"] == "host_escape", "{refused}");

    // Nor by way of a volume of his own.
    let own = volume(&otto, "own").await?;
    let refused = send(&otto, "POST", &format!("{backup}/restore"), json!({ "volume": own }), 403).await?;
    ensure!(refused["code"] == "host_escape", "{refused}");
    let looked = send(&otto, "GET", &format!("{VOLUMES}/{own}/files"), json!({}), 200).await?;
    ensure!(looked["items"] == json!([]), "{looked}");
    nothing_left(&engine).await?;
    for name in [&name, &own] {
        send(&ada, "DELETE", &format!("{VOLUMES}/{name}"), json!({}), 204).await?;
    }
    ensure!(process.terminate().await?.success());
    Ok(())
}
