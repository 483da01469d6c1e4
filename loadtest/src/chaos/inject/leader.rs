//! What happens to a leader.

use std::time::Duration;

use anyhow::{Context, Result};
use dockline_testkit::Way;
use tokio::time::{sleep, timeout};

use crate::chaos::{scene::Scene, trial::Trial};

/// How long a leader stands still: much longer than its lease lives.
const PAUSE: Duration = Duration::from_secs(10);
/// A leader under load writes to Redis at least this often.
const NEXT_WRITE: Duration = Duration::from_secs(5);

pub(super) async fn kill(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let leader = scene.leader(engine).await?;
    scene.cluster.streamers[leader].kill9().await?;
    scene.leader_other_than(engine, leader).await?;
    scene.cluster.replace_streamer(leader).await?;
    Ok(Trial::default())
}

pub(super) async fn end(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let leader = scene.leader(engine).await?;
    scene.cluster.streamers[leader].terminate().await?;
    scene.cluster.replace_streamer(leader).await?;
    Ok(Trial::default())
}

/// A leader that stops between sending a write and its arrival, as a process without a core or a delayed packet does.
pub(super) async fn pause(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let leader = scene.leader(engine).await?;
    let (process, link) = (&scene.cluster.streamers[leader], scene.streamer_link(leader));
    // The script that appends to a log says how it publishes; nothing else of a leader does so often.
    link.hold_at(Way::Up, b"log-news:");
    timeout(NEXT_WRITE, link.until_held(Way::Up)).await.context("the leader wrote nothing")?;
    process.signal("STOP").await?;
    sleep(PAUSE).await;
    link.hold(Way::Up, false);
    process.signal("CONT").await?;
    Ok(Trial::default())
}
