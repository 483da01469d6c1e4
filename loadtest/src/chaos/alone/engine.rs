//! Engines and containers that end and start again. What was written is what the engine has stored: between the
//! container's write and the engine's log lies what its end loses.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, OwnEngines, TestContainer, eventually};
use rand::{Rng, rngs::StdRng};
use tokio::{task::block_in_place, time::sleep};

use crate::chaos::{
    lines,
    record::Witness,
    scene::Scene,
    trial::{ARRIVAL, Trial, pause, verdict},
    writer::Stream,
};

/// Counts on, so that a container that is killed at any moment finds a number when it starts again.
const COUNT: &str = "i=$((i+1)); echo $i >/m; mv /m /n";
/// How many lines must arrive before, and again behind.
const LINES: u64 = 300;
/// How many lines a container prints before it ends, in a loop of restarts.
const EACH_RUN: u64 = 100;
/// How many runs are awaited: the engine doubles its pause between them, from 100 ms on.
const RUNS: u64 = 5;

/// The engine ends in good order and comes back, and starts the container again.
pub(crate) async fn restart_engine(scene: &mut Scene, engine: usize, random: &mut StdRng) -> Result<Trial> {
    // Counts on over its runs, by a file of its own.
    let script = format!(
        "i=$(cat /n 2>/dev/null || echo 0); while true; do {COUNT}; {}; usleep 1000; done",
        lines::shell(0)
    );
    let spec = ContainerSpec::script(script).restart("always").option("--stop-signal=KILL");
    let container = block_in_place(|| scene.engines[engine].create_container(&spec))?;
    let witnesses = Witness::at_each(&scene.doors, container.id());
    block_in_place(|| container.start())?;
    until(&witnesses, LINES).await?;
    sleep(Duration::from_millis(random.random_range(0..500))).await;
    let highest = witnesses[0].record().last(Stream::Stdout);
    OwnEngines::restart(&scene.engines[engine]).await?;
    until(&witnesses, highest + LINES).await.context("behind the restart")?;
    block_in_place(|| container.kill())?;
    compare(&container, &witnesses).await
}

/// The container ends by itself and is started again, over and over.
pub(crate) async fn restart_loop(scene: &mut Scene, engine: usize) -> Result<Trial> {
    let script = format!(
        "i=$(cat /n 2>/dev/null || echo 0); end=$((i+{EACH_RUN})); while [ $i -lt $end ]; do {COUNT}; {}; done; exit 1",
        lines::shell(0)
    );
    let policy = format!("on-failure:{}", RUNS - 1);
    let container = block_in_place(|| {
        scene.engines[engine].create_container(&ContainerSpec::script(script).restart(&policy))
    })?;
    let witnesses = Witness::at_each(&scene.doors, container.id());
    block_in_place(|| container.start())?;
    until(&witnesses, EACH_RUN * RUNS).await?;
    compare(&container, &witnesses).await
}

async fn until(witnesses: &[Witness], line: u64) -> Result<()> {
    for witness in witnesses {
        witness.until(Stream::Stdout, line, ARRIVAL).await?;
    }
    Ok(())
}

/// Compares with what the engine holds at the end.
async fn compare(container: &TestContainer, witnesses: &[Witness]) -> Result<Trial> {
    eventually(ARRIVAL, async || {
        let state = block_in_place(|| container.inspect("{{.State.Status}}"))?;
        ensure!(state == "exited", "the container is {state}");
        Ok(())
    })
    .await?;
    let stored = block_in_place(|| container.logs())?.stdout;
    let numbers = stored.split_inclusive(|byte| *byte == b'\n').map(lines::number);
    let written: Vec<u64> = numbers.collect::<Option<_>>().context("the engine stored a broken line")?;
    ensure!(written.first() == Some(&1) && written.is_sorted(), "the engine's own log is not in order");
    until(witnesses, written.last().copied().unwrap_or_default()).await.context("at the end")?;
    Ok(Trial {
        verdict: verdict(&[written, Vec::new()], witnesses),
        pause: pause(witnesses),
        ..Trial::default()
    })
}
