//! What an idle viewer costs in memory.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use crate::bare_server::{BareFrames, BareServer};
use crate::crowd::Crowd;
use crate::feed::Feed;
use crate::proc_meter;
use crate::report::{Row, Target, figure};
use crate::stage::{Open, Stage};

const VIEWERS: usize = 5_000;
/// Until what the upgrades needed has been given back.
const SETTLE: Duration = Duration::from_secs(3);
/// A thread that nobody asks for anything gives no memory back to the system: without requests, what hashing the set-up's
/// password took (19 MiB, by argon2id's parameters) would count as the memory of a server without viewers.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// 5,000 viewers of a container that prints nothing.
pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let feed = Feed::start(&stage.engine).await?;
    let open = stage.open().await?;
    let before = settled(&open).await?;
    let (crowd, _) = Crowd::counting(&open.door, &feed.live_path(), VIEWERS).await?;
    let after = settled(&open).await?;
    crowd.leave().await?;
    open.close().await?;

    let bare = BareServer::start(BareFrames { frame_bytes: 0, every_us: 0 }).await?;
    sleep(SETTLE).await;
    let bare_before = proc_meter::resident_bytes(bare.pid)?;
    let (crowd, _) = Crowd::counting(&bare.door, "/", VIEWERS).await?;
    sleep(SETTLE).await;
    let bare_after = proc_meter::resident_bytes(bare.pid)?;
    crowd.leave().await?;

    let each = (after - before) / VIEWERS as f64 / 1024.0;
    let bare_each = (bare_after - bare_before) / VIEWERS as f64 / 1024.0;
    Ok(vec![Row {
        name: "memory of an idle viewer".to_owned(),
        measured: format!("{} KiB", figure(each)),
        baseline: format!("bare server: {} KiB", figure(bare_each)),
        ratio: Some(each / bare_each),
        judged: each,
        target: Target::AtMost(15.0, "<= 15 KiB"),
        note: format!(
            "{VIEWERS} viewers of a container that prints nothing; resident {} MiB without and {} MiB with them",
            figure(before / 1_048_576.0),
            figure(after / 1_048_576.0)
        ),
    }])
}

/// The memory of a server that had time to give back what it needs no more.
async fn settled(open: &Open) -> Result<f64> {
    // Each request on a connection of its own, so that all of the server's threads get some.
    let http = reqwest::Client::builder().pool_max_idle_per_host(0).build()?;
    let url = format!("http://{}/healthz", open.door.address);
    let until = Instant::now() + SETTLE;
    while Instant::now() < until {
        http.get(&url).send().await?.error_for_status()?;
        sleep(ASK_EVERY).await;
    }
    open.resident()
}
