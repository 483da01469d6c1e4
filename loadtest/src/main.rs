//! Benchmarks of Dockline: each figure beside its target and a baseline that is taken in the same run.

mod bare_server;
mod bench;
mod chaos;
mod clock;
mod crowd;
mod docker_follow;
mod engine_logs;
mod feed;
mod hijacked;
mod http_body;
mod machine;
mod proc_meter;
mod report;
mod stage;
mod tally;
mod upgrade;
mod viewer;
mod ws_frames;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::bare_server::BareFrames;
use crate::chaos::Chaos;
use crate::report::Row;
use crate::stage::Stage;
use crate::upgrade::Upgrade;

/// Measures Dockline on a test engine of `deploy/engines/up`.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The program to measure; by default the one that cargo put beside this one.
    #[arg(long, global = true, value_name = "PATH")]
    dockline: Option<PathBuf>,
    /// The test engine's version, such as 20.10; by default the newest.
    #[arg(long, global = true, value_name = "VERSION")]
    engine: Option<String>,
    /// How long each measurement takes.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    seconds: u64,
    #[command(subcommand)]
    what: What,
}

/// What to measure.
#[derive(Debug, Clone, Subcommand)]
enum What {
    /// Everything, kept in loadtest/results/latest.md.
    All,
    /// Lines delivered to 1,000 viewers for each second of a core.
    Deliveries,
    /// Memory of 5,000 idle viewers.
    IdleMemory,
    /// Added latency against `docker logs -f`.
    Latency,
    /// Download of a stored log against the engine's API.
    Stored,
    /// Live lines through one WebSocket against the engine's API.
    Live,
    /// The engine's CPU time for 100 viewers against one `docker logs -f`.
    EngineCpu,
    /// Cold start and idle memory.
    Start,
    /// Batches that Redis takes behind the fence, against plain XADD.
    Publish,
    /// A line's way to viewers of three replicas; a streamer's memory while Redis hangs.
    Replicas,
    /// Events through Kafka into the history; a death's way to Kafka.
    Events,
    /// What Traefik adds to a request.
    Edge,
    /// A keystroke's echo through a terminal against one straight at the engine.
    Keystroke,
    /// Memory while a file of 1 GiB goes up and down.
    LargeFile,
    /// Faults in a cluster of real processes: nothing may be lost or come twice.
    Chaos(Chaos),
    /// A rolling upgrade of a cluster under load: nothing may be lost, come twice or fail.
    Upgrade(Upgrade),
    /// The server that others are compared with; started by the benchmarks.
    #[command(hide = true)]
    BareServer(BareFrames),
}

const EACH: [What; 13] = [
    What::Deliveries,
    What::IdleMemory,
    What::Latency,
    What::Stored,
    What::Live,
    What::EngineCpu,
    What::Start,
    What::Publish,
    What::Replicas,
    What::Events,
    What::Edge,
    What::Keystroke,
    What::LargeFile,
];

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    // Five thousand viewers need as many files, here and in the program that is measured.
    rlimit::increase_nofile_limit(u64::MAX).context("raise the limit of open files")?;
    if let What::BareServer(frames) = &cli.what {
        bare_server::serve(*frames).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut terminated = signal(SignalKind::terminate()).context("wait for signals")?;
    // Containers and processes are taken away when what holds them is dropped, so an interruption drops it.
    tokio::select! {
        code = Box::pin(run(cli)) => code,
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| ExitCode::from(130)).context("wait for signals"),
        _ = terminated.recv() => Ok(ExitCode::from(143)),
    }
}

async fn run(cli: Cli) -> Result<ExitCode> {
    if let What::Chaos(chaos) = &cli.what {
        let program = cli.dockline.map_or_else(stage::sibling, Ok)?;
        chaos::run(program, chaos).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if let What::Upgrade(what) = &cli.what {
        let sibling = cli.dockline.map_or_else(stage::sibling, Ok)?;
        upgrade::run(sibling, what).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let stage = Stage::new(cli.dockline, cli.engine.as_deref(), Duration::from_secs(cli.seconds))?;
    measure(&stage, cli.what).await
}

async fn measure(stage: &Stage, what: What) -> Result<ExitCode> {
    let wanted = if matches!(what, What::All) { EACH.to_vec() } else { vec![what.clone()] };
    let heading = machine::description(stage);
    println!("{heading}");
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for what in wanted {
        let began = Instant::now();
        match Box::pin(one(stage, &what)).await {
            Ok(more) => rows.extend(more),
            Err(error) => failures.push(format!("- {what:?} could not be measured: {error:#}\n")),
        }
        eprintln!("{what:?}: {:.0} s", began.elapsed().as_secs_f64());
    }
    let text = format!("{}{}", report::table(&rows), failures.concat());
    println!("{text}");
    if matches!(what, What::All) {
        keep(&format!("# Dockline's benchmarks, latest run\n\n{heading}\n{text}"))?;
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn one(stage: &Stage, what: &What) -> Result<Vec<Row>> {
    match what {
        What::Deliveries => bench::deliveries::run(stage).await,
        What::IdleMemory => bench::idle_memory::run(stage).await,
        What::Latency => bench::latency::run(stage).await,
        What::Stored => bench::stored::run(stage).await,
        What::Live => bench::live::run(stage).await,
        What::EngineCpu => bench::engine_cpu::run(stage).await,
        What::Start => bench::start::run(stage).await,
        What::Publish => bench::publish::run(stage).await,
        What::Replicas => bench::replicas::run(stage).await,
        What::Events => bench::events::run(stage).await,
        What::Edge => bench::edge::run(stage).await,
        What::Keystroke => bench::keystroke::run(stage).await,
        What::LargeFile => bench::large_file::run(stage).await,
        What::All | What::BareServer(_) | What::Chaos(_) | What::Upgrade(_) => Ok(Vec::new()),
    }
}

fn keep(text: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/latest.md");
    let folder = path.parent().context("a folder for the results")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text))
        .with_context(|| format!("write {}", path.display()))?;
    println!("kept in {}", path.display());
    Ok(())
}
