//! Registries that lie about what their images are.

use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{Lie, PushedImage, RegistryFront, RegistryServer, TestEngine, eventually};
use serde_json::{Value, json};

use super::{job, with_each};
use crate::{
    client::{Api, start},
    hosts::send,
};

const REPOSITORY: &str = "lies/web";
const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// What an image is by the registry's own word, while it tells the truth.
struct Truth {
    digest: String,
    /// The digest of the description, by which engines call the image.
    id: String,
    /// The digests of the layers that only this image has, as they are sent.
    layers: Vec<String>,
    /// The same, unpacked.
    unpacked: BTreeSet<String>,
}

impl Truth {
    async fn of(front: &RegistryFront) -> Result<Self> {
        let at = format!("{}/v2/{REPOSITORY}", front.url());
        let asked = reqwest::Client::new().get(format!("{at}/manifests/1")).header("accept", MANIFEST);
        let answer = asked.send().await?.error_for_status()?;
        let digest = answer.headers().get("docker-content-digest").context("a digest")?.to_str()?.to_owned();
        let manifest: Value = answer.json().await?;
        let id = manifest["config"]["digest"].as_str().context("a description")?.to_owned();
        let config: Value = reqwest::get(format!("{at}/blobs/{id}")).await?.json().await?;
        // The first layer is the one of the test image, which is there before and after.
        let own = |list: &Value, digest: fn(&Value) -> &Value| {
            let list = list.as_array().into_iter().flatten().skip(1);
            list.filter_map(|one| digest(one).as_str()).map(str::to_owned).collect::<Vec<_>>()
        };
        let layers = own(&manifest["layers"], |layer| &layer["digest"]);
        let unpacked = own(&config["rootfs"]["diff_ids"], |layer| layer);
        ensure!(layers.len() == 2 && unpacked.len() == 2, "{manifest} {config}");
        Ok(Self { digest, id, layers, unpacked: unpacked.into_iter().collect() })
    }

    /// Fails while the engine has the image, under whatever name or none, or one of its layers.
    async fn is_nowhere(&self, engine: &TestEngine) -> Result<()> {
        eventually(Duration::from_secs(10), || async {
            let found = tokio::task::block_in_place(|| engine.docker(["image", "inspect", &self.id]));
            let said = found.map_or_else(|error| error.to_string(), |_| "the image is there".to_owned());
            ensure!(said.contains("No such image"), "{said}");
            let left: Vec<String> = layers(engine)?.intersection(&self.unpacked).cloned().collect();
            ensure!(left.is_empty(), "layers are left: {left:?}");
            Ok(())
        })
        .await
    }
}

/// The layers that an engine has, of images and of nothing.
fn layers(engine: &TestEngine) -> Result<BTreeSet<String>> {
    let stores = engine.socket().with_file_name("data").join("image");
    let folders = |of: PathBuf| -> Result<Vec<PathBuf>> {
        let folders = fs::read_dir(&of).with_context(|| format!("look into {}", of.display()))?;
        Ok(folders.filter_map(|entry| Some(entry.ok()?.path())).collect())
    };
    let mut layers = BTreeSet::new();
    for store in folders(stores)? {
        for layer in folders(store.join("layerdb/sha256"))? {
            // Others come and go meanwhile.
            layers.extend(fs::read_to_string(layer.join("diff")).ok());
        }
    }
    ensure!(!layers.is_empty(), "an engine without layers");
    Ok(layers)
}

async fn pull(api: &Api, image: &str) -> Result<Value> {
    job(api, "/api/v1/hosts/local/images/pull", json!({ "image": image })).await
}

/// What is known of an image's newest form once its registry has been asked.
async fn checked(api: &Api, image: &str) -> Result<Value> {
    let asked = json!({ "host": "local", "image": image });
    let job = job(api, "/api/v1/images/check-updates", asked).await?;
    ensure!(job["state"] == "succeeded", "{job}");
    let images = send(api, "GET", &format!("/api/v1/images?q={image}"), json!({}), 200).await?;
    Ok(images["items"][0]["update"].clone())
}

