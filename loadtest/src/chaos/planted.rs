//! Defects planted in the streamers of a debug build: the checker must report each of them, and must find nothing when
//! the same is done to streamers without one. A harness that has not failed proves nothing.
//!
//! Each scenario arranges what its defect needs, so that it shows whatever the timing: a `begin` of a numbering that
//! arrives when its sender's term is over, a Redis that goes back in time under a leader, a line half of which was
//! read when the leader dies.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use dockline_fanout::flaw::Flaw;
use dockline_testkit::{TestEngine, Way, eventually};
use tokio::time::timeout;

use super::{
    check::Verdict,
    record::Witness,
    scene::{Plan, Scene},
    trial::judge,
    writer::{Stream, Writer},
};

/// Everything that must arrive does within this time, on a busy machine.
const ARRIVAL: Duration = Duration::from_secs(20);

/// More lines than `locate` needs to be sure of its place.
const BEFORE: u64 = 200;
const BEHIND: u64 = 100;
/// Of a line that the engine cuts into pieces of 16 KiB.
const LONG: usize = 100_000;
/// How much of it is written before the fault: two whole pieces.
const BEGUN: usize = 40_000;
/// How often a defect may hide before that counts as a failure of the harness.
const TRIES: u32 = 3;

/// The defects.
const EACH: [Flaw; 4] = [Flaw::NoFence, Flaw::NoCompare, Flaw::SinceLast, Flaw::MergeFirst];

/// Runs each scenario with its defect and without; an error unless the checker tells them apart.
pub(crate) async fn run(program: &Path, engine: &TestEngine) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    let mut sound = scene(program, engine, None).await?;
    for flaw in EACH {
        let verdict =
            Box::pin(scenario(&mut sound, flaw)).await.with_context(|| format!("without {}", flaw.name()))?;
        ensure!(verdict.is_whole(), "the scenario of {} is not clean without it: {verdict:?}", flaw.name());
        if flaw == Flaw::NoFence {
            eventually(ARRIVAL, async || {
                ensure!(sound.refused() > 0, "the late write was not refused");
                Ok(())
            })
            .await?;
        }
    }
    sound.close().await?;
    for flaw in EACH {
        let (verdict, tries) =
            Box::pin(caught(program, engine, flaw)).await.with_context(|| flaw.name().to_owned())?;
        let Verdict { lost, marked, marks, duplicated, disordered, unexpected } = verdict;
        rows.push(format!(
            "| {} | {lost} | {duplicated} | {disordered} | {unexpected} | {marked} | {marks} | {tries} |",
            flaw.name()
        ));
    }
    Ok(rows)
}

/// Whether the checker reports what the defect does, and not something else.
const fn shows(flaw: Flaw, verdict: &Verdict) -> bool {
    match flaw {
        // The numbering that a leader began whose term was over shows everything again.
        Flaw::NoFence => verdict.duplicated > 0,
        // What was behind the place to which Redis went back is stored nowhere.
        Flaw::NoCompare => verdict.lost + verdict.marked > 0,
        // The rest of the line has the time stamp of its begin.
        Flaw::SinceLast => verdict.lost > 0 || verdict.duplicated > 0,
        // The begin of the line was read before, and its end comes alone.
        Flaw::MergeFirst => verdict.lost > 0 && verdict.unexpected > 0,
    }
}

/// The verdict on the first try in which the defect shows, and which one that was.
async fn caught(program: &Path, engine: &TestEngine, flaw: Flaw) -> Result<(Verdict, u32)> {
    let mut scene = scene(program, engine, Some(flaw)).await?;
    for tries in 1..=TRIES {
        let verdict = scenario(&mut scene, flaw).await?;
        if shows(flaw, &verdict) {
            // What the defect has done to the processes is no matter here.
            return Ok((verdict, tries));
        }
    }
    bail!("the checker noticed nothing in {TRIES} tries: is it a debug build?")
}

async fn scene(program: &Path, engine: &TestEngine, flaw: Option<Flaw>) -> Result<Scene> {
    Scene::open(Plan {
        program,
        engines: vec![engine.clone()],
        replicas: 2,
        streamers: 2,
        env: Vec::new(),
        streamer_env: flaw.map(|flaw| ("DOCKLINE_FLAW", flaw.name().to_owned())).into_iter().collect(),
    })
    .await
}

async fn scenario(scene: &mut Scene, flaw: Flaw) -> Result<Verdict> {
    let engine = scene.engines[0].clone();
    let mut writer = Writer::start(&engine, |spec| spec).await?;
    let witnesses = match flaw {
        Flaw::NoFence => late_begin(scene, &mut writer).await?,
        Flaw::NoCompare => rolled_back(scene, &mut writer).await?,
        Flaw::SinceLast => half_a_line(scene, &mut writer, false).await?,
        Flaw::MergeFirst => half_a_line(scene, &mut writer, true).await?,
    };
    // What has gone wrong may have gone so wrong that the last line never comes: then it is lost.
    if let Err(late) = arrive(&witnesses, &writer).await {
        eprintln!("{}: {late:#}", flaw.name());
    }
    judge(&mut writer, &witnesses)
}

