//! One log request at the engine, whatever the viewers ask for.

use anyhow::{Context, Result};
use dockline_testkit::{ContainerSpec, RecordingProxy, RequestLine, engines};
use futures::{StreamExt, TryStreamExt, stream};

use crate::client::{assert_numbered, start};

const VIEWERS: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_viewers_cause_one_log_request() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let proxy = RecordingProxy::start(&engine.host)?;
    let limits = [("DOCKLINE_SOCKETS_PER_USER", "2000"), ("DOCKLINE_VIEWERS_PER_CONTAINER", "2000")];
    let (mut dockline, api) = start(&proxy.host(), &limits).await?;
    let container = engine.run_container(&ContainerSpec::script(
        "for i in $(seq 1 1500); do echo line $i; done; while true; do echo more; sleep 1; done",
    ))?;

    let viewers: Vec<_> = stream::iter(0..VIEWERS)
        .map(|n| {
            let (api, id) = (api.clone(), container.id().to_owned());
            async move { api.logs(&id, &format!("tail={n}")).await }
        })
        .buffer_unordered(50)
        .try_collect()
        .await?;
    let seen: Vec<usize> = stream::iter(viewers)
        .map(|mut viewer| async move {
            // Each is served its history and then the live line.
            viewer.until(|seen| seen.lines().last().is_some_and(|line| line == "more")).await?;
            anyhow::Ok(viewer.seen.chunks.len())
        })
        .buffer_unordered(100)
        .try_collect()
        .await?;
    assert_eq!(seen.len(), VIEWERS);
    assert!(seen.iter().max() > seen.iter().min(), "tails differ");
    let read: Vec<_> = proxy.requests().into_iter().filter(|one| one.is_container_logs()).collect();
    assert_eq!(read.len(), 1, "{read:?}");

    // The same for stats.
    let mut first = api.socket(&format!("/ws/containers/{}/stats", container.id())).await?;
    let mut second = api.socket(&format!("/ws/containers/{}/stats", container.id())).await?;
    for socket in [&mut first, &mut second] {
        while socket.next_json().await?["type"] != "stats" {}
    }
    // Those of other containers are read for their history.
    let of_this =
        |request: &RequestLine| request.is_container_stats() && request.path().contains(container.id());
    assert_eq!(proxy.count(of_this), 1);
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_closed_after_the_last_viewer_and_goes_on_in_the_same_epoch() -> Result<()> {
    for engine in engines() {
        let proxy = RecordingProxy::start(&engine.host)?;
        let (mut dockline, api) = start(&proxy.host(), &[("DOCKLINE_LOG_IDLE_SECONDS", "1")]).await?;
        let script = "i=0; while true; do i=$((i+1)); echo line $i; usleep 20000; done";
        let container = engine.run_container(&ContainerSpec::script(script))?;

        let mut viewer = api.logs(container.id(), "tail=all").await?;
        viewer.until(|seen| seen.chunks.len() > 20).await?;
        let seen = viewer.seen.clone();
        drop(viewer);
        // The engine's stream is gone when the idle time is over; the events stream stays.
        dockline_testkit::eventually(crate::client::PATIENCE, || async {
            let metrics = api.call("GET", "/metrics", None).await?.1;
            let closed = metrics.as_str().is_some_and(|text| text.contains("dockline_log_streams 0"));
            anyhow::ensure!(closed, "the log stream is still open");
            Ok(())
        })
        .await?;

        let mut viewer = api.logs(container.id(), &format!("from={}:{}", seen.epoch, seen.last)).await?;
        viewer.seen = seen.clone();
        viewer.until(|now| now.chunks.len() > seen.chunks.len() + 20).await?;
        assert_eq!(viewer.seen.gaps, [], "engine {}", engine.version);
        assert_numbered(&viewer.seen.lines(), "line ", &engine.version);
        dockline.terminate().await?;
    }
    Ok(())
}
