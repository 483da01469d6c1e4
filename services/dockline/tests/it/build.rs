//! Images built through the real program, on real engines.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dockline_testkit::{ContainerSpec, DocklineCluster, TestEngine, engines, eventually, tar, tar_file};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    backups::over,
    client::{Api, PATIENCE, Socket, dockline, start},
    files,
    hosts::send,
};

const BUILD: &str = "/api/v1/hosts/local/images/build";

async fn build(api: &Api, query: &str, headers: &[(&str, &str)], context: Vec<u8>) -> Result<(u16, Value)> {
    files::json_of(files::send(api, Method::POST, &format!("{BUILD}?{query}"), headers, context).await?).await
}

/// The next frame in which something holds.
async fn until(socket: &mut Socket, holds: impl Fn(&Value) -> bool) -> Result<Value> {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        let frame = socket.next_json().await?;
        if frame["type"] == "job" && holds(&frame) {
            return Ok(frame);
        }
    }
    bail!("not in time")
}

fn is_in_step(frame: &Value, step: &str) -> bool {
    let steps = frame["progress"]["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    steps.iter().any(|one| one["id"] == step)
}

/// What the Docker client prints.
fn client<const N: usize>(engine: &TestEngine, words: [&str; N]) -> Result<String> {
    Ok(String::from_utf8_lossy(&engine.docker(words)?.stdout).trim().to_owned())
}

/// The images, without a name or with one, that have this label.
fn labelled(engine: &TestEngine, label: &str) -> Result<String> {
    client(engine, ["images", "-aq", "--filter", &format!("label=it={label}")])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_built_of_a_context_and_of_a_dockerfile() -> Result<()> {
    for engine in engines() {
        let (mut process, api) = start(&engine.host, &[]).await?;
        let tag = format!("it/build-{}:1", std::process::id());
        let label = format!("stages-{}-{}", engine.version, std::process::id());
        let file = format!(
            "FROM local/busybox:1 AS first\nLABEL it={label}\nCOPY greeting /made\nARG TOKEN\nRUN echo token $TOKEN; echo more >>/made\n\
                    FROM local/busybox:1\nCOPY --from=first /made /made\nCMD [\"cat\", \"/made\"]\n"
        );
        let context = tar(&[tar_file("docker/File", file.as_bytes()), tar_file("greeting", b"hello\n")]);
        let args = STANDARD.encode(json!({ "TOKEN": "hunter2-secret" }).to_string());
        let query = format!("tag={tag}&dockerfile=docker/File");
        let (status, accepted) = build(&api, &query, &[("x-dockline-build-args", &args)], context).await?;
        ensure!(status == 202, "{status} {accepted}");
        let done = over(&api, &accepted).await?;
        ensure!(done["state"] == "succeeded", "{done}");
        let output = done["progress"]["output"].as_str().context("an output")?;
        ensure!(output.contains("Step 8/8 : CMD") && output.contains("token ***"), "{output}");
        ensure!(!done.to_string().contains("hunter2"), "{done}");
        let container = engine.run_container(&ContainerSpec::script("cat /made").image(&tag))?;
        container.wait_exit(PATIENCE)?;
        let printed = client(&engine, ["logs", container.id()])?;
        ensure!(printed == "hello\nmore", "{printed:?}");
        container.remove()?;

        engine.docker(["rmi", "-f", &tag])?;
        let body = json!({ "dockerfile": "FROM scratch\nLABEL a=b\n", "tags": [tag] });
        let accepted = send(&api, "POST", &format!("{BUILD}/dockerfile"), body, 202).await?;
        let done = over(&api, &accepted).await?;
        ensure!(done["state"] == "succeeded" && done["subject"] == tag.as_str(), "{done}");
        ensure!(client(&engine, ["inspect", "--format", "{{.Config.Labels.a}}", &tag])? == "b");

        for (query, headers, field) in [
            ("tag=UPPER", None, "tag"),
            ("tag=a&dockerfile=../x", None, "dockerfile"),
            ("tag=a", Some(("x-dockline-build-args", "no base64")), "X-Dockline-Build-Args"),
        ] {
            let (status, answer) = build(&api, query, headers.as_slice(), tar(&[])).await?;
            ensure!(status == 422 && answer["fields"][0]["field"] == field, "{status} {answer}");
        }
        engine.docker(["rmi", "-f", &tag])?;
        // The first stage stays for later builds, as the classic builder does it.
        engine.docker(["image", "prune", "-f", "--filter", &format!("label=it={label}")])?;
        ensure!(labelled(&engine, &label)?.is_empty());
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_fails_or_is_cancelled_leaves_nothing_without_a_name() -> Result<()> {
    for engine in engines() {
        let (mut process, api) = start(&engine.host, &[]).await?;
        let label = format!("{}-{}", engine.version, std::process::id());
        let begin = format!("FROM local/busybox:1\nLABEL it={label}\nRUN echo made >/made\n");
        let tags = json!(["it/never:1"]);
        let body = json!({ "dockerfile": format!("{begin}RUN echo why; false\n"), "tags": tags });
        let accepted = send(&api, "POST", &format!("{BUILD}/dockerfile"), body, 202).await?;
        let failed = over(&api, &accepted).await?;
        let error = failed["error"].as_str().context("an error")?;
        ensure!(
            error.starts_with("Step 4/4 : RUN echo why; false: ") && error.contains("code: 1"),
            "{error}"
        );
        let output = failed["progress"]["output"].as_str().context("an output")?;
        ensure!(output.ends_with("why\n") || output.contains("\nwhy\n"), "{output}");
        let none = async || ensure_none(&engine, &label).await;
        none().await?;
        let id = failed["id"].as_str().context("an ID")?;
        let again = send(&api, "POST", &format!("/api/v1/jobs/{id}/retry"), json!({}), 409).await?;
        ensure!(again["code"] == "job_not_repeatable", "{again}");

        let body = json!({ "dockerfile": format!("{begin}RUN sleep 600\n"), "tags": tags });
        let accepted = send(&api, "POST", &format!("{BUILD}/dockerfile"), body, 202).await?;
        let id = accepted["job"]["id"].as_str().context("an ID")?.to_owned();
        let mut socket = api.socket(&format!("/ws/jobs/{id}")).await?;
        until(&mut socket, |frame| is_in_step(frame, "4")).await?;
        send(&api, "POST", &format!("/api/v1/jobs/{id}/cancel"), json!({}), 202).await?;
        let ended = until(&mut socket, |frame| !frame["finished_at"].is_null()).await?;
        ensure!(ended["state"] == "cancelled", "{ended}");
        none().await?;
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

async fn ensure_none(engine: &TestEngine, label: &str) -> Result<()> {
    eventually(Duration::from_secs(30), || async {
        let images = labelled(engine, label)?;
        let containers = client(engine, ["ps", "-aq", "--filter", &format!("label=it={label}")])?;
        ensure!(images.is_empty() && containers.is_empty(), "left: {images} {containers}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_goes_on_when_its_worker_is_killed() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let mut cluster = DocklineCluster::start(dockline(), std::slice::from_ref(&engine.host), 1, 0).await?;
    cluster.add_worker().await?;
    cluster.add_worker().await?;
    let api = Api::set_up(&cluster.replicas[0]).await?;
    let tag = format!("it/killed-{}:1", std::process::id());
    let body = json!({ "dockerfile": "FROM local/busybox:1\nRUN sleep 5; echo made >/made\nRUN cat /made\n", "tags": [tag] });
    let accepted = send(&api, "POST", "/api/v1/hosts/host-0/images/build/dockerfile", body, 202).await?;
    let id = accepted["job"]["id"].as_str().context("an ID")?.to_owned();
    let mut socket = api.socket(&format!("/ws/jobs/{id}")).await?;
    until(&mut socket, |frame| is_in_step(frame, "2")).await?;
    let name = cluster.query("SELECT worker FROM jobs ORDER BY id DESC LIMIT 1")?;
    let has = |pid: Option<u32>| pid.is_some_and(|pid| name.trim().ends_with(&format!(":{pid}")));
    let dead = cluster.workers.iter().position(|one| has(one.pid())).context("its worker")?;
    cluster.workers[dead].kill9().await?;
    let done = until(&mut socket, |frame| !frame["finished_at"].is_null()).await?;
    ensure!(done["state"] == "succeeded" && done["attempt"] == 2, "{done}");
    ensure!(done["progress"]["output"].as_str().is_some_and(|text| text.contains("\nmade\n")), "{done}");
    ensure!(client(&engine, ["images", "-q", &tag])?.lines().count() == 1);
    engine.docker(["rmi", "-f", &tag])?;
    cluster.workers.remove(dead);
    cluster.stop().await
}
