//! Files in containers that are removed, through the program on real engines.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestContainer, TestEngine, engines, eventually};
use serde_json::json;

use crate::{
    client::{Api, PATIENCE, start},
    exec::stage::audited,
};

async fn remove(api: &Api, container: &TestContainer, query: &str) -> Result<(u16, String)> {
    let path = format!("/api/v1/containers/{}/files?{query}", container.id());
    let (status, answer) = api.call("DELETE", &path, None).await?;
    Ok((status, answer["code"].as_str().unwrap_or_default().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_a_link_and_a_folder_go_and_nothing_beside_them() -> Result<()> {
    for engine in engines() {
        let (mut dockline, api) = start(&engine.host, &[]).await?;
        let script = "mkdir -p /srv/full/deep /srv/empty; echo 1 >/srv/kept; echo 2 >'/srv/-f ü'; echo 3 >/srv/full/deep/x; \
                      ln -s /srv/kept /srv/link; ln -s /srv/full /srv/way; touch /ready; exec sleep 600";
        let container = engine.run_container(&ContainerSpec::script(script))?;
        eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
        let gone = (204, String::new());
        let refused = |status: u16, code: &str| (status, code.to_owned());
        ensure!(remove(&api, &container, "path=/srv/-f%20%C3%BC").await? == gone);
        ensure!(remove(&api, &container, "path=/srv/-f%20%C3%BC").await? == refused(404, "file_not_found"));
        ensure!(remove(&api, &container, "path=/srv/link").await? == gone, "the link itself");
        ensure!(remove(&api, &container, "path=/srv/empty").await? == gone);
        ensure!(remove(&api, &container, "path=/srv/full").await? == refused(409, "folder_not_empty"));
        // A link on the way is followed.
        ensure!(remove(&api, &container, "path=/srv/way/deep&recursive=true").await? == gone);
        ensure!(container.exec("find /srv | sort")? == b"/srv\n/srv/full\n/srv/kept\n/srv/way\n");
        ensure!(remove(&api, &container, "path=/etc/hostname").await? == refused(409, "file_not_removed"));
        ensure!(remove(&api, &container, "path=/&recursive=true").await? == refused(422, "invalid_fields"));
        let entry = audited(&api, "file.remove", &[("path", json!("/srv/way/deep"))]).await?;
        ensure!(entry["outcome"] == "success" && entry["detail"]["recursive"] == true, "{entry}");

        ensure!(remove_without_rm(&api, &engine, &container).await? == refused(409, "no_rm_in_container"));
        container.kill()?;
        ensure!(remove(&api, &container, "path=/srv/kept").await? == refused(409, "container_not_running"));
        dockline.terminate().await?;
    }
    Ok(())
}

/// In a container that has one program only, which sleeps.
async fn remove_without_rm(api: &Api, engine: &TestEngine, other: &TestContainer) -> Result<(u16, String)> {
    let folder = tempfile::tempdir()?;
    let (program, tar) = (folder.path().join("sleep"), folder.path().join("tar"));
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path");
    engine.docker(["cp", &format!("{}:/bin/busybox", other.id()), &text(&program)?])?;
    let made = Command::new("tar").arg("-C").arg(folder.path()).arg("-cf").arg(&tar).arg("sleep").status()?;
    ensure!(made.success(), "{made}");
    let image = format!("local/sleeps:{}", std::process::id());
    engine.docker(["import", &text(&tar)?, &image])?;
    let run = ["run", "--detach", "--network=none", "--label=dockline.test=1", &image, "/sleep", "600"];
    let id = String::from_utf8(engine.docker(run)?.stdout)?.trim().to_owned();
    let path = format!("/api/v1/containers/{id}/files?path=/sleep");
    let removed = api.call("DELETE", &path, None).await;
    engine.docker(["rm", "--force", &id])?;
    engine.docker(["image", "rm", &image])?;
    let (status, answer) = removed?;
    Ok((status, answer["code"].as_str().unwrap_or_default().to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_files_are_removed_by_those_who_may_reach_it() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, admin) = start(&engine.host, &[]).await?;
    admin.add_user("otto", "operator").await?;
    let otto = Api::sign_in(&dockline, "otto").await?;
    let folder = tempfile::tempdir()?;
    for name in ["one", "two", "three"] {
        std::fs::write(folder.path().join(name), name)?;
    }
    // The link in the host's folder leads out of it: it is the host's all the same.
    std::os::unix::fs::symlink("/tmp", folder.path().join("link"))?;
    let script = "mkdir -p /own; echo x >/own/file; ln -s /data/host /own/way; touch /ready; exec sleep 600";
    let mount = format!("--volume={}:/data/host", folder.path().display());
    let container = engine.run_container(&ContainerSpec::script(script).option(mount))?;
    eventually(PATIENCE, || async { container.exec("cat /ready").map(drop) }).await?;
    for query in [
        "path=/data/host/one",
        "path=/data/host/link",
        "path=/own/way/one",
        "path=/data&recursive=true",
        "path=/data/host&recursive=true",
    ] {
        let (status, code) = remove(&otto, &container, query).await?;
        ensure!((status, code.as_str()) == (403, "host_escape"), "{query}: {status} {code}");
    }
    ensure!(std::fs::read_dir(folder.path())?.count() == 4, "nothing went");
    ensure!(remove(&otto, &container, "path=/own/way").await?.0 == 204, "the container's own link");
    ensure!(remove(&otto, &container, "path=/own&recursive=true").await?.0 == 204);
    ensure!(remove(&admin, &container, "path=/data/host/one").await?.0 == 204);
    ensure!(!folder.path().join("one").exists() && folder.path().join("two").exists());

    // The container's own program runs for it, and whoever runs one in this container is at the host.
    let script = "touch /own /ready; exec sleep 600";
    let privileged = engine.run_container(&ContainerSpec::script(script).option("--privileged"))?;
    eventually(PATIENCE, || async { privileged.exec("cat /ready").map(drop) }).await?;
    ensure!(remove(&otto, &privileged, "path=/own").await? == (403, "host_escape".to_owned()));
    ensure!(privileged.exec("ls /own")? == b"/own\n", "it is there");
    ensure!(remove(&admin, &privileged, "path=/own").await?.0 == 204);
    dockline.terminate().await?;
    Ok(())
}
