//! Limits of sockets, and peers that stall.

use std::time::Duration;

use anyhow::{Context, Result};
use dockline_testkit::{ContainerSpec, engines, eventually};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Api, PATIENCE, start};

#[tokio::test(flavor = "multi_thread")]
async fn ten_sockets_per_user_and_fifty_viewers_per_container() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[("DOCKLINE_VIEWERS_PER_CONTAINER", "12")]).await?;
    let container = engine.run_container(&ContainerSpec::script("sleep 100"))?;
    let path = format!("/ws/containers/{}/logs", container.id());

    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(api.socket(&path).await?);
    }
    assert_eq!(api.try_socket("/ws/events").await?.err(), Some(429), "the user's eleventh socket");
    // Others have seats of their own, until the container's are taken.
    api.add_user("vera", "viewer").await?;
    let vera = Api::sign_in(&dockline, "vera").await?;
    open.push(vera.socket(&path).await?);
    open.push(vera.socket(&path).await?);
    assert_eq!(vera.try_socket(&path).await?.err(), Some(429), "the container's thirteenth viewer");
    // A closed socket frees its seats.
    open.clear();
    eventually(PATIENCE, || async { api.socket(&path).await.map(drop) }).await?;
    dockline.terminate().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_message_closes_with_1009() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let (mut dockline, api) = start(&engine.host, &[]).await?;
    let mut socket = api.socket("/ws/events").await?;
    socket.send(Message::text("x".repeat(1_000))).await?;
    socket.send(Message::text("x".repeat(100_000))).await?;
    assert_eq!(socket.closed().await?.code, 1009);
    dockline.terminate().await?;
    Ok(())
}

/// Takes about 45 seconds: the time that a stalled viewer is given.
#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_viewer_costs_bounded_memory_and_delays_nobody() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let limits = [("DOCKLINE_SOCKETS_PER_USER", "100"), ("DOCKLINE_VIEWERS_PER_CONTAINER", "100")];
    let (mut dockline, api) = start(&engine.host, &limits).await?;
    let script = "l=$(head -c 1000 /dev/zero | tr '\\0' x); i=0; \
                  while true; do i=$((i+1)); echo $i $l; [ $((i % 20)) = 0 ] && usleep 5000; done";
    let container = engine.run_container(&ContainerSpec::script(script))?;

    let mut stalled = Vec::new();
    for _ in 0..20 {
        stalled.push(api.logs(container.id(), "tail=0").await?);
    }
    let mut reader = api.logs(container.id(), "tail=0").await?;
    reader.until(|seen| !seen.chunks.is_empty()).await?;
    let before = resident_kib(dockline.pid().context("a pid")?)?;
    let begin = std::time::Instant::now();
    let (mut most, mut most_queued) = (before, 0);
    while begin.elapsed() < Duration::from_secs(36) {
        let more = reader.seen.chunks.len() + 500;
        reader.until(|seen| seen.chunks.len() >= more).await?;
        reader.seen.chunks.drain(..more - 1);
        most = most.max(resident_kib(dockline.pid().context("a pid")?)?);
        most_queued = most_queued.max(longest_send_queue_kib(dockline.address())?);
    }
    assert_eq!(reader.seen.gaps, [], "the reader was delayed");
    // The ring's few MiB, and what the kernel and one frame hold per stalled peer: nothing that grows.
    assert!(most - before < 48 * 1024, "{before} KiB grew to {most} KiB");
    // The kernel would take 4 MiB for each.
    assert!((1..512).contains(&most_queued), "{most_queued} KiB wait in the kernel for one peer");
    for viewer in &mut stalled {
        // One that was not closed yet would be read for ever here.
        let closed =
            tokio::time::timeout(PATIENCE, viewer.socket.closed()).await.context("not closed yet")??;
        assert_eq!(closed.code, 4413);
    }
    dockline.terminate().await?;
    Ok(())
}

/// The most that the kernel holds for one peer of a server on loopback.
fn longest_send_queue_kib(server: &str) -> Result<u64> {
    let connections = std::fs::read_to_string("/proc/net/tcp")?;
    let port: u16 = server.rsplit(':').next().context("a port")?.parse()?;
    let local = format!("0100007F:{port:04X}");
    let mut longest = 0;
    for connection in connections.lines() {
        let fields: Vec<&str> = connection.split_whitespace().collect();
        if let [_, address, _, _, queues, ..] = fields.as_slice()
            && *address == local
        {
            let queued = queues.split(':').next().context("a queue to send")?;
            longest = longest.max(u64::from_str_radix(queued, 16)? / 1024);
        }
    }
    Ok(longest)
}

/// A process's memory in RAM.
pub fn resident_kib(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("a number")?.parse()?)
}
