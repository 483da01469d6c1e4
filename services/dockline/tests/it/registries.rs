//! Registries through the real program: real engines push, pull and ask a real registry, with a password here.

mod lies;
mod search;
mod silent;

use std::future::Future;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{RegistryServer, TestEngine, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, start},
    hosts::send,
    jobs::finished,
};

const PASSWORD: &str = "s3cret";

async fn job(api: &Api, path: &str, body: Value) -> Result<Value> {
    let accepted = send(api, "POST", path, body, 202).await?;
    finished(api, accepted["job"]["id"].as_str().context("an ID")?).await
}

/// Tests with every engine at the same time.
async fn with_each<F: Future<Output = Result<()>>>(test: impl Fn(TestEngine) -> F) -> Result<()> {
    futures::future::try_join_all(engines().into_iter().map(test)).await.map(drop)
}

/// What is told of newer images, of the container and of the image.
async fn updates(api: &Api, container: &str, image: &str) -> Result<(Value, Value)> {
    let container = send(api, "GET", &format!("/api/v1/containers/{container}"), json!({}), 200).await?;
    let images = send(api, "GET", &format!("/api/v1/images?q={image}"), json!({}), 200).await?;
    Ok((container["update"].clone(), images["items"][0]["update"].clone()))
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_credentials_open_a_registry_and_are_shown_to_nobody() -> Result<()> {
    for engine in engines() {
        let registry = RegistryServer::start_with_password().await?;
        let link = registry.reached_by(&engine)?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let at = link.address().to_string();
        let image = format!("{at}/closed/web:1");
        let first = engine.commit_image(&image, &["LABEL first=yes"])?;
        let push = json!({ "image": image });
        let (push_at, pull_at) = ("/api/v1/hosts/local/images/push", "/api/v1/hosts/local/images/pull");

        let closed = job(&ada, push_at, push.clone()).await?;
        let why = closed["error"].as_str().unwrap_or_default();
        ensure!(
            closed["state"] == "failed" && why.contains(&at) && why.contains("none are stored"),
            "{closed}"
        );

        let wrong = json!({ "address": at, "username": "dev", "password": "hunter2" });
        let made = send(&ada, "POST", "/api/v1/registries", wrong, 201).await?;
        let own = format!("/api/v1/registries/{}", made["id"].as_str().context("an ID")?);
        let tried = send(&ada, "POST", &format!("{own}/test"), json!({ "host": "local" }), 200).await?;
        ensure!(tried["ok"] == false && tried["error"].is_string(), "{tried}");
        for path in [push_at, pull_at] {
            let refused = job(&ada, path, push.clone()).await?;
            let why = refused["error"].as_str().unwrap_or_default();
            let is_told = why.contains(&at) && why.contains("does not take the stored credentials");
            ensure!(refused["state"] == "failed" && is_told && !why.contains("dev"), "{refused}");
        }

        send(&ada, "PATCH", &own, json!({ "password": PASSWORD }), 200).await?;
        let tried = send(&ada, "POST", &format!("{own}/test"), json!({ "host": "local" }), 200).await?;
        ensure!(tried["ok"] == true, "{tried}");
        let pushed = job(&ada, push_at, push.clone()).await?;
        ensure!(pushed["state"] == "succeeded" && pushed["progress"]["steps"][0].is_object(), "{pushed}");
        engine.docker(["rmi", &image])?;
        let pulled = job(&ada, pull_at, push.clone()).await?;
        ensure!(pulled["state"] == "succeeded", "{pulled}");

        // A container of the image, and then something newer under its name.
        let name = format!("it-update-{}", at.rsplit(':').next().unwrap_or_default());
        let spec =
            ["run", "-d", "--label=dockline.test=1", "--stop-signal=KILL", "--network=none", "--name", &name];
        let made = engine.docker(spec.into_iter().chain([image.as_str(), "sleep", "1000"]))?;
        let container = String::from_utf8(made.stdout)?.trim().to_owned();
        ensure!(updates(&ada, &container, &image).await? == (Value::Null, Value::Null));
        let check = json!({ "host": "local" });
        let checked = job(&ada, "/api/v1/images/check-updates", check.clone()).await?;
        ensure!(checked["state"] == "succeeded", "{checked}");
        let (of_container, of_image) = updates(&ada, &container, &image).await?;
        ensure!(of_container["available"] == false && of_container["error"].is_null(), "{of_container}");
        ensure!(of_image["available"] == false, "{of_image}");

        let newer = engine.docker(["commit", "--change", "ENV NEWER=yes", &container, &image])?;
        job(&ada, push_at, push.clone()).await?;
        engine.docker(["rmi", &image])?;
        job(&ada, "/api/v1/images/check-updates", check.clone()).await?;
        let (of_container, _) = updates(&ada, &container, &image).await?;
        ensure!(of_container["available"] == true, "{of_container} {newer:?}");

        let anew = job(&ada, &format!("/api/v1/containers/{container}/recreate"), json!({})).await?;
        ensure!(anew["state"] == "succeeded", "{anew}");
        let listed = send(&ada, "GET", &format!("/api/v1/containers?q={name}"), json!({}), 200).await?;
        ensure!(
            listed["items"][1].is_null() && listed["items"][0]["update"]["available"] == false,
            "{listed}"
        );

        // A registry that is gone: what is known stays, and why there is nothing newer is told.
        drop(registry);
        job(&ada, "/api/v1/images/check-updates", check).await?;
        let id = listed["items"][0]["id"].as_str().context("an ID")?.to_owned();
        let (of_container, _) = updates(&ada, &id, &image).await?;
        ensure!(of_container["available"] == false && of_container["error"].is_string(), "{of_container}");
        engine.docker(["rm", "-f", &id])?;
        engine.docker(["rmi", "-f", &image, &first])?;

        let audit = ada.get_bytes("/api/v1/audit?limit=500").await?;
        let jobs = ada.get_bytes("/api/v1/jobs?limit=500").await?;
        let events = ada.get_bytes("/api/v1/events?limit=500").await?;
        let shown = ada.get_bytes("/api/v1/registries").await?;
        ensure!(process.terminate().await?.success());
        let log = process.stderr().into_bytes();
        for (what, bytes) in
            [("audit", audit), ("jobs", jobs), ("events", events), ("list", shown), ("log", log)]
        {
            let text = String::from_utf8_lossy(&bytes);
            ensure!(!text.contains(PASSWORD) && !text.contains("hunter2"), "{what} shows the password");
        }
    }
    Ok(())
}
