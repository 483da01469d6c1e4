//! Containers that are made anew, by real engines: with everything that was theirs, or not at all.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{DocklineCluster, RegistryServer, TestEngine, engines};
use serde_json::{Value, json};

use crate::{
    client::{Api, dockline, start},
    hosts::send,
    jobs::{engine, finished, owner, until, watch},
};

/// A container with its images, networks and volume, which all go when this is dropped.
struct Stage {
    engine: TestEngine,
    name: String,
    old: String,
}

impl Stage {
    /// A running container of the image `NAME:1` with settings of many kinds.
    fn new(engine: &TestEngine, name: &str) -> Result<Self> {
        let mut stage = Self { engine: engine.clone(), name: name.to_owned(), old: String::new() };
        stage.image(
            "1",
            &[r#"CMD ["sleep", "1000"]"#, "ENV VERSION=1 KEPT=no", "VOLUME /from-image", "LABEL version=1"],
        )?;
        for network in ["one", "two"] {
            engine.docker(["network", "create", "--label=dockline.test=1", &stage.own(network)])?;
        }
        engine.docker(["volume", "create", "--label=dockline.test=1", &stage.own("data")])?;
        let (one, volume) =
            (format!("--network={}", stage.own("one")), format!("{}:/data", stage.own("data")));
        let options = [
            "--name",
            name,
            &one,
            "--network-alias=first",
            "-v",
            &volume,
            "-v",
            "/anonymous",
            "-p",
            "127.0.0.1::80",
            "--memory=32m",
            "--pids-limit=40",
            "--restart=on-failure:2",
            "--stop-signal=KILL",
            "--hostname=chosen",
            "--cap-drop=MKNOD",
            "--log-opt=max-size=1m",
            "-e",
            "OWN=yes",
            "-e",
            "KEPT=mine",
            "-l",
            "own=yes",
            "--label=dockline.test=1",
        ];
        let image = stage.own_image("1");
        let made = engine
            .docker(["run", "-d", "--pull=never"].into_iter().chain(options).chain([image.as_str()]))?;
        stage.old = String::from_utf8(made.stdout)?.trim().to_owned();
        engine.docker(["network", "connect", "--alias=second", &stage.own("two"), name])?;
        engine.docker(["exec", name, "sh", "-c", "echo kept > /anonymous/file"])?;
        Ok(stage)
    }

    /// Something of this stage's own.
    fn own(&self, what: &str) -> String {
        format!("{}-{what}", self.name)
    }

    fn own_image(&self, tag: &str) -> String {
        format!("it-recreate/{}:{tag}", self.name)
    }

    /// Makes an image of the test image with these changes.
    fn image(&self, tag: &str, changes: &[&str]) -> Result<String> {
        let name = self.own_image(tag);
        self.engine.commit_image(&name, changes)?;
        Ok(name)
    }

    fn inspect(&self, container: &str) -> Result<Value> {
        let told = self.engine.docker(["inspect", "--type=container", container])?;
        Ok(serde_json::from_slice::<Value>(&told.stdout)?[0].take())
    }

    /// The containers of this stage, with those that are being made.
    fn containers(&self) -> Result<Vec<String>> {
        let filter = format!("name={}", self.name);
        let listed = self.engine.docker([
            "ps",
            "-a",
            "--no-trunc",
            "--filter",
            &filter,
            "--format",
            "{{.Names}} {{.State}}",
        ])?;
        let mut lines: Vec<String> = String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect();
        lines.sort();
        Ok(lines)
    }

    /// Everything about the old container but what changes when it is stopped and started.
    fn lasting(&self) -> Result<Value> {
        let mut told = self.inspect(&self.old)?;
        for transient in
            ["State", "ResolvConfPath", "HostsPath", "HostnamePath", "LogPath", "ExecIDs", "GraphDriver"]
        {
            told.as_object_mut().context("an object")?.remove(transient);
        }
        let networks = told["NetworkSettings"]["Networks"].as_object().context("networks")?;
        let networks: Value = networks
            .iter()
            .map(|(name, joined)| {
                (name.clone(), json!([joined["Aliases"], joined["IPAMConfig"], joined["NetworkID"]]))
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        told["NetworkSettings"] = networks;
        // Engines list them in any order.
        if let Some(mounts) = told["Mounts"].as_array_mut() {
            mounts.sort_by_key(|mount| mount["Destination"].to_string());
        }
        Ok(told)
    }

    async fn recreate(&self, api: &Api, body: Value) -> Result<Value> {
        let path = format!("/api/v1/containers/{}/recreate", self.old);
        let accepted = send(api, "POST", &path, body, 202).await?;
        finished(api, accepted["job"]["id"].as_str().context("an ID")?).await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let clean = || -> Result<()> {
            // Volumes without a name of their own are kept by the one that they have, and so by nobody removed.
            let mut volumes = vec![self.own("data")];
            for line in self.containers()? {
                let name = line.split(' ').next().unwrap_or_default();
                let mounts = self.inspect(name)?["Mounts"].take();
                let named =
                    mounts.as_array().into_iter().flatten().filter_map(|mount| mount["Name"].as_str());
                volumes.extend(named.map(str::to_owned));
                self.engine.docker(["rm", "-fv", name])?;
            }
            self.engine.docker(["network", "rm", &self.own("one"), &self.own("two")])?;
            volumes.sort();
            volumes.dedup();
            self.engine
                .docker(["volume", "rm", "-f"].into_iter().chain(volumes.iter().map(String::as_str)))?;
            let pattern = format!("reference=it-recreate/{}", self.name);
            let images = self.engine.docker(["images", "-q", "--filter", &pattern])?;
            for image in String::from_utf8(images.stdout)?.lines() {
                self.engine.docker(["rmi", "-f", image])?;
            }
            Ok(())
        };
        if let Err(error) = clean() {
            eprintln!("left behind: {error:#}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_keeps_what_is_its_own_and_takes_the_rest_of_the_new_image() -> Result<()> {
    for engine in engines() {
        let stage = Stage::new(&engine, "it-anew")?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let before = stage.inspect(&stage.old)?;
        let image = stage.image(
            "2",
            &[
                r#"CMD ["sleep", "2000"]"#,
                "ENV VERSION=2 KEPT=no",
                "VOLUME /from-image",
                "LABEL version=2",
                "HEALTHCHECK --interval=1s CMD true",
            ],
        )?;
        let done = stage.recreate(&ada, json!({ "image": image, "pull": false })).await?;
        ensure!(done["state"] == "succeeded", "{done}");
        ensure!(stage.containers()? == ["it-anew running"], "{:?}", stage.containers()?);
        let after = stage.inspect("it-anew")?;
        ensure!(after["Id"] != before["Id"] && after["Image"] != before["Image"], "{after}");

        let config = &after["Config"];
        ensure!(config["Cmd"] == json!(["sleep", "2000"]) && config["Hostname"] == "chosen", "{config}");
        ensure!(config["Image"] == image.as_str(), "{config}");
        let env = config["Env"].as_array().context("variables")?;
        for variable in ["OWN=yes", "KEPT=mine", "VERSION=2"] {
            ensure!(env.contains(&json!(variable)), "{env:?}");
        }
        ensure!(config["Labels"]["own"] == "yes" && config["Labels"]["version"] == "2", "{config}");
        ensure!(config["Healthcheck"]["Test"] == json!(["CMD-SHELL", "true"]), "{config}");
        for key in [
            "Memory",
            "PidsLimit",
            "RestartPolicy",
            "CapDrop",
            "LogConfig",
            "PortBindings",
            "NetworkMode",
            "ShmSize",
        ] {
            ensure!(
                after["HostConfig"][key] == before["HostConfig"][key],
                "{key}: {}",
                after["HostConfig"][key]
            );
        }
        for (network, alias) in [("one", "first"), ("two", "second")] {
            let joined = &after["NetworkSettings"]["Networks"][stage.own(network)];
            let aliases = joined["Aliases"].as_array().context("aliases")?;
            let old = json!(stage.old[..12]);
            ensure!(aliases.contains(&json!(alias)) && !aliases.contains(&old), "{network}: {joined}");
        }
        let volumes = |of: &Value| -> Vec<(String, String)> {
            let mounts = of["Mounts"].as_array().cloned().unwrap_or_default();
            let mut all: Vec<_> =
                mounts.iter().map(|one| (one["Destination"].to_string(), one["Name"].to_string())).collect();
            all.sort();
            all
        };
        ensure!(volumes(&after) == volumes(&before) && volumes(&after).len() == 3, "{:?}", volumes(&after));
        let kept = engine.docker(["exec", "it-anew", "cat", "/anonymous/file"])?;
        ensure!(kept.stdout == b"kept\n");

        // Back to the image of before, by its content.
        let steps = done["progress"]["steps"].as_array().context("steps")?;
        let images = steps.iter().find(|step| step["id"] == "image").context("the images")?;
        let old_image =
            images["text"].as_str().and_then(|text| text.split(" was ").nth(1)).context("the old image")?;
        let path = format!("/api/v1/containers/{}/recreate", after["Id"].as_str().context("an ID")?);
        let accepted = send(&ada, "POST", &path, json!({ "image": old_image }), 202).await?;
        let undone = finished(&ada, accepted["job"]["id"].as_str().context("an ID")?).await?;
        ensure!(undone["state"] == "succeeded", "{undone}");
        ensure!(stage.inspect("it-anew")?["Image"] == before["Image"]);
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_the_old_container_goes_on_as_it_was() -> Result<()> {
    for engine in engines() {
        let stage = Stage::new(&engine, "it-fails")?;
        let (mut process, ada) = start(&engine.host, &[]).await?;
        let registry = RegistryServer::start().await?;
        let link = registry.reached_by(&engine)?;
        let (before, good) = (stage.lasting()?, stage.own_image("1"));
        let absent = format!("{}/it/absent:1", link.address());
        let missing = stage.image("missing", &[r#"CMD ["/no/such/program"]"#])?;
        let ends = stage.image("ends", &[r#"CMD ["sh", "-c", "echo my last words; exit 7"]"#])?;
        let unhealthy = stage.image(
            "unhealthy",
            &[
                r#"CMD ["sh", "-c", "echo my last words; sleep 1000"]"#,
                "HEALTHCHECK --interval=1s --retries=1 CMD false",
            ],
        )?;
        let short = &stage.old[..12];
        let (new, parked) =
            (format!("it-fails.dockline-new-{short}"), format!("it-fails.dockline-old-{short}"));
        let wish = |image: &str, pull: bool| json!({ "image": image, "pull": pull });
        for (step, wish, in_the_way, words) in [
            ("pull", wish(&absent, true), None, "could not be pulled"),
            ("pull from nowhere", wish("127.0.0.1:9/none:1", true), None, "could not be pulled"),
            ("create", wish(&good, false), Some(&new), "could not be made"),
            ("rename", wish(&good, false), Some(&parked), "could not be handed over"),
            ("start", wish(&missing, false), None, "could not be started"),
            ("run", wish(&ends, false), None, "my last words"),
            ("health", wish(&unhealthy, false), None, "my last words"),
        ] {
            if let Some(name) = in_the_way {
                engine.docker([
                    "create",
                    "--pull=never",
                    "--label=dockline.test=1",
                    "--name",
                    name,
                    "local/busybox:1",
                    "true",
                ])?;
            }
            let failed = stage.recreate(&ada, wish).await?;
            let why = failed["error"].as_str().unwrap_or_default();
            ensure!(
                failed["state"] == "failed" && why.contains(words),
                "{} {step}: {failed}",
                engine.version
            );
            if let Some(name) = in_the_way {
                engine.docker(["rm", name])?;
            }
            let there = stage.containers()?;
            ensure!(there == ["it-fails running"], "{} {step}: {there:?}", engine.version);
            let after = stage.lasting()?;
            ensure!(after == before, "{} {step}:\n{before}\n{after}", engine.version);
        }
        ensure!(process.terminate().await?.success());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_leaves_neither_two_containers_nor_none() -> Result<()> {
    let engine = engine("28.5")?;
    let stage = Stage::new(&engine, "it-killed")?;
    let image = stage.image("2", &[r#"CMD ["sleep", "2000"]"#])?;
    let mut cluster = DocklineCluster::start(dockline(), std::slice::from_ref(&engine.host), 1, 0).await?;
    cluster.add_worker().await?;
    cluster.add_worker().await?;
    let ada = Api::set_up(&cluster.replicas[0]).await?;
    let path = format!("/api/v1/containers/{}/recreate", stage.old);
    let accepted = send(&ada, "POST", &path, json!({ "image": image, "pull": false }), 202).await?;
    let mut socket = watch(&ada, accepted["job"]["id"].as_str().context("an ID")?).await?;
    // The old one is stopped and has lost its name, the new one runs and is being watched.
    until(&mut socket, |job| job["progress"]["message"] == "watching the new container").await?;
    let dead = owner(&cluster)?;
    cluster.workers[dead].kill9().await?;
    let done = until(&mut socket, |job| !job["finished_at"].is_null()).await?;
    ensure!(done["state"] == "succeeded" && done["attempt"] == 2, "{done}");
    ensure!(stage.containers()? == ["it-killed running"], "{:?}", stage.containers()?);
    ensure!(stage.inspect("it-killed")?["Config"]["Image"] == image.as_str());
    cluster.workers.remove(dead);
    cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_or_must_not_be_made_anew_is_refused_before_anything_happens() -> Result<()> {
    let engine = engine("28.5")?;
    let (mut process, ada) = start(&engine.host, &[]).await?;
    ada.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&process, "otto").await?;
    let run = |options: &[&str]| -> Result<String> {
        let fixed = ["run", "-d", "--pull=never", "--label=dockline.test=1", "--stop-signal=KILL"];
        let made = engine.docker(fixed.into_iter().chain(options.iter().copied()).chain([
            "local/busybox:1",
            "sleep",
            "1000",
        ]))?;
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    };
    let fleeting = run(&["--rm", "--network=none"])?;
    let lender = run(&["--name=it-lender"])?;
    let user = run(&["--network=container:it-lender", "--name=it-borrower"])?;
    let privileged = run(&["--privileged", "--network=none"])?;
    let recreate = |id: &str| format!("/api/v1/containers/{id}/recreate");
    for (id, words) in [(&fleeting, "--rm"), (&lender, "it-borrower")] {
        let refused = send(&ada, "POST", &recreate(id), json!({}), 409).await?;
        let reasons = refused["details"]["reasons"].to_string();
        ensure!(refused["code"] == "not_recreatable" && reasons.contains(words), "{refused}");
    }
    let refused =
        send(&otto, "POST", &recreate(&privileged), json!({ "image": "local/busybox:1" }), 403).await?;
    ensure!(refused["code"] == "host_escape", "{refused}");
    let id = format!("sha256:{}", "0".repeat(64));
    let wrong = send(&ada, "POST", &recreate(&user), json!({ "image": id, "pull": true }), 422).await?;
    ensure!(wrong["fields"][0]["field"] == "pull", "{wrong}");
    let jobs = send(&ada, "GET", "/api/v1/jobs", json!({}), 200).await?;
    ensure!(jobs["items"] == json!([]), "{jobs}");
    for container in [fleeting, user, lender, privileged] {
        engine.docker_within(Duration::from_secs(30), ["rm", "-f", &container])?;
    }
    ensure!(process.terminate().await?.success());
    Ok(())
}