/// A leader's `begin` of a numbering is on its way until another leads and has begun one itself.
async fn late_begin(scene: &Scene, writer: &mut Writer) -> Result<Vec<Witness>> {
    writer.lines(Stream::Stdout, BEFORE, 0).await?;
    let old = scene.leader(0).await?;
    let link = scene.streamer_link(old);
    // The name of the log's channel goes up for the first time when its numbering begins.
    link.hold_at(Way::Up, format!("log-news:{}", writer.container().id()).as_bytes());
    let witnesses = Witness::at_each(&scene.doors, writer.container().id());
    timeout(ARRIVAL, link.until_held(Way::Up)).await.context("the leader did not begin")?;
    scene.leader_other_than(0, old).await?;
    arrive(&witnesses, writer).await?;
    link.hold(Way::Up, false);
    writer.lines(Stream::Stdout, BEHIND, 0).await?;
    Ok(witnesses)
}

/// What Redis holds of a log goes back to what it was some lines before.
async fn rolled_back(scene: &Scene, writer: &mut Writer) -> Result<Vec<Witness>> {
    let id = writer.container().id().to_owned();
    let mut witnesses = vec![Witness::at(scene.doors[..1].to_vec(), &id)];
    writer.lines(Stream::Stdout, BEFORE, 0).await?;
    arrive(&witnesses, writer).await?;
    copy_log(scene, &id, true).await?;
    writer.lines(Stream::Stdout, BEHIND, 0).await?;
    arrive(&witnesses, writer).await?;
    copy_log(scene, &id, false).await?;
    writer.lines(Stream::Stdout, BEHIND, 0).await?;
    arrive(&witnesses, writer).await?;
    // Who was there has seen everything; what is stored shows at a replica that has not.
    witnesses.push(Witness::at(scene.doors[1..].to_vec(), &id));
    Ok(witnesses)
}

/// Copies what Redis holds of a log aside, or back from there. One step, like a restore from a backup.
async fn copy_log(scene: &Scene, id: &str, aside: bool) -> Result<()> {
    let script =
        "for index = 1, 2 do redis.call('COPY', KEYS[index], KEYS[index + 2], 'REPLACE') end return 1";
    let keys = ["", "-aside"]
        .map(|suffix| ["log", "log-meta"].map(|kind| format!("dockline:{{host-0}}:{kind}:{id}{suffix}")));
    let [from, to] = if aside { [&keys[0], &keys[1]] } else { [&keys[1], &keys[0]] };
    let copied =
        scene.cluster.redis.command(&["EVAL", script, "4", &from[0], &from[1], &to[0], &to[1]]).await?;
    ensure!(copied.contains('1'), "{copied}");
    Ok(())
}

/// The leader dies when the engine has stored half of a long line, and its rest is written before another leads. The
/// pieces of a line have one time stamp; with a line of the other stream between them, the last chunk that was
/// published is not the last that was read before it.
async fn half_a_line(scene: &mut Scene, writer: &mut Writer, other_stream: bool) -> Result<Vec<Witness>> {
    let witnesses = Witness::at_each(&scene.doors, writer.container().id());
    writer.lines(Stream::Stdout, BEFORE, 0).await?;
    arrive(&witnesses, writer).await?;
    let old = scene.leader(0).await?;
    writer.begin_line(Stream::Stdout, LONG, BEGUN).await?;
    if other_stream {
        until_stored(writer).await?;
        writer.lines(Stream::Stderr, 1, 0).await?;
        for witness in &witnesses {
            witness.until(Stream::Stderr, 1, ARRIVAL).await?;
        }
    } else {
        for witness in &witnesses {
            witness.until_pieces(2, ARRIVAL).await?;
        }
    }
    scene.cluster.streamers[old].kill9().await?;
    writer.end_line().await?;
    writer.lines(Stream::Stdout, BEHIND, 0).await?;
    scene.leader_other_than(0, old).await?;
    scene.cluster.replace_streamer(old).await?;
    Ok(witnesses)
}

/// Waits until the engine has stored two pieces of the line that was begun.
async fn until_stored(writer: &Writer) -> Result<()> {
    eventually(ARRIVAL, async || {
        let stored = tokio::task::block_in_place(|| writer.container().logs_with(&["--tail=3"]))?;
        ensure!(stored.stdout.len() > 32 * 1024, "{} bytes are stored", stored.stdout.len());
        Ok(())
    })
    .await
}

/// Waits until everything that was written has arrived everywhere.
async fn arrive(witnesses: &[Witness], writer: &Writer) -> Result<()> {
    for witness in witnesses {
        for stream in Stream::BOTH {
            witness.until(stream, writer.last(stream), ARRIVAL).await?;
        }
    }
    Ok(())
}
