//! Searching a registry: engines ask its index in the way that registries before the present protocol answered.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{Lie, RegistryFront, RegistryServer, TestEngine};
use serde_json::{Value, json};

use super::{PASSWORD, job, with_each};
use crate::{
    client::{Api, start},
    hosts::send,
};

async fn search(api: &Api, term: &str, limit: u64, expected: u16) -> Result<Value> {
    let path = format!("/api/v1/hosts/local/images/search?term={term}&limit={limit}");
    send(api, "GET", &path, json!({}), expected).await
}

fn names(found: &Value) -> Vec<&str> {
    let items = found["items"].as_array().into_iter().flatten();
    items.filter_map(|one| one["name"].as_str()).collect()
}

/// A name of an engine's image, which is taken away again.
struct Named<'a>(&'a TestEngine, String);

impl<'a> Named<'a> {
    fn new(engine: &'a TestEngine, name: String) -> Result<Self> {
        engine.docker(["tag", "local/busybox:1", &name])?;
        Ok(Self(engine, name))
    }
}

impl Drop for Named<'_> {
    fn drop(&mut self) {
        // It may have been taken away already.
        drop(self.0.docker(["rmi", &self.1]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_what_can_be_pulled_and_says_why_it_cannot() -> Result<()> {
    with_each(|engine| async move {
        let registry = RegistryServer::start_with_password().await?;
        let front = RegistryFront::before(&registry).await?;
        let link = front.reached_by(&engine)?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let at = link.address().to_string();

        let closed = search(&ada, &format!("{at}/we"), 25, 502).await?;
        let says = closed["message"].as_str().unwrap_or_default();
        ensure!(
            closed["code"] == "engine_error" && says.contains(&at) && says.contains("401"),
            "{} {closed}",
            engine.version
        );
        let login = json!({ "address": at, "username": "dev", "password": PASSWORD });
        send(&ada, "POST", "/api/v1/registries", login, 201).await?;
        for repository in ["shop/web", "shop/web-admin", "cellar"] {
            let image = Named::new(&engine, format!("{at}/{repository}:latest"))?;
            let pushed = job(&ada, "/api/v1/hosts/local/images/push", json!({ "image": image.1 })).await?;
            ensure!(pushed["state"] == "succeeded", "{pushed}");
        }

        // By their whole names: without the registry they would be pulled from Docker Hub.
        let found = search(&ada, &format!("{at}/web"), 25, 200).await?;
        let (web, admin) = (format!("{at}/shop/web"), format!("{at}/shop/web-admin"));
        ensure!(names(&found) == [&web, &admin], "{} {found}", engine.version);
        let first = &found["items"][0];
        ensure!(first["description"] == "what shop/web is" && first["stars"] == 8, "{found}");
        ensure!(first["official"] == false && first["automated"] == false, "{found}");
        ensure!(names(&search(&ada, &format!("{at}/web"), 1, 200).await?) == [&web]);
        // A part of a name need not be a name.
        ensure!(names(&search(&ada, &format!("{at}/web-"), 25, 200).await?) == [&admin]);
        ensure!(search(&ada, &format!("{at}/nothing"), 25, 200).await?["items"] == json!([]));
        let pulled = job(&ada, "/api/v1/hosts/local/images/pull", json!({ "image": web })).await?;
        ensure!(pulled["state"] == "succeeded", "{pulled}");
        engine.docker(["rmi", &web])?;

        let none = search(&ada, "http://127.0.0.1/web", 25, 422).await?;
        ensure!(none["fields"][0]["field"] == "term", "{none}");
        // An index that answers other things than it should.
        let long = "x".repeat(10_000);
        let many: Vec<Value> =
            (0..25).map(|number| json!({ "name": format!("a/{number}"), "description": long })).collect();
        let odd = json!([{ "name": "../../x" }, { "name": "<b>" }, { "name": "fine", "star_count": -1 }]);
        for (results, expected) in [(json!(many), 25), (odd, 1)] {
            let body = json!({ "results": results }).to_string();
            front.tell(Some(Lie::Search { status: 200, body }));
            let found = search(&ada, &format!("{at}/a"), 25, 200).await?;
            ensure!(names(&found).len() == expected, "{expected}: {:?}", names(&found));
            ensure!(names(&found).iter().all(|name| name.starts_with(&at)), "{:?}", names(&found));
        }
        for (status, body, words) in
            [(200, "<html>hello</html>", "decoding"), (503, "", "503"), (200, "", "decoding")]
        {
            front.tell(Some(Lie::Search { status, body: body.to_owned() }));
            let failed = search(&ada, &format!("{at}/web"), 25, 502).await?;
            let says = failed["message"].as_str().context("a message")?;
            let is_clear = says.contains(&at) && says.contains(words);
            ensure!(failed["code"] == "engine_error" && is_clear, "{} {failed}", engine.version);
        }
        drop(link);
        let gone = search(&ada, &format!("{at}/web"), 25, 502).await?;
        let says = gone["message"].as_str().context("a message")?;
        let is_clear = says.contains(&at) && says.contains("connection refused");
        ensure!(gone["code"] == "engine_error" && is_clear, "{} {gone}", engine.version);
        ensure!(process.terminate().await?.success());
        Ok(())
    })
    .await
}
