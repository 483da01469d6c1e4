//! From standalone to a cluster: `dockline migrate --from … --to …`, and people go on where they were.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use dockline_persistence::{Database, EventFilter};
use dockline_testkit::{
    Authority, ContainerSpec, DocklineCommand, PostgresServer, RedisServer, engines, eventually,
};
use serde_json::{Value, json};

use crate::client::{Api, PATIENCE, dockline};

async fn database() -> Result<(Arc<PostgresServer>, String)> {
    tokio::task::spawn_blocking(|| {
        let server = PostgresServer::start()?;
        let url = server.database()?;
        Ok((server, url))
    })
    .await?
}

async fn ask(api: &Api, path: &str) -> Result<Value> {
    let (status, body) = api.call("GET", path, None).await?;
    ensure!(status == 200, "{path}: {status} {body}");
    Ok(body)
}

/// The events of a container, once there are some.
async fn events(api: &Api, container: &str) -> Result<Value> {
    let path = format!("/api/v1/events?kind=container&limit=500&actor={container}");
    eventually(PATIENCE, async || {
        let items = ask(api, &path).await?["items"].clone();
        let has =
            |action: &str| items.as_array().is_some_and(|all| all.iter().any(|one| one["action"] == action));
        ensure!(has("create") && has("start") && has("die"), "{items}");
        Ok(items)
    })
    .await
}

/// Waits until the file has these events: the API tells of those, too, that are on their way there.
async fn until_kept(file: &str, known: &Value) -> Result<()> {
    let database = Database::open_unmigrated(file).await?;
    let ids: Vec<&str> =
        known.as_array().into_iter().flatten().filter_map(|one| one["id"].as_str()).collect();
    eventually(PATIENCE, async || {
        let kept = database.events().search(&EventFilter { limit: 1_000, ..EventFilter::default() }).await?;
        let kept: Vec<&str> = kept.events.iter().map(|(id, _)| id.as_str()).collect();
        ensure!(ids.iter().all(|id| kept.contains(id)), "{kept:?} of {ids:?}");
        Ok(())
    })
    .await?;
    Ok(database.close().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_installation_goes_on_as_a_cluster() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let folder = tempfile::tempdir()?;
    let command = dockline().docker_host(&engine.host).data_dir(folder.path());
    let mut standalone = command.start().await?;
    let ada = Api::set_up(&standalone).await?;
    ada.add_user("bob", "viewer").await?;
    let (authority, address) = (Authority::new()?, "tcp://127.0.0.1:1");
    let client = authority.issue(&["client"])?;
    let tls = json!({ "ca": authority.certificate(), "certificate": client.certificate, "key": client.key });
    let edge = json!({ "id": "edge", "address": address, "labels": { "zone": "a" }, "tls": tls });
    let (status, added) = ada.call("POST", "/api/v1/hosts", Some(edge)).await?;
    ensure!(status == 201, "{status} {added}");
    let container = engine.run_container(&ContainerSpec::script("exit 3"))?;
    let known = events(&ada, container.id()).await?;

    let (_server, url) = database().await?;
    let file = format!("sqlite://{}", folder.path().join("dockline.db").display());
    until_kept(&file, &known).await?;
    // The password of a database's address is seen in the list of processes, so the environment will do as well.
    let migrate =
        |from: &str| dockline().env("DOCKLINE_DATABASE_URL", &url).arg("migrate").arg("--from").arg(from);
    let in_use = migrate(&file).run_to_end().await?;
    ensure!(
        in_use.status.code() == Some(2) && in_use.stderr.contains("another dockline uses"),
        "{}",
        in_use.stderr
    );
    ensure!(standalone.terminate().await?.success());
    let absent = migrate(&file.replace("dockline.db", "other.db")).run_to_end().await?;
    ensure!(!absent.status.success() && absent.stderr.contains("there is no database"), "{}", absent.stderr);
    ensure!(!folder.path().join("other.db").exists(), "looking for a database made one");

    let verified = command.clone().arg("admin").arg("verify-audit").run_to_end().await?;
    let carried =
        dockline().arg("migrate").arg("--from").arg(&file).arg("--to").arg(&url).run_to_end().await?;
    ensure!(carried.status.success(), "{}", carried.stderr);
    ensure!(
        carried.stdout.contains("users: 2 rows") && carried.stdout.contains("hosts: 2 rows"),
        "{}",
        carried.stdout
    );
    let head = verified.stdout.split_whitespace().last().context("a hash")?;
    ensure!(carried.stdout.contains(head), "{} {}", verified.stdout, carried.stdout);
    let key = folder.path().join("secret-key");
    ensure!(
        carried.stdout.contains(&format!("DOCKLINE_SECRET_KEY_FILE={}", key.display())),
        "{}",
        carried.stdout
    );
    let again = migrate(&file).run_to_end().await?;
    ensure!(!again.status.success() && again.stderr.contains("is not empty"), "{}", again.stderr);

    let redis = RedisServer::start().await?;
    let cluster = |command: DocklineCommand| {
        command
            .env("DOCKLINE_DATABASE_URL", &url)
            .env("DOCKLINE_REDIS_URL", redis.url())
            .env("DOCKLINE_SECRET_KEY_FILE", &key)
            .env("DOCKLINE_HOSTS", format!("local={}", engine.host))
    };
    let replica = cluster(dockline()).arg("api").start().await?;
    ensure!(!replica.stdout().contains("set up the first administrator"), "{}", replica.stdout());
    // Who was signed in still is, and passwords are the same.
    let me = ask(&ada.at(&replica), "/api/v1/auth/me").await?;
    ensure!(me["user"]["username"] == "ada" && me["user"]["role"] == "admin", "{me}");
    let bob = ask(&Api::sign_in(&replica, "bob").await?, "/api/v1/auth/me").await?;
    ensure!(bob["user"]["role"] == "viewer", "{bob}");
    let ada = Api::sign_in(&replica, "ada").await?;
    ensure!(events(&ada, container.id()).await? == known, "not the same events");
    let host = ask(&ada, "/api/v1/hosts/edge").await?;
    ensure!(
        host["address"] == address && host["labels"]["zone"] == "a" && host["security"] == "tls",
        "{host}"
    );
    // Its credentials were opened: what fails is the connection.
    let error = host["error"].as_str().unwrap_or_default();
    ensure!(host["state"] == "offline" && !error.contains("DOCKLINE_SECRET_KEY"), "{host}");

    let verified = cluster(dockline()).arg("admin").arg("verify-audit").run_to_end().await?;
    ensure!(
        verified.status.success() && verified.stdout.contains("rows are as they were written"),
        "{}",
        verified.stderr
    );
    let audit = ask(&ada, "/api/v1/audit?limit=100").await?;
    for action in ["user.create", "host.create", "auth.login"] {
        ensure!(audit.to_string().contains(action), "{action} is not in {audit}");
    }
    Ok(())
}
