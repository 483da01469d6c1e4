//! A rolling upgrade under load: writers, viewers and requests go on while every process of a cluster is replaced, one
//! after the other, by one of another program. Nothing may be lost, come twice or fail.

mod fleet;
mod history;
mod load;
mod requests;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use self::{fleet::Fleet, load::Load};

/// From what to what.
#[derive(Debug, Clone, Args)]
pub(crate) struct Upgrade {
    /// The program that runs first.
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
    /// The program that takes its place; by default the one that cargo put beside this one.
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
    /// Two replicas and one engine instead of three and all.
    #[arg(long)]
    short: bool,
}

/// Lines that every viewer must get behind each replacement before the next one.
const BETWEEN: u64 = 300;

/// Upgrades a cluster; an error if a line was lost or came twice, or a request failed, or the histories are not whole.
pub(crate) async fn run(sibling: PathBuf, what: &Upgrade) -> Result<()> {
    let to = what.to.as_ref().unwrap_or(&sibling);
    let mut fleet = Fleet::start(&what.from, what.short).await?;
    let load = Load::start(&fleet).await?;
    let mut ends = Vec::new();
    let replaced = replace_all(&mut fleet, to, &load, &mut ends).await;
    // What happened to requests is said in any case: it often tells why.
    let outcome = load.stop(&fleet).await;
    let outcome = match (replaced, outcome) {
        (Ok(()), outcome) => outcome?,
        (Err(error), Ok(outcome)) => return Err(error.context(outcome.to_string())),
        (Err(error), Err(other)) => return Err(error.context(format!("{other:#}"))),
    };
    println!("{outcome}");
    let took: Vec<_> =
        ends.iter().map(|(what, took)| format!("{what} {:.1} s", took.as_secs_f64())).collect();
    println!("{} processes were replaced, and took to end: {}", ends.len(), took.join(", "));
    ensure!(outcome.is_clean(), "the upgrade was not without loss");
    fleet.stop().await
}

/// The order of an upgrade: the schema, which both programs can use; streamers and the consumer; replicas last.
async fn replace_all(
    fleet: &mut Fleet,
    to: &Path,
    load: &Load,
    ends: &mut Vec<(String, Duration)>,
) -> Result<()> {
    load.until_further(BETWEEN).await.context("before the upgrade")?;
    fleet.cluster.use_program(to);
    let migrated = fleet.cluster.run(&["migrate"]).await.context("the new program's migration")?;
    eprint!("{migrated}");
    load.until_further(BETWEEN).await.context("the old program on the new schema")?;
    for streamer in 0..fleet.cluster.streamers.len() {
        ends.push((format!("streamer {streamer}"), fleet.replace_streamer(streamer).await?));
        load.until_further(BETWEEN).await.with_context(|| format!("behind streamer {streamer}"))?;
    }
    for consumer in 0..fleet.cluster.consumers.len() {
        ends.push((format!("consumer {consumer}"), fleet.replace_consumer(consumer).await?));
    }
    for replica in 0..fleet.cluster.replicas.len() {
        ends.push((format!("replica {replica}"), fleet.replace_replica(replica).await?));
        load.until_further(BETWEEN).await.with_context(|| format!("behind replica {replica}"))?;
    }
    Ok(())
}
