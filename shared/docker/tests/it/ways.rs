//! Everything that is asked of an engine, over every way to one.

use anyhow::{Context, Result, ensure};
use dockline_docker::{DockerEngine, Engine, Error, KillSignal, RemoveOptions};
use dockline_domain::access::Permission;
use dockline_testkit::{ContainerSpec, Link, RemoteEngine, Server, SshServer, TestEngine, engines};
use futures::StreamExt;
use tokio::time::timeout;

use crate::stage::{ANSWER, REMOTE, behind, engine_of, follow, grant, id, plain, remote, until_said};

#[tokio::test(flavor = "multi_thread")]
async fn over_unix_sockets() -> Result<()> {
    for engine in engines() {
        everything(&plain(&engine.host)?, &engine).await.with_context(|| engine.host.clone())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_plain_tcp() -> Result<()> {
    for engine in engines() {
        let link = Link::to(Server::Unix(engine.socket().to_owned())).await?;
        everything(&plain(&format!("tcp://{}", link.address()))?, &engine).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn over_mutual_tls() -> Result<()> {
    let _there = REMOTE.read().await;
    let engine = RemoteEngine::get();
    everything(&remote(&engine)?, &engine.local).await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ssh() -> Result<()> {
    let server = SshServer::start().await?;
    for engine in engines() {
        everything(&behind(&server, &engine)?, &engine).await.with_context(|| server.log_end())?;
    }
    Ok(())
}

/// A name in the address is resolved, and a request reaches the engine by it.
#[tokio::test(flavor = "multi_thread")]
async fn by_name() -> Result<()> {
    let link = Link::to(Server::Unix(engine_of("28.5").socket().to_owned())).await?;
    let engine = plain(&format!("tcp://localhost:{}", link.address().port()))?;
    timeout(ANSWER, engine.ping()).await??;
    Ok(())
}

async fn everything(engine: &DockerEngine, real: &TestEngine) -> Result<()> {
    questions_and_streams(engine, real).await?;
    commands(engine, real).await
}

async fn commands(engine: &DockerEngine, real: &TestEngine) -> Result<()> {
    let grant = grant(Permission::ContainersOperate)?;
    let container =
        real.create_container(&ContainerSpec::script("trap 'exit 3' TERM; while :; do sleep 0.1; done"))?;
    let id = id(&container)?;
    timeout(ANSWER, engine.start(&grant, &id)).await??;
    ensure!(engine.status(&id).await?.running);
    let name = format!("renamed-{}", id.short());
    engine.rename(&grant, &id, &name.parse()?).await?;
    ensure!(container.inspect("{{.Name}}")? == format!("/{name}"), "{}", container.inspect("{{.Name}}")?);
    engine.pause(&grant, &id).await?;
    engine.unpause(&grant, &id).await?;
    timeout(ANSWER, engine.stop(&grant, &id)).await??;
    ensure!(engine.status(&id).await?.exit_code == 3);
    let conflict = engine.kill(&grant, &id, KillSignal::Kill).await.expect_err("it does not run");
    ensure!(matches!(conflict, Error::Conflict { .. }), "{conflict:?}");
    engine.remove(&grant, &id, RemoveOptions::default()).await?;
    ensure!(matches!(engine.status(&id).await, Err(Error::NotFound)));
    Ok(())
}

async fn questions_and_streams(engine: &DockerEngine, real: &TestEngine) -> Result<()> {
    timeout(ANSWER, engine.ping()).await??;
    let info = timeout(ANSWER, engine.info()).await??;
    ensure!(info.version.starts_with(&real.version), "{info:?}");
    let wanted = if real.version == "20.10" { "1.41" } else { "1.51" };
    ensure!(info.api_version == wanted, "{info:?}");

    let mut events = timeout(ANSWER, engine.events(None)).await??;
    let container =
        real.run_container(&ContainerSpec::script("echo hello; sleep 1; echo again; sleep 60"))?;
    let container_id = id(&container)?;

    let list = timeout(ANSWER, engine.list()).await??;
    ensure!(list.iter().any(|one| one.identity().0 == container.id()), "the container is not listed");
    let status = timeout(ANSWER, engine.status(&container_id)).await??;
    ensure!(status.running && !status.tty, "{status:?}");

    let mut log = follow(engine, &container).await?;
    until_said(&mut log, "hello\n").await?;
    until_said(&mut log, "again\n").await?;

    let mut stats = timeout(ANSWER, engine.stats(&container_id)).await??;
    let first = timeout(ANSWER, stats.next()).await?.context("a first sample")??;
    let second = timeout(ANSWER, stats.next()).await?.context("a second sample")??;
    ensure!(second.at > first.at, "{first:?} {second:?}");

    let started = async {
        while let Some(event) = events.next().await {
            let event = event?;
            if event.actor_id == container.id() && event.action == "start" {
                return Ok(());
            }
        }
        anyhow::bail!("the events ended")
    };
    timeout(ANSWER, started).await.context("no event of the start")?
}
