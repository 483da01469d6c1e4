//! Prunes as they are, on engines of the test's own: what the preview says goes, and nothing else.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{OwnEngines, TestEngine, compose_plugin};
use serde_json::{Value, json};

use crate::client::{Api, start};

type Names = BTreeSet<String>;

/// What an engine lists.
fn listed(engine: &TestEngine, command: &str) -> Result<Names> {
    let output = engine.docker(command.split(' '))?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

const CONTAINERS: &str = "ps -a --no-trunc --format {{.ID}}";
const IMAGES: &str = "image ls -a --no-trunc --format {{.ID}}";
const VOLUMES: &str = "volume ls --format {{.Name}}";
const NETWORKS: &str = "network ls --no-trunc --format {{.Name}}";

fn names(list: &Value, field: &str) -> Result<Names> {
    let items = list.as_array().with_context(|| format!("a list: {list}"))?;
    Ok(items
        .iter()
        .filter_map(|one| one[field].as_str().or_else(|| one.as_str()))
        .map(str::to_owned)
        .collect())
}

fn only(names: &[&str]) -> Names {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// One kind of things, and how it is pruned.
struct Prune<'a> {
    kind: &'a str,
    /// What is chosen of them, as in `images=all`.
    choice: Option<(&'a str, &'a str)>,
    /// How the engine lists them.
    list: &'a str,
    /// Which field of a preview's item the engine lists, and which of the answer's lists names what went.
    fields: (&'a str, &'a str),
}

impl Prune<'_> {
    /// Looks what would go, lets it go, and looks what went. Returns that.
    async fn run(&self, api: &Api, engine: &TestEngine) -> Result<Names> {
        let path = format!("/api/v1/hosts/local/{}/prune", self.kind);
        let query = self.choice.map(|(name, value)| format!("?{name}={value}")).unwrap_or_default();
        let body = self.choice.map(|(name, value)| json!({ name: value })).unwrap_or_else(|| json!({}));
        let before = listed(engine, self.list)?;
        let (status, preview) = api.call("GET", &format!("{path}/preview{query}"), None).await?;
        ensure!(status == 200, "{}: {status} {preview}", self.kind);
        let expected = names(&preview["items"], self.fields.0)?;
        ensure!(listed(engine, self.list)? == before, "{}: a preview changes nothing", self.kind);
        let (status, pruned) = api.call("POST", &path, Some(body)).await?;
        ensure!(status == 200, "{}: {status} {pruned}", self.kind);
        let gone: Names = &before - &listed(engine, self.list)?;
        ensure!(gone == expected, "{}: {gone:?} went, {expected:?} were to go", self.kind);
        let told = names(&pruned[self.fields.1], "id")?;
        ensure!(expected.is_subset(&told), "{}: {told:?} is told of {expected:?}", self.kind);
        Ok(gone)
    }
}

