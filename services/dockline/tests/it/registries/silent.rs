//! Registries that are down, and such as take a connection and never answer.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{Link, PushedImage, RegistryServer, TestEngine, Way, engines};
use serde_json::{Value, json};

use super::{job, with_each};
use crate::{
    client::{Api, start},
    hosts::send,
    jobs::{over, until, watch},
};

/// Engines wait 10 s for TLS and then 15 s for an answer, and Dockline 30 s where they wait for ever.
const BOUND: Duration = Duration::from_secs(45);
const AT_ONCE: Duration = Duration::from_secs(5);

/// A registry, and an image of it that its engine has.
struct Stage {
    image: PushedImage,
    registry: RegistryServer,
    link: Link,
}

impl Stage {
    async fn new(engine: &TestEngine, repository: &str) -> Result<Self> {
        let registry = RegistryServer::start().await?;
        let link = registry.reached_by(engine)?;
        let image = PushedImage::push(engine, &link, repository, 1, 1)?;
        engine.docker(["pull", image.name()])?;
        Ok(Self { image, registry, link })
    }

    fn at(&self) -> String {
        self.link.address().to_string()
    }
}

/// The three ways in which an image's registry is asked, as jobs.
fn questions(image: &str) -> [(&'static str, Value); 3] {
    [
        ("/api/v1/hosts/local/images/pull", json!({ "image": image })),
        ("/api/v1/hosts/local/images/push", json!({ "image": image })),
        ("/api/v1/images/check-updates", json!({ "host": "local", "image": image })),
    ]
}

/// Asks in each of these ways at once, and says why each had no answer.
async fn refusals(ada: &Api, image: &str, which: &[usize]) -> Result<Vec<String>> {
    let questions = questions(image);
    let asked = which.iter().map(|&index| {
        let (path, body) = questions[index].clone();
        async move {
            let ended = ended(job(ada, path, body).await?)?;
            if !path.ends_with("check-updates") {
                return ended.context("it was not refused");
            }
            let images = send(ada, "GET", &format!("/api/v1/images?q={image}"), json!({}), 200).await?;
            let said = &images["items"][0]["update"];
            ensure!(ended.is_none() && said["available"] == false, "{images}");
            Ok(said["error"].as_str().with_context(|| format!("no reason: {images}"))?.to_owned())
        }
    });
    futures::future::try_join_all(asked).await
}

/// Why a job failed, if it did.
fn ended(job: Value) -> Result<Option<String>> {
    ensure!(matches!(job["state"].as_str(), Some("failed" | "succeeded")), "{job}");
    Ok(job["error"].as_str().map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_down_is_named_at_once() -> Result<()> {
    with_each(|engine| async move {
        let Stage { image, registry, link } = Stage::new(&engine, "down/web").await?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let at = link.address().to_string();
        drop((registry, link));
        let began = Instant::now();
        for why in refusals(&ada, image.name(), &[0, 1, 2]).await? {
            ensure!(why.contains(&at) && why.contains("connection refused"), "{}: {why}", engine.version);
        }
        ensure!(began.elapsed() < AT_ONCE * 2, "after {:?}", began.elapsed());
        ensure!(process.terminate().await?.success());
        Ok(())
    })
    .await
}

/// What is asked of one that is silent from the begin, and of one that falls silent when it has greeted.
async fn are_given_up(engine: TestEngine, silent: Stage, greets: Stage) -> Result<()> {
    let (mut process, ada) = start(&engine.host, &[]).await?;
    silent.link.hold(Way::Down, true);
    greets.link.hold_at(Way::Up, b"/manifests/");
    let began = Instant::now();
    let search = format!("/api/v1/hosts/local/images/search?term={}/web", silent.at());
    let (of_silent, of_greeting, found) = tokio::try_join!(
        refusals(&ada, silent.image.name(), &[0, 1, 2]),
        refusals(&ada, greets.image.name(), &[2]),
        send(&ada, "GET", &search, json!({}), 502),
    )?;
    let took = began.elapsed();
    ensure!(took < BOUND, "{}: after {took:?}", engine.version);
    let of_search = found["message"].as_str().context("a message")?.to_owned();
    ensure!(found["code"] == "engine_error", "{found}");
    let of_greeting = of_greeting.into_iter().map(|why| (why, greets.at()));
    let of_silent = of_silent.into_iter().chain([of_search]).map(|why| (why, silent.at()));
    for (why, at) in of_silent.chain(of_greeting) {
        let is_clear =
            ["Timeout", "deadline exceeded", "no answer within"].iter().any(|words| why.contains(words));
        ensure!(why.contains(&at) && is_clear, "{}: {why}", engine.version);
    }
    ensure!(process.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_answers_is_given_up() -> Result<()> {
    let mut given_up = Vec::new();
    for engine in engines() {
        let (silent, greets) =
            (Stage::new(&engine, "slow/web").await?, Stage::new(&engine, "slow/web").await?);
        given_up.push(are_given_up(engine, silent, greets));
    }
    futures::future::try_join_all(given_up).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_one_is_cancelled_at_once() -> Result<()> {
    with_each(|engine| async move {
        let stage = Stage::new(&engine, "waits/web").await?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        for (path, body) in questions(stage.image.name()) {
            // It greets, and says nothing of its images.
            stage.link.hold_at(Way::Up, b"/v2/waits/");
            let accepted = send(&ada, "POST", path, body, 202).await?;
            let id = accepted["job"]["id"].as_str().context("an ID")?;
            let mut socket = watch(&ada, id).await?;
            until(&mut socket, |job| job["state"] == "running").await?;
            let asked = tokio::time::timeout(AT_ONCE * 4, stage.link.until_held(Way::Up)).await;
            asked.with_context(|| format!("{path} asked the registry for nothing"))?;
            let began = Instant::now();
            send(&ada, "POST", &format!("/api/v1/jobs/{id}/cancel"), json!({}), 202).await?;
            let ended = over(&mut socket).await?;
            ensure!(ended["state"] == "cancelled", "{} {path}: {ended}", engine.version);
            ensure!(began.elapsed() < AT_ONCE, "{} {path}: {:?}", engine.version, began.elapsed());
            stage.link.hold(Way::Up, false);
        }
        // What was called off hinders nobody.
        let [(pull, body), ..] = questions(stage.image.name());
        ensure!(job(&ada, pull, body).await?["state"] == "succeeded");
        ensure!(stage.image.ids()?.len() == 1);
        ensure!(process.terminate().await?.success());
        Ok(())
    })
    .await
}
