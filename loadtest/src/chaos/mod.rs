//! Chaos runs: numbered writers on real engines, a cluster of real processes, viewers at every replica that write
//! down what they are told, a fault at a random moment, and a checker that knows what was written.

mod alone;
pub(crate) mod check;
mod fault;
mod inject;
mod lines;
mod planted;
pub(crate) mod record;
mod report;
mod scene;
pub(crate) mod trial;
pub(crate) mod writer;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use dockline_testkit::{OwnEngines, TestEngine, engines};
use rand::{SeedableRng, rngs::StdRng};

use self::{
    fault::Fault,
    report::{Outcome, Report},
    scene::{Plan, Scene},
    trial::Trial,
};

/// The quickest faults, for the short form.
const SHORT: [Fault; 4] =
    [Fault::KillLeader, Fault::CutRedis, Fault::FailoverRedis, Fault::FlushRedisAndKillLeader];

/// What to run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Chaos {
    /// How often each fault is injected.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Only this fault, or these; all of them otherwise.
    #[arg(long, value_enum)]
    fault: Vec<Fault>,
    /// Only some quick faults.
    #[arg(long, conflicts_with = "fault")]
    short: bool,
    /// The defects planted in the program, which must be noticed, instead of faults. Needs a debug build of the program.
    #[arg(long, conflicts_with_all = ["fault", "short", "report"])]
    planted: bool,
    /// A debug build of the program, whose planted defects must be noticed first.
    #[arg(long, value_name = "PATH")]
    debug_build: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

impl Chaos {
    fn faults(&self) -> Vec<Fault> {
        match (self.short, self.fault.as_slice()) {
            (true, _) => SHORT.to_vec(),
            (false, []) => Fault::value_variants().to_vec(),
            (false, named) => named.to_vec(),
        }
    }
}

/// Runs everything; an error if anything was lost, came twice or out of order, or a promise was not kept.
pub(crate) async fn run(program: PathBuf, what: &Chaos) -> Result<()> {
    let mut report = Report::default();
    let debug_build = if what.planted { Some(&program) } else { what.debug_build.as_ref() };
    if let Some(program) = debug_build {
        let engine = engines().pop().context("an engine")?;
        report.planted =
            Box::pin(planted::run(program, &engine)).await.context("defects planted on purpose")?;
        for row in &report.planted {
            println!("{row}");
        }
    }
    if !what.planted {
        for fault in what.faults() {
            let began = Instant::now();
            let outcome = Box::pin(one(&program, fault, what)).await;
            let outcome = outcome.unwrap_or_else(|error| Outcome::failed(fault, &error));
            println!("{outcome}");
            eprintln!("{}: {:.0} s", fault.name(), began.elapsed().as_secs_f64());
            report.outcomes.push(outcome);
        }
    }
    if let Some(folder) = &what.report {
        report::write(folder, &report)?;
    }
    let failed = report.outcomes.iter().filter(|outcome| !outcome.passed()).count();
    ensure!(failed == 0, "{failed} of {} faults were not survived as promised", report.outcomes.len());
    Ok(())
}

/// Injects one fault many times into one cluster.
async fn one(program: &Path, fault: Fault, what: &Chaos) -> Result<Outcome> {
    let own = match fault {
        Fault::RestartEngine => Some(tokio::task::block_in_place(OwnEngines::start)?),
        _ => None,
    };
    let engines = own.as_ref().map_or_else(engines, |own| own.engines.clone());
    let mut scene = open(program, fault, engines).await?;
    let mut trials = Vec::new();
    for seed in 0..what.seeds {
        let engine = usize::try_from(seed).unwrap_or_default() % scene.engines.len();
        match Box::pin(trial(&mut scene, engine, fault, seed)).await {
            Ok(trial) => {
                if let Some(note) = &trial.note {
                    eprintln!("{}, seed {seed}: {note}", fault.name());
                }
                trials.push(trial);
            }
            Err(error) => {
                scene.print_ends();
                return Err(error.context(format!("seed {seed}")));
            }
        }
    }
    scene.close().await?;
    drop(own);
    Ok(Outcome { fault, trials, timed: !what.short, failure: None })
}

async fn open(program: &Path, fault: Fault, engines: Vec<TestEngine>) -> Result<Scene> {
    let env = match fault {
        Fault::Idle => vec![("DOCKLINE_LOG_IDLE_SECONDS", alone::IDLE.as_secs().to_string())],
        _ => Vec::new(),
    };
    let plan = Plan { program, engines, replicas: 3, streamers: 2, env, streamer_env: Vec::new() };
    Scene::open(plan).await
}

async fn trial(scene: &mut Scene, engine: usize, fault: Fault, seed: u64) -> Result<Trial> {
    let mut random = StdRng::seed_from_u64(seed);
    match fault {
        Fault::LoseLastMessage => alone::lose_last(scene, engine, &mut random).await,
        Fault::RestartEngine => alone::restart_engine(scene, engine, &mut random).await,
        Fault::RestartLoop => alone::restart_loop(scene, engine).await,
        Fault::RotateOneFile => alone::rotate(scene, engine, 1).await,
        Fault::RotateTwoFiles => alone::rotate(scene, engine, 2).await,
        Fault::RotateFiveFiles => alone::rotate(scene, engine, 5).await,
        Fault::StalledViewers => alone::stalled_viewers(scene, engine).await,
        Fault::MissedEvents => alone::missed_events(scene, engine).await,
        Fault::Idle => alone::idle(scene, engine).await,
        Fault::Reconnects => alone::reconnects(scene, engine).await,
        under_way => trial::under_way(scene, engine, under_way, &mut random).await,
    }
}