/// An image of one file; without a name it dangles.
fn make_image(
    engine: &TestEngine,
    folder: &std::path::Path,
    name: Option<&str>,
    content: &str,
) -> Result<String> {
    fs::write(folder.join("file"), content)?;
    let tar = folder.join("image.tar");
    let made =
        std::process::Command::new("tar").arg("-C").arg(folder).arg("-cf").arg(&tar).arg("file").status()?;
    ensure!(made.success(), "{made}");
    let tar = tar.to_str().context("a path")?;
    let output = engine.docker(["import", tar].into_iter().chain(name))?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_preview_says_goes_and_nothing_else() -> Result<()> {
    let own = tokio::task::spawn_blocking(OwnEngines::start).await??;
    for engine in &own.engines {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let folder = tempfile::tempdir()?;
        for name in ["used", "unused"] {
            engine.docker(["network", "create", name])?;
            engine.docker(["volume", "create", name])?;
        }
        let (dangling, tagged) = (
            make_image(engine, folder.path(), None, "dangling")?,
            make_image(engine, folder.path(), Some("local/unused:1"), "tagged")?,
        );
        let run = "run -d --network used -v used:/named -v /anonymous --name runs local/busybox:1 sleep 600";
        engine.docker(run.split(' '))?;
        let ended = "run -v /left --network none --name ended local/busybox:1 true";
        engine.docker(ended.split(' '))?;
        engine.docker("create --network none --name never local/busybox:1 true".split(' '))?;
        let paused = "run -d --network none --name paused local/busybox:1 sleep 600";
        engine.docker(paused.split(' '))?;
        engine.docker(["pause", "paused"])?;
        let id_of = |name: &str| -> Result<String> {
            let found = engine.docker(["inspect", "--format", "{{.Id}}", name])?;
            Ok(String::from_utf8(found.stdout)?.trim().to_owned())
        };
        let ended = BTreeSet::from([id_of("ended")?, id_of("never")?]);

        let containers =
            Prune { kind: "containers", choice: None, list: CONTAINERS, fields: ("id", "removed") };
        ensure!(containers.run(&api, engine).await? == ended);
        ensure!(containers.run(&api, engine).await?.is_empty(), "what runs or is paused stays");

        let networks = Prune { kind: "networks", choice: None, list: NETWORKS, fields: ("name", "removed") };
        ensure!(networks.run(&api, engine).await? == only(&["unused"]));

        let volumes = |choice| Prune {
            kind: "volumes",
            choice: Some(("volumes", choice)),
            list: VOLUMES,
            fields: ("name", "removed"),
        };
        let gone = volumes("anonymous").run(&api, engine).await?;
        ensure!(gone.len() == 1 && !gone.contains("unused"), "{gone:?}");
        ensure!(volumes("all").run(&api, engine).await? == only(&["unused"]));
        ensure!(listed(engine, VOLUMES)?.contains("used"));

        let images = |choice| Prune {
            kind: "images",
            choice: Some(("images", choice)),
            list: IMAGES,
            fields: ("id", "deleted"),
        };
        ensure!(images("dangling").run(&api, engine).await? == BTreeSet::from([dangling]));
        let gone = images("all").run(&api, engine).await?;
        ensure!(gone.contains(&tagged), "{gone:?}");
        ensure!(
            listed(engine, "image ls --format {{.Repository}}")? == only(&["local/busybox"]),
            "the image in use stays"
        );

        build_cache(&api, engine, folder.path()).await?;
        for container in ["runs", "paused"] {
            engine.docker(["rm", "--force", "--volumes", container])?;
        }
        dockline.terminate().await?;
    }
    Ok(())
}

/// What a build left behind goes by the prune of the system, and nothing else does.
async fn build_cache(api: &Api, engine: &TestEngine, folder: &std::path::Path) -> Result<()> {
    fs::write(folder.join("Dockerfile"), "FROM scratch\nCOPY file /one\nCOPY file /two\n")?;
    let context = folder.to_str().context("a path")?;
    // The client finds BuildKit beside the plugin of Compose.
    let plugin = compose_plugin();
    let config =
        plugin.ancestors().nth(2).and_then(std::path::Path::to_str).context("the client's folder")?;
    engine.docker(["--config", config, "build", "-t", "local/built:1", context])?;
    let (containers, images) = (listed(engine, CONTAINERS)?, listed(engine, IMAGES)?);
    let path = "/api/v1/hosts/local/system/prune";
    let preview = async || {
        let (status, preview) = api.call("GET", &format!("{path}/preview?build_cache=true"), None).await?;
        ensure!(
            status == 200 && preview["containers"].is_null() && preview["images"].is_null(),
            "{status} {preview}"
        );
        preview["build_cache"]["count"].as_u64().context("a count")
    };
    let expected = preview().await?;
    ensure!(expected > 0, "a build leaves something");
    let (status, pruned) = api.call("POST", path, Some(json!({ "build_cache": true }))).await?;
    let removed = pruned["build_cache"]["removed"].as_array().context("a list")?.len() as u64;
    ensure!(status == 200 && removed == expected, "{status}: {expected} were to go: {pruned}");
    ensure!(pruned["failed"] == json!([]) && preview().await? == 0, "{pruned}");
    ensure!(listed(engine, CONTAINERS)? == containers && listed(engine, IMAGES)? == images);
    engine.docker(["image", "rm", "local/built:1"]).map(drop)
}
