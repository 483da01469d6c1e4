//! Uploads into containers: into which ones, and when there is no room for them.

use std::os::unix::fs::PermissionsExt;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, engines, eventually, tar, tar_file};
use reqwest::Method;
use serde_json::json;

use crate::{
    client::{Api, PATIENCE, dockline, start},
    files::{json_of, send},
};

/// Must-behave: writing a program that such a container runs is as good as running one in it.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_container_that_reaches_its_host_are_changed_by_administrators() -> Result<()> {
    // The newest: the oldest engine can start no privileged container on every machine.
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, ada) = start(&engine.host, &[]).await?;
    ada.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&dockline, "otto").await?;
    let script =
        "printf '#!/bin/sh\\nsleep 60\\n' >/entry; chmod +x /entry; mkdir /own; touch /ready; sleep 60";
    let spec = || ContainerSpec::script(script);
    let reaching = [
        engine.run_container(&spec().option("--privileged"))?,
        engine.run_container(&spec().option("--cap-add=SYS_ADMIN"))?,
        engine.run_container(&spec().option("--volume=/etc:/host-etc:ro"))?,
    ];
    let sent = async |who: &Api, container: &str| {
        let files = format!("/api/v1/containers/{container}/files");
        let written = send(who, Method::PUT, &format!("{files}/content?path=/entry"), &[], "x").await?;
        let archive = format!("{files}/archive?path=/own");
        let unpacked = send(who, Method::POST, &archive, &[], tar(&[tar_file("entry", b"x")])).await?;
        anyhow::Ok((json_of(written).await?, json_of(unpacked).await?))
    };
    for container in &reaching {
        eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
        let before = container.exec("cat /entry; ls /own")?;
        let (written, unpacked) = sent(&otto, container.id()).await?;
        for (status, answer) in [written, unpacked] {
            ensure!((status, &answer["code"]) == (403, &json!("host_escape")), "{status} {answer}");
        }
        ensure!(container.exec("cat /entry; ls /own")? == before, "nothing was written");
        let (written, unpacked) = sent(&ada, container.id()).await?;
        ensure!((written.0, unpacked.0) == (200, 200), "{written:?} {unpacked:?}");
    }
    dockline.terminate().await?;
    Ok(())
}

/// The disk is a small one of the process's own, in a mount namespace that goes with it.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_fills_the_disk_is_refused_and_leaves_nothing_there() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let (disk, script) = (folder.path().join("disk"), folder.path().join("dockline"));
    std::fs::create_dir(&disk)?;
    let inside = format!(
        "mount -t tmpfs -o size=4m none {0} && TMPDIR={0} exec {1} \"$@\"",
        disk.display(),
        env!("CARGO_BIN_EXE_dockline")
    );
    std::fs::write(&script, format!("#!/bin/sh\nexec unshare --mount sh -c '{inside}' sh \"$@\"\n"))?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700))?;
    let mut dockline = dockline().program(&script).docker_host(&engine.host).start().await?;
    let api = Api::set_up(&dockline).await?;
    let container = engine.run_container(&ContainerSpec::script("mkdir /in; touch /ready; sleep 60"))?;
    eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
    let path = format!("/api/v1/containers/{}/files/archive?path=/in", container.id());
    // Its file has no name there, so it is counted in blocks.
    let seen = format!("/proc/{}/root{}", dockline.pid().context("it runs")?, disk.display());
    let left = || -> Result<String> {
        let told = std::process::Command::new("stat")
            .args(["--file-system", "--format=%f of %b", &seen])
            .output()?;
        ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        Ok(String::from_utf8(told.stdout)?)
    };
    let before = left()?;
    ensure!(before.trim() == "1024 of 1024", "an empty disk of 4 MiB has {before}");
    for _ in 0..2 {
        let large = tar(&[tar_file("first", b"x"), tar_file("large", &vec![b'x'; 6 << 20])]);
        let (status, answer) = json_of(send(&api, Method::POST, &path, &[], large).await?).await?;
        ensure!((status, &answer["code"]) == (507, &json!("upload_disk_full")), "{status} {answer}");
        ensure!(answer["message"].as_str().is_some_and(|text| text.contains("is full")), "{answer}");
        ensure!(container.exec("ls -A /in")?.is_empty(), "nothing was unpacked");
        eventually(PATIENCE, || async {
            let now = left()?;
            ensure!(now == before && std::fs::read_dir(&seen)?.next().is_none(), "{now}");
            Ok(())
        })
        .await?;
    }
    let small = tar(&[tar_file("small", &vec![b'x'; 3 << 20])]);
    ensure!(send(&api, Method::POST, &path, &[], small).await?.status() == 200);
    ensure!(container.exec("wc -c </in/small")?.trim_ascii() == b"3145728");
    dockline.terminate().await?;
    Ok(())
}
