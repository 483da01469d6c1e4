//! Making containers and what is done with them, on the fake and on both real engines.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use dockline_contract::rest::{Protocol, RestartName, RestartRule};
use dockline_docker::{
    AddMount, Commit, Engine, Error, HELPER_LABEL, Limits, Missing, NewContainer, PublishPort, RemoveOptions,
    Update, fake::FakeEngine,
};
use dockline_domain::{
    ContainerId,
    access::{Grant, Permission},
    host_access::{HostFiles, Namespace},
    volume::VolumeAccess,
};
use dockline_testkit::{TestEngine, engines};

use crate::stage::{grant, host, plain};

/// What every test's container has, so that it is found when it is left behind.
pub fn wanted(image: &str) -> NewContainer {
    NewContainer {
        image: image.to_owned(),
        command: Some(["/bin/sh", "-c", "sleep 60"].map(str::to_owned).to_vec()),
        labels: BTreeMap::from([("dockline.test".to_owned(), "1".to_owned())]),
        stop_timeout: Some(0),
        ..NewContainer::default()
    }
}

/// Removes the container when the test is over, however it went.
async fn with_container<T>(
    engine: &dyn Engine,
    grant: &Grant,
    new: &NewContainer,
    work: impl AsyncFnOnce(&ContainerId) -> Result<T>,
) -> Result<T> {
    let made = engine.create_container(grant, new).await?;
    let outcome = work(&made.id).await;
    engine.remove(grant, &made.id, RemoveOptions { force: true, volumes: true }).await?;
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_fake() -> Result<()> {
    let fake = FakeEngine::new(host());
    everything(fake.as_ref(), "fake:1").await?;
    under_a_helpers_label(fake.as_ref(), "fake:1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_real_engines() -> Result<()> {
    for real in engines() {
        let engine: &dyn Engine = &plain(&real.host)?;
        everything(engine, "local/busybox:1").await.with_context(|| real.host.clone())?;
        under_a_helpers_label(engine, "local/busybox:1").await.with_context(|| real.host.clone())?;
        as_asked(engine, &real).await.with_context(|| real.host.clone())?;
        changes_and_commit(engine, &real).await.with_context(|| real.host.clone())?;
        disguised_volume(engine, &real).await.with_context(|| real.host.clone())?;
    }
    Ok(())
}

async fn everything(engine: &dyn Engine, image: &str) -> Result<()> {
    let grant = grant(Permission::ContainersCreate)?;
    let missing = engine.create_container(&grant, &wanted("local/nothing:1")).await;
    match missing {
        Err(Error::Missing { what: Missing::Image, message }) => {
            ensure!(message.contains("pull it first"), "{message}")
        }
        other => bail!("{other:?}"),
    }
    with_container(engine, &grant, &wanted(image), async |id| {
        let status = engine.status(id).await?;
        ensure!(!status.running, "it was not to be started");
        let stopped = engine.top(id).await;
        ensure!(matches!(stopped, Err(Error::Conflict { .. })), "{stopped:?}");
        let preview = engine.prunable_containers(None).await?;
        ensure!(
            preview.items.iter().any(|one| one.id == id.as_str() && one.state == "created"),
            "{preview:?}"
        );
        let old = engine.prunable_containers(Some(Duration::from_hours(1))).await?;
        ensure!(old.items.iter().all(|one| one.id != id.as_str()), "it was made just now: {old:?}");
        engine.start(&grant, id).await?;
        ensure!(engine.status(id).await?.running);
        let processes = engine.top(id).await?.reveal(&grant);
        ensure!(!processes.processes.is_empty(), "{processes:?}");
        ensure!(processes.processes.iter().all(|row| row.len() == processes.titles.len()));
        let limits = Limits { memory_bytes: Some(64 << 20), nano_cpus: Some(500_000_000), pids: Some(50) };
        let restart = Some(RestartRule { name: RestartName::OnFailure, maximum_retry_count: 3 });
        engine.update_container(&grant, id, &Update { limits, restart }).await?;
        ensure!(engine.host_settings(id).await?.host_access(HostFiles::All).is_empty());
        Ok(())
    })
    .await
}

/// A label hides nothing that was started, and has nothing removed.
async fn under_a_helpers_label(engine: &dyn Engine, image: &str) -> Result<()> {
    let grant = grant(Permission::ContainersCreate)?;
    let mut new = wanted(image);
    let over = [(HELPER_LABEL, "volume"), ("io.dockline.helper.until", "0")];
    new.labels.extend(over.map(|(key, value)| (key.to_owned(), value.to_owned())));
    with_container(engine, &grant, &new, async |id| {
        let unharmed = async || {
            engine.sweep_helpers().await?;
            let listed = engine.list().await?;
            ensure!(listed.iter().any(|one| one.identity().0 == id.as_str()), "it is not listed");
            Ok(())
        };
        engine.start(&grant, id).await?;
        unharmed().await?;
        engine.stop(&grant, id).await?;
        unharmed().await
    })
    .await
}

/// What the engine was told, in its own words.
async fn as_asked(engine: &dyn Engine, real: &TestEngine) -> Result<()> {
    let grant = grant(Permission::ContainersCreate)?;
    let mut new = wanted("local/busybox:1");
    new.env = vec![("A".into(), "b=c d".into())];
    new.working_dir = Some("/srv".parse()?);
    new.user = Some("7:8".into());
    new.hostname = Some("inside".into());
    new.ports = vec![PublishPort {
        container_port: 80,
        protocol: Protocol::Udp,
        host_ip: Some("127.0.0.1".parse()?),
        host_port: None,
    }];
    new.mounts = vec![
        AddMount::Tmpfs { target: "/scratch".parse()? },
        AddMount::Volume { name: None, target: "/data".parse()?, read_only: false },
    ];
    new.limits = Limits { memory_bytes: Some(32 << 20), nano_cpus: Some(250_000_000), pids: Some(40) };
    new.restart = Some(RestartRule { name: RestartName::UnlessStopped, maximum_retry_count: 0 });
    new.init = Some(true);
    new.read_only_rootfs = true;
    new.isolation.cap_drop = vec!["NET_RAW".into()];
    new.isolation.namespaces = vec![(Namespace::Ipc, "private".into())];
    with_container(engine, &grant, &new, async |id| {
        let told = real.docker(["inspect", "--type=container", id.as_str()])?.stdout;
        let told: serde_json::Value = serde_json::from_slice(&told)?;
        let (config, host) = (&told[0]["Config"], &told[0]["HostConfig"]);
        for (value, expected) in [
            (&config["WorkingDir"], serde_json::json!("/srv")),
            (&config["User"], "7:8".into()),
            (&config["Hostname"], "inside".into()),
            (&config["Labels"]["dockline.test"], "1".into()),
            (&config["StopTimeout"], 0.into()),
            (&host["PortBindings"]["80/udp"][0]["HostIp"], "127.0.0.1".into()),
            (&host["Memory"], (32 << 20).into()),
            (&host["NanoCpus"], 250_000_000.into()),
            (&host["PidsLimit"], 40.into()),
            (&host["RestartPolicy"]["Name"], "unless-stopped".into()),
            (&host["Init"], true.into()),
            (&host["ReadonlyRootfs"], true.into()),
            (&host["CapDrop"], serde_json::json!(["NET_RAW"])),
            (&host["IpcMode"], "private".into()),
            (&host["Privileged"], false.into()),
        ] {
            ensure!(*value == expected, "{value} and not {expected}");
        }
        ensure!(config["Env"].as_array().is_some_and(|env| env.contains(&"A=b=c d".into())), "{config}");
        ensure!(host["Mounts"].as_array().map(Vec::len) == Some(2), "{host}");
        Ok(())
    })
    .await
}

async fn changes_and_commit(engine: &dyn Engine, real: &TestEngine) -> Result<()> {
    let grant = grant(Permission::ContainersCreate)?;
    with_container(engine, &grant, &wanted("local/busybox:1"), async |id| {
        engine.start(&grant, id).await?;
        real.docker(["exec", id.as_str(), "/bin/sh", "-c", "mkdir -p /made && echo x >/made/file"])?;
        let changes = engine.changes(id).await?;
        ensure!(changes.items.iter().any(|one| one.path == "/made/file"), "{changes:?}");
        let name = format!("local/committed-{}", id.short());
        let commit = Commit { reference: name.parse()?, message: Some("a test".into()), pause: true };
        let image = engine.commit_container(&grant, id, &commit).await?;
        let told =
            real.docker(["inspect", "--format={{.Id}} {{.Comment}}", &format!("{name}:latest")])?.stdout;
        real.docker(["rmi", "--force", &name])?;
        ensure!(String::from_utf8_lossy(&told).trim() == format!("{image} a test"), "{told:?}");
        Ok(())
    })
    .await
}

/// A volume that is a path of the host's, by its options.
async fn disguised_volume(engine: &dyn Engine, real: &TestEngine) -> Result<()> {
    let grant = grant(Permission::ContainersCreate)?;
    let name = format!("dockline-test-{}", std::process::id());
    let options = ["--opt=type=none", "--opt=o=bind", "--opt=device=/etc"];
    real.docker(["volume", "create"].into_iter().chain(options).chain([name.as_str()]))?;
    let outcome = async {
        ensure!(engine.volume_reach(&name.parse()?).await? == Some(VolumeAccess::HostPath("/etc".into())));
        ensure!(engine.volume_reach(&"dockline-nothing".parse()?).await?.is_none());
        let mut new = wanted("local/busybox:1");
        new.mounts =
            vec![AddMount::Volume { name: Some(name.parse()?), target: "/x".parse()?, read_only: false }];
        with_container(engine, &grant, &new, async |id| {
            let ways = engine.host_settings(id).await?.host_access(HostFiles::Sensitive);
            ensure!(ways.iter().any(|way| way.to_string().contains("/etc")), "{ways:?}");
            let mounts = engine.host_mounts(id).await?;
            ensure!(mounts.len() == 1 && mounts[0].source == "/etc", "{mounts:?}");
            Ok(())
        })
        .await
    }
    .await;
    real.docker(["volume", "rm", &name])?;
    outcome
}
