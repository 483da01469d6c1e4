//! Stacks on hosts that only Dockline has the keys of: the plugin is led there, and gets none.

use anyhow::{Context, Result, ensure};
use dockline_testkit::{RemoteEngine, SshServer, TestProject, engines, eventually};
use serde_json::json;

use crate::{
    client::PATIENCE,
    stacks::{SHOP, engine, get, start, succeeded},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_host_behind_tls_is_reached_without_its_key_on_disk() -> Result<()> {
    let remote = RemoteEngine::get();
    let project = TestProject::new(&remote.local, "remote");
    let (mut process, api) = start(&engine()?.host).await?;
    let client = remote.client()?;
    let host = json!({
        "id": "edge", "address": remote.host,
        "tls": { "ca": remote.ca()?, "certificate": client.certificate, "key": client.key },
    });
    let (status, added) = api.call("POST", "/api/v1/hosts", Some(host)).await?;
    ensure!(status == 201, "{status} {added}");
    let body = json!({ "name": project.name(), "compose": SHOP });
    succeeded(&api, "POST", "/api/v1/hosts/edge/stacks", Some(body)).await?;
    ensure!(project.containers()?.len() == 2, "{:?}", project.containers()?);
    let path = format!("/api/v1/hosts/edge/stacks/{}", project.name());
    succeeded(&api, "DELETE", &format!("{path}?volumes=true&confirm={}", project.name()), None).await?;
    ensure!(project.ids()?.is_empty());
    ensure!(process.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_behind_an_ssh_server_lives_from_its_file_to_its_removal() -> Result<()> {
    let [far, near] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let server = SshServer::start().await?;
    let project = TestProject::new(&far, "ssh");
    let (mut process, api) = start(&near.host).await?;
    let host = json!({
        "id": "edge", "address": server.address(far.socket()),
        "ssh": { "private_key": server.client_key()?, "host_key": server.host_key()? },
    });
    let (status, added) = api.call("POST", "/api/v1/hosts", Some(host)).await?;
    ensure!(status == 201 && added["state"] == "online", "{status} {added}");
    let stacks = "/api/v1/hosts/edge/stacks";
    let path = format!("{stacks}/{}", project.name());
    let web = format!("{}-web-1", project.name());
    let says = async |words: &str| {
        eventually(PATIENCE, || async {
            let log = String::from_utf8(far.docker(["logs", web.as_str()])?.stdout)?;
            ensure!(log.contains(words), "{log}");
            Ok(())
        })
        .await
    };

    let body = json!({ "name": project.name(), "compose": SHOP, "variables": { "TAG": "one" } });
    let job = succeeded(&api, "POST", stacks, Some(body)).await?;
    let id = format!("Container {web}");
    let steps = job["progress"]["steps"].as_array().context("steps")?;
    ensure!(steps.iter().any(|step| step["id"] == id.as_str() && step["text"] == "Started"), "{job}");
    let is_there =
        near.docker(["ps", "--all", "--quiet", "--filter", &format!("name={}", project.name())])?;
    ensure!(is_there.stdout.is_empty(), "it is on the wrong engine");
    let seen = get(&api, &path).await?;
    ensure!(seen["state"] == "running" && seen["total"] == 2 && seen["deployed_revision"] == 1, "{seen}");
    says("tag=one").await?;

    // Every session breaks off: the next command logs in anew.
    ensure!(server.kill_sessions().await? > 0, "the engine is reached by another way than this server");
    let before = project.ids()?;
    succeeded(&api, "PUT", &path, Some(json!({ "variables": { "TAG": "two" } }))).await?;
    let after = project.ids()?;
    ensure!(after.iter().filter(|id| before.contains(id)).count() == 1, "{before:?} {after:?}");
    says("tag=two").await?;
    succeeded(&api, "POST", &format!("{path}/stop"), None).await?;
    ensure!(project.containers()?.iter().all(|(_, state)| state == "exited"), "{:?}", project.containers()?);
    succeeded(&api, "POST", &format!("{path}/start"), None).await?;

    succeeded(&api, "DELETE", &format!("{path}?volumes=true&confirm={}", project.name()), None).await?;
    ensure!(project.ids()?.is_empty() && project.volumes()?.is_empty());
    ensure!(api.call("GET", &path, None).await?.0 == 404);
    ensure!(process.terminate().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lets_nobody_through_is_named_and_nothing_is_changed() -> Result<()> {
    let [far, near] = <[_; 2]>::try_from(engines()).ok().context("two engines")?;
    let server = SshServer::start_with(&["AllowStreamLocalForwarding no"]).await?;
    let project = TestProject::new(&far, "ssh-closed");
    let (mut process, api) = start(&near.host).await?;
    let host = json!({
        "id": "edge", "address": server.address(far.socket()),
        "ssh": { "private_key": server.client_key()?, "host_key": server.host_key()? },
    });
    let (status, added) = api.call("POST", "/api/v1/hosts", Some(host)).await?;
    ensure!(status == 201 && added["state"] == "offline", "{status} {added}");
    let why = added["error"].as_str().context("why")?;
    ensure!(why.contains("AllowStreamLocalForwarding") && why.contains("ssh://"), "{why}");
    let body = json!({ "name": project.name(), "compose": SHOP });
    let (status, refused) = api.call("POST", "/api/v1/hosts/edge/stacks", Some(body)).await?;
    ensure!(status == 502 && refused["code"] == "engine_unreachable", "{status} {refused}");
    ensure!(refused["details"]["host"] == "edge" && project.ids()?.is_empty(), "{refused}");
    ensure!(process.terminate().await?.success());
    Ok(())
}
