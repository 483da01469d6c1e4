//! Engines whose disk is full: what needs more fails in words, and what was begun is not left behind.

use std::{collections::BTreeSet, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{OwnEngines, PushedImage, RegistryServer, TestEngine, eventually, tar, tar_file};
use reqwest::Method;
use serde_json::json;

use crate::{
    client::{Api, PATIENCE, start},
    files::{json_of, send},
    jobs::finished,
};

/// How much disk each engine has, in MiB, and how much more is wanted of it.
const DISK: u32 = 24;
const LAYER: usize = 16;
const FILE: usize = 32 << 20;
const WORDS: &str = "no space left on device";

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_fails_in_words_and_leaves_nothing() -> Result<()> {
    let own = tokio::task::spawn_blocking(OwnEngines::start).await??;
    let registry = RegistryServer::start().await?;
    for engine in &own.engines {
        let link = registry.reached_by(engine)?;
        let image = PushedImage::push(engine, &link, "full/web", 2, LAYER)?;
        OwnEngines::restart_on_small_disk(engine, DISK).await?;
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        pull_too_much(engine, &api, image.name()).await?;
        restore_too_much(engine, &api).await?;
        ensure!(dockline.terminate().await?.success());
    }
    Ok(())
}

async fn pull_too_much(engine: &TestEngine, api: &Api, image: &str) -> Result<()> {
    let disk = OwnEngines::disk(engine)?;
    let before = free(&disk)?;
    let pull = json!({ "image": image });
    let (status, answer) = api.call("POST", "/api/v1/hosts/local/images/pull", Some(pull)).await?;
    ensure!(status == 202, "{status} {answer}");
    let job = finished(api, answer["job"]["id"].as_str().context("an ID")?).await?;
    let why = job["error"].as_str().unwrap_or_default();
    ensure!(
        job["state"] == "failed" && why.contains(WORDS) && why.contains(image),
        "{}: {job}",
        engine.version
    );
    ensure!(listed(engine, "image ls --all --quiet")?.is_empty(), "{}: an image is left", engine.version);
    // A MiB for what an engine notes down.
    eventually(PATIENCE, || async {
        let now = free(&disk)?;
        ensure!(now + (1 << 20) > before, "{}: of {before} free bytes {now} are left", engine.version);
        Ok(())
    })
    .await
}

async fn restore_too_much(engine: &TestEngine, api: &Api) -> Result<()> {
    let disk = OwnEngines::disk(engine)?;
    let made = api.call("POST", "/api/v1/hosts/local/volumes", Some(json!({ "name": "data" }))).await?;
    ensure!(made.0 == 201, "{made:?}");
    let path = "/api/v1/hosts/local/volumes/data/archive";
    let put = async |archive| json_of(send(api, Method::PUT, path, &[], archive).await?).await;
    let (status, answer) = put(tar(&[tar_file("large", &vec![b'x'; FILE])])).await?;
    let why = answer["message"].as_str().unwrap_or_default();
    ensure!(status >= 400 && why.contains(WORDS), "{}: {status} {answer}", engine.version);
    eventually(PATIENCE, || async {
        let containers = listed(engine, "container ls --all --quiet")?;
        ensure!(containers.is_empty(), "{}: {containers:?}", engine.version);
        Ok(())
    })
    .await?;
    ensure!(listed(engine, "volume ls --quiet")? == BTreeSet::from(["data".to_owned()]));
    // What was written of it is in the volume, under its name; with that there is room again.
    let (status, answer) = api.call("DELETE", "/api/v1/hosts/local/volumes/data", None).await?;
    ensure!(status == 204, "{status} {answer}");
    ensure!(free(&disk)? > u64::from(DISK / 2) << 20, "{}: {}", engine.version, free(&disk)?);
    Ok(())
}

fn listed(engine: &TestEngine, what: &str) -> Result<BTreeSet<String>> {
    let output = engine.docker(what.split(' '))?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

/// Bytes that are free on a disk.
fn free(disk: &Path) -> Result<u64> {
    let told = Command::new("stat").args(["--file-system", "--format=%a %S"]).arg(disk).output()?;
    let told = String::from_utf8(told.stdout)?;
    let (blocks, size) = told.trim().split_once(' ').context("two numbers")?;
    Ok(blocks.parse::<u64>()? * size.parse::<u64>()?)
}
