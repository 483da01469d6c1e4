//! Containers for another processor stay what they are: engines take an image for their own unasked.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ForeignImage, RegistryServer, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, start},
    hosts::send,
    jobs::finished,
};

async fn recreate(api: &Api, container: &str, body: Value) -> Result<Value> {
    let accepted = send(api, "POST", &format!("/api/v1/containers/{container}/recreate"), body, 202).await?;
    finished(api, accepted["job"]["id"].as_str().context("an ID")?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_for_another_processor_is_made_anew_for_the_same_one() -> Result<()> {
    for engine in engines() {
        let registry = RegistryServer::start().await?;
        let link = registry.reached_by(&engine)?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let repository = format!("{}/it/both", link.address());
        let name = |tag: &str| format!("{repository}:{tag}");
        let (both, native) = (name("1"), name("native"));
        // One name for two processors, of which the engine has the other one's.
        let push = async |version: &str| -> Result<String> {
            engine.commit_image(&native, &[&format!("ENV VERSION={version}")])?;
            let foreign = ForeignImage::make(&engine, &native, &name("foreign"))?;
            let other = foreign.architecture();
            let own = if other == "amd64" { "arm64" } else { "amd64" };
            for image in [&native, foreign.name()] {
                engine.docker(["push", image])?;
            }
            registry.put_index("it/both", "1", &[("native", own), ("foreign", other)]).await?;
            engine.docker(["rmi", "--force", &native])?;
            Ok(other.to_owned())
        };
        let architecture = push("1").await?;
        let platform = format!("--platform=linux/{architecture}");
        engine.docker(["pull", &platform, &both])?;
        let fixed = ["run", "-d", "--pull=never", "--name=it-platform", "--label=dockline.test=1"];
        let more = ["--network=none", "--stop-signal=KILL", &platform, &both, "sleep", "1000"];
        let old = String::from_utf8(engine.docker(fixed.into_iter().chain(more))?.stdout)?.trim().to_owned();
        let is = || -> Result<(String, String)> {
            let told = engine.docker([
                "inspect",
                "--type=container",
                "--format={{.Image}} {{.Id}}",
                "it-platform",
            ])?;
            let told = String::from_utf8(told.stdout)?;
            let (image, id) = told.trim().split_once(' ').context("two words")?;
            let format = "--format={{.Architecture}} {{.Config.Env}}";
            let image = engine.docker(["image", "inspect", format, image])?;
            Ok((String::from_utf8(image.stdout)?.trim().to_owned(), id.to_owned()))
        };
        ensure!(is()?.0.starts_with(&architecture), "{:?}", is()?);

        push("2").await?;
        // What somebody fetches for the engine's own processor takes the name, and the digest's note.
        engine.docker(["pull", &both])?;
        let done = recreate(&ada, &old, json!({})).await?;
        ensure!(done["state"] == "succeeded", "{done}");
        let (image, new) = is()?;
        ensure!(image.starts_with(&architecture) && image.contains("VERSION=2") && new != old, "{image}");

        // Where there is none for it, the container stays.
        let refused = recreate(&ada, &new, json!({ "image": "local/busybox:1", "pull": false })).await?;
        let why = refused["error"].as_str().unwrap_or_default();
        let platform = format!("linux/{architecture}");
        ensure!(refused["state"] == "failed" && why.contains(&platform), "{refused}");
        ensure!(is()? == (image, new), "{:?}", is()?);
        engine.docker(["rm", "-f", "it-platform"])?;
        let pattern = format!("reference={repository}");
        let images = engine.docker(["images", "-qa", "--filter", &pattern])?;
        for image in String::from_utf8(images.stdout)?.lines() {
            engine.docker(["rmi", "-f", image])?;
        }
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}