/// The digests under which the engine knows the image.
fn digests(engine: &TestEngine, image: &str) -> Result<String> {
    let told = engine.docker(["image", "inspect", "--format", "{{join .RepoDigests \" \"}}", image])?;
    Ok(String::from_utf8(told.stdout)?.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_no_image_that_is_not_what_it_is_called() -> Result<()> {
    with_each(|engine| async move {
        let registry = RegistryServer::start().await?;
        let front = RegistryFront::before(&registry).await?;
        let link = front.reached_by(&engine)?;
        let image = PushedImage::push(&engine, &link, REPOSITORY, 2, 1)?;
        let truth = Truth::of(&front).await?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let named = format!("{}/{REPOSITORY}@{}", link.address(), truth.digest);
        truth.is_nowhere(&engine).await?;

        // The last layer, when the one before is unpacked already; and a manifest that is not what was asked for.
        for (lie, wanted, digest) in [
            (Lie::Blob(truth.layers[1].clone()), image.name(), &truth.layers[1]),
            (Lie::Blob(truth.id.clone()), image.name(), &truth.id),
            (Lie::Manifests, &named, &truth.digest),
        ] {
            front.tell(Some(lie.clone()));
            let ended = pull(&ada, wanted).await?;
            let why = ended["error"].as_str().unwrap_or_default();
            let is_clear = why.contains("verification failed") && why.contains(digest.as_str());
            ensure!(why.contains(image.name().trim_end_matches(":1")), "the image is not named: {why}");
            ensure!(ended["state"] == "failed" && is_clear, "{} {lie:?}: {ended}", engine.version);
            truth.is_nowhere(&engine).await?;
        }

        // A digest that the tag does not have. Engines do without it or refuse, and call nothing by it.
        let other = format!("sha256:{}", "0d".repeat(32));
        for (digest, keeps_to_it) in [(&other, false), (&other, true), (&"sha256:none".to_owned(), false)] {
            front.tell(Some(Lie::Tags { digest: digest.clone(), keeps_to_it }));
            let ended = pull(&ada, image.name()).await?;
            if ended["state"] == "succeeded" {
                ensure!(digests(&engine, image.name())? == named, "{} {digest}", engine.version);
                image.remove()?;
            } else {
                let why = ended["error"].as_str().unwrap_or_default();
                let is_clear = ["manifest unknown", "digest length"].iter().any(|words| why.contains(words));
                let is_clear = is_clear && why.contains(image.name());
                ensure!(ended["state"] == "failed" && is_clear, "{} {digest}: {ended}", engine.version);
            }
            truth.is_nowhere(&engine).await?;
        }

        front.tell(None);
        let honest = pull(&ada, image.name()).await?;
        ensure!(honest["state"] == "succeeded", "{honest}");
        ensure!(digests(&engine, image.name())? == named);
        ensure!(truth.unpacked.is_subset(&layers(&engine)?), "layers are looked for in the wrong place");
        ensure!(process.terminate().await?.success());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn are_not_believed_by_the_look_for_newer_images_where_they_show() -> Result<()> {
    with_each(|engine| async move {
        let registry = RegistryServer::start().await?;
        let front = RegistryFront::before(&registry).await?;
        let link = front.reached_by(&engine)?;
        let image = PushedImage::push(&engine, &link, REPOSITORY, 1, 1)?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        ensure!(pull(&ada, image.name()).await?["state"] == "succeeded");
        let known = digests(&engine, image.name())?;
        let said = checked(&ada, image.name()).await?;
        ensure!(said["available"] == false && said["error"].is_null(), "{said}");

        // What was known before stays, with the reason why there is nothing newer to tell.
        let at = link.address().to_string();
        let other = format!("sha256:{}", "0d".repeat(32));
        for digest in [&other, "sha256:none"] {
            front.tell(Some(Lie::Tags { digest: digest.to_owned(), keeps_to_it: false }));
            let said = checked(&ada, image.name()).await?;
            let why = said["error"].as_str().unwrap_or_default();
            let is_clear = why.contains(&at) && ["unknown", "digest"].iter().any(|words| why.contains(words));
            ensure!(said["available"] == false && is_clear, "{} {digest}: {said}", engine.version);
        }
        // Who keeps to it cannot be told from a registry that has something newer, until that is pulled: the image is
        // then still what it is, and is called nothing else.
        front.tell(Some(Lie::Tags { digest: other, keeps_to_it: true }));
        let said = checked(&ada, image.name()).await?;
        ensure!(said["available"] == true && said["error"].is_null(), "{} {said}", engine.version);
        ensure!(pull(&ada, image.name()).await?["state"] == "succeeded");
        ensure!(digests(&engine, image.name())? == known);

        front.tell(None);
        let said = checked(&ada, image.name()).await?;
        ensure!(said["available"] == false && said["error"].is_null(), "{said}");
        ensure!(process.terminate().await?.success());
        Ok(())
    })
    .await
}
