//! How SSH sessions are shared, noticed to be gone, and made again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_docker::Engine;
use dockline_testkit::{ContainerSpec, Link, Server, SshServer, Way, eventually};
use futures::{StreamExt, future::join_all};
use tokio::time::timeout;

use crate::stage::{ANSWER, behind, break_of, engine_of, follow, ssh, until_said};

#[tokio::test(flavor = "multi_thread")]
async fn calls_share_a_session_and_each_log_has_its_own() -> Result<()> {
    let (server, real) = (SshServer::start().await?, engine_of("28.5"));
    let engine = behind(&server, &real)?;
    for answer in join_all((0..20).map(|_| engine.list())).await {
        answer?;
    }
    let _events = engine.events(None).await?;
    ensure!(server.sessions()?.len() == 1, "{:?}", server.sessions());

    let container = real.run_container(&ContainerSpec::script("echo hello; sleep 60"))?;
    let mut log = follow(&engine, &container).await?;
    until_said(&mut log, "hello").await?;
    ensure!(server.sessions()?.len() == 2, "{:?}", server.sessions());
    drop(log);
    eventually(ANSWER, || async {
        let left = server.sessions()?.len();
        ensure!(left == 1, "{left} sessions are left");
        Ok(())
    })
    .await?;
    drop((engine, _events));
    eventually(ANSWER, || async {
        let left = server.sessions()?.len();
        ensure!(left == 0, "{left} sessions are left");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_nothing_else() -> Result<()> {
    let (server, real) = (SshServer::start().await?, engine_of("28.5"));
    let engine = behind(&server, &real)?;
    // 64 MiB: more than all buffers on the way.
    let container = real.run_container(
        &ContainerSpec::script(
            "yes 'a line of some length, so that it comes to something' | head -c 67108864; sleep 60",
        )
        .log_driver("local"),
    )?;
    let mut log = follow(&engine, &container).await?;
    log.next().await.context("a first chunk")??;
    for _ in 0..20 {
        timeout(Duration::from_secs(5), engine.ping()).await.context("a ping waited for the log")??;
        timeout(Duration::from_secs(5), engine.list()).await.context("a list waited for the log")??;
    }
    // And the log goes on where it was left.
    log.next().await.context("another chunk")??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_session_ends_its_streams_and_is_made_again() -> Result<()> {
    let (server, real) = (SshServer::start().await?, engine_of("28.5"));
    let engine = behind(&server, &real)?;
    let container = real.run_container(&ContainerSpec::script("echo hello; sleep 60"))?;
    let events = engine.events(None).await?;
    let mut log = follow(&engine, &container).await?;
    until_said(&mut log, "hello").await?;
    engine.ping().await?;

    ensure!(server.kill_sessions().await? == 2);
    let (log_end, events_end) = tokio::join!(break_of(log), break_of(events));
    for said in [log_end?, events_end?] {
        ensure!(said.contains("the SSH session broke"), "{said}");
    }

    timeout(ANSWER, engine.ping()).await??;
    let mut log = follow(&engine, &container).await?;
    until_said(&mut log, "hello").await?;
    Ok(())
}

/// The connection stays open and nothing comes over it any more: the server's machine is gone, or it hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_hangs_is_noticed_within_five_seconds() -> Result<()> {
    let (server, real) = (SshServer::start().await?, engine_of("28.5"));
    let engine = behind(&server, &real)?;
    let container = real.run_container(&ContainerSpec::script("echo hello; sleep 60"))?;
    engine.ping().await?;
    let mut stats = engine.stats(&container.id().parse()?).await?;
    stats.next().await.context("a sample")??;
    let mut log = follow(&engine, &container).await?;
    until_said(&mut log, "hello").await?;

    ensure!(server.pause_sessions().await? == 2);
    let paused = Instant::now();
    let (log_end, stats_end) = tokio::join!(break_of(log), break_of(stats));
    for said in [log_end?, stats_end?] {
        ensure!(said.contains("no sign of life"), "{said}");
    }
    ensure!(paused.elapsed() <= Duration::from_secs(5), "noticed after {:?}", paused.elapsed());
    // The next request logs in anew.
    timeout(ANSWER, engine.ping()).await??;
    Ok(())
}

/// A server that takes its time to log somebody in has the session ready for those who come later, although nobody waited
/// long enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_log_in_is_not_begun_again_by_everyone() -> Result<()> {
    let server = SshServer::start().await?;
    let link = Link::to(Server::local(server.port())).await?;
    let address =
        format!("ssh://{}@{}{}", server.user(), link.address(), engine_of("28.5").socket().display());
    let engine = ssh(&address, server.client_key()?, server.host_key()?)?;
    link.hold(Way::Down, true);
    for _ in 0..5 {
        ensure!(timeout(Duration::from_millis(100), engine.ping()).await.is_err(), "it answered");
    }
    link.hold(Way::Down, false);
    timeout(ANSWER, engine.ping()).await??;
    let logins = server.log_end().matches("Accepted publickey").count();
    ensure!(logins == 1, "{}", server.log_end());
    Ok(())
}

/// A server that gets stuck before the log-in costs no connection for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_gets_stuck_ends() -> Result<()> {
    let server = SshServer::start().await?;
    let link = Link::to(Server::local(server.port())).await?;
    let address =
        format!("ssh://{}@{}{}", server.user(), link.address(), engine_of("28.5").socket().display());
    let engine = ssh(&address, server.client_key()?, server.host_key()?)?;
    link.hold_at(Way::Down, b"SSH-2.0");
    // A ping gives up before the dialer does.
    let said = engine.list().await.err().context("it answered")?.to_string();
    ensure!(said.contains("no connection within") && said.contains(&address), "{said}");
    // What was held comes late: the key exchange goes on, and gets stuck.
    link.hold(Way::Down, false);
    eventually(ANSWER, || async {
        let left = server.sessions()?.len();
        ensure!(left == 0, "{left} sessions are left");
        Ok(())
    })
    .await
}
