//! Engines whose packets are lost, and engines that hang.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dockline_docker::Engine;
use dockline_testkit::{ContainerSpec, RecordingProxy, RemoteEngine, eventually};
use futures::StreamExt;
use tokio::time::timeout;

use crate::stage::{ANSWER, REMOTE, break_of, engine_of, follow, plain, remote, until_said};

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_vanishes_is_noticed_within_five_seconds() -> Result<()> {
    let _alone = REMOTE.write().await;
    let real = RemoteEngine::get();
    let engine = remote(&real)?;
    let container = real.local.run_container(&ContainerSpec::script("echo hello; sleep 60"))?;
    let mut log = follow(&engine, &container).await?;
    until_said(&mut log, "hello").await?;
    let mut stats = engine.stats(&container.id().parse()?).await?;
    stats.next().await.context("a sample")??;
    let events = engine.events(None).await?;
    let cut = real.cut_off()?;
    let began = Instant::now();
    let noticed = |end: Result<String>| -> Result<()> {
        let (said, after) = (end?, began.elapsed());
        ensure!(said.contains(&real.host) && said.contains("nothing was heard from it"), "{said}");
        ensure!(after <= Duration::from_secs(5), "noticed after {after:?}");
        Ok(())
    };
    let log_end = async { noticed(break_of(log).await).context("log") };
    let stats_end = async { noticed(break_of(stats).await).context("stats") };
    let events_end = async { noticed(break_of(events).await).context("events") };
    tokio::try_join!(log_end, stats_end, events_end)?;

    let began = Instant::now();
    let error = engine.ping().await.expect_err("it is gone");
    ensure!(error.to_string().contains("no connection within 4 s"), "{error}");
    ensure!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());

    drop(cut);
    eventually(ANSWER, || async { Ok(engine.ping().await?) }).await
}

/// A hung engine takes connections and answers nothing. Whoever stops waiting leaves no connection behind.
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_hangs_costs_a_deadline_and_no_connection() -> Result<()> {
    let proxy = RecordingProxy::start(&engine_of("28.5").host)?;
    let engine = plain(&proxy.host())?;
    engine.ping().await?;
    proxy.pause();
    for _ in 0..5 {
        ensure!(timeout(Duration::from_millis(200), engine.ping()).await.is_err(), "a hung engine answered");
    }
    let began = Instant::now();
    let error = engine.ping().await.expect_err("it hangs");
    ensure!(error.to_string().contains("did not answer a ping in time"), "{error}");
    ensure!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    proxy.resume();
    eventually(ANSWER, || async {
        let open = proxy.open_connections();
        ensure!(open == 0, "{open} connections are open");
        Ok(())
    })
    .await?;
    engine.ping().await?;
    Ok(())
}
