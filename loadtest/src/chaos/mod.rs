//! Chaos runs: numbered writers on real engines, a cluster of real processes, viewers at every replica that write
//! down what they are told, a fault at a random moment, and a checker that knows what was written.

mod check;
mod fault;
mod record;
mod report;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use dockline_testkit::{ContainerSpec, DocklineCluster, DocklineCommand, TestEngine, engines};
use futures::future::try_join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::time::sleep;

use self::{
    check::{Verdict, check},
    fault::Fault,
    report::{Outcome, Trial},
};
use crate::{stage, viewer::Door};

/// How many lines a writer writes; at about 2.5 ms each, nine seconds.
const LINES: u64 = 3_500;

/// What to run.
#[derive(Debug, Clone, Args)]
pub(crate) struct Chaos {
    /// How often each fault is injected.
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// Only this fault; all but `kill-replica` otherwise.
    #[arg(long, value_enum)]
    fault: Option<Fault>,
    /// Where the report goes.
    #[arg(long, value_name = "FOLDER")]
    report: Option<PathBuf>,
}

/// Runs everything; an error if anything was lost, came twice or out of order.
pub(crate) async fn run(program: PathBuf, what: &Chaos) -> Result<()> {
    let faults = what.fault.map_or_else(|| Fault::EACH.to_vec(), |fault| vec![fault]);
    let mut outcomes = Vec::new();
    for fault in faults {
        let outcome =
            Box::pin(one(&program, fault, what.seeds)).await.with_context(|| format!("{fault:?}"))?;
        println!("{outcome}");
        outcomes.push(outcome);
    }
    if let Some(folder) = &what.report {
        report::write(folder, &outcomes)?;
    }
    let unclean = outcomes.iter().filter(|outcome| !outcome.is_clean()).count();
    ensure!(unclean == 0, "{unclean} of {} faults were not survived without a loss", outcomes.len());
    Ok(())
}

async fn one(program: &PathBuf, fault: Fault, seeds: u64) -> Result<Outcome> {
    let engines = engines();
    let hosts: Vec<String> = engines.iter().map(|engine| engine.host.clone()).collect();
    let command = DocklineCommand::new(program).env("DOCKLINE_SOCKETS_PER_USER", "1000");
    let mut cluster = DocklineCluster::start(command, &hosts, 3, 2).await?;
    let token = stage::set_up(&cluster.replicas[0]).await?;
    let doors: Vec<Door> = cluster
        .replicas
        .iter()
        .map(|replica| Door { address: replica.address().to_owned(), token: token.clone() })
        .collect();
    let mut trials = Vec::new();
    for seed in 0..seeds {
        let host = usize::try_from(seed).unwrap_or_default() % engines.len();
        let trial = trial(&mut cluster, &engines[host], &format!("host-{host}"), &doors, fault, seed).await;
        trials.push(trial.with_context(|| format!("seed {seed}"))?);
    }
    let fenced = fenced(&cluster).await?;
    cluster.stop().await?;
    let name = fault.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    Ok(Outcome { name, trials, fenced })
}

async fn trial(
    cluster: &mut DocklineCluster,
    engine: &TestEngine,
    host: &str,
    doors: &[Door],
    fault: Fault,
    seed: u64,
) -> Result<Trial> {
    let mut random = StdRng::seed_from_u64(seed);
    let script =
        format!("i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo line $i; usleep 2000; done; sleep 60");
    let container = engine.create_container(&ContainerSpec::script(script))?;
    let viewers = (0..doors.len()).map(|first| {
        let mut doors = doors.to_vec();
        doors.rotate_left(first);
        let container = container.id().to_owned();
        async move { tokio::spawn(record::watch(doors, container, LINES)).await? }
    });
    let viewers = tokio::spawn(try_join_all(viewers));
    container.start()?;
    sleep(Duration::from_millis(random.random_range(1_000..3_000))).await;
    fault.inject(cluster, host).await?;
    let records = viewers.await??;
    let verdict =
        records.iter().map(|record| check(LINES, &record.seen)).fold(Verdict::default(), Verdict::plus);
    let pause = records.iter().map(|record| longest_pause(&record.arrived)).max().unwrap_or_default();
    Ok(Trial { verdict, pause })
}

fn longest_pause(arrived: &[i64]) -> Duration {
    let longest = arrived.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
    Duration::from_nanos(longest.unsigned_abs())
}

/// How many writes of leaders whose term had ended were refused.
async fn fenced(cluster: &DocklineCluster) -> Result<u64> {
    let mut sum = 0;
    for streamer in &cluster.streamers {
        let metrics = reqwest::get(streamer.url("/metrics")).await?.text().await?;
        let count = metrics.lines().find_map(|line| line.strip_prefix("dockline_fenced_total "));
        sum += count.and_then(|count| count.parse::<u64>().ok()).context("the metric of refused writes")?;
    }
    Ok(sum)
}
