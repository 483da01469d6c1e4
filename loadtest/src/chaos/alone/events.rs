//! More happens at an engine than it remembers, while no streamer listens: viewers are told that something is missing,
//! and then how things stand.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, TestEngine, eventually};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    task::{JoinSet, block_in_place},
};

use crate::{
    chaos::{scene::Scene, trial::Trial},
    viewer::{Sink, Viewer},
};

/// More than an engine remembers, which is 256.
const EVENTS: usize = 300;
/// Everybody knows again within this time.
const KNOWN_WITHIN: Duration = Duration::from_secs(40);

/// What a viewer of events was told.
#[derive(Debug, Default)]
struct Told {
    gaps: u64,
    /// The last state that a container was said to be in, by its ID.
    states: BTreeMap<String, String>,
}

struct Listener(Arc<Mutex<Told>>);

impl Sink for Listener {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], _length: u64, _arrived: i64) -> ControlFlow<()> {
        let frame: Value = serde_json::from_slice(kept).unwrap_or_default();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if frame["type"] == "gap" {
            told.gaps += 1;
        }
        if frame["action"] == "reconciled"
            && let (Some(id), Some(state)) =
                (frame["actor"]["id"].as_str(), frame["attributes"]["state"].as_str())
        {
            told.states.insert(id.to_owned(), state.to_owned());
        }
        ControlFlow::Continue(())
    }
}

pub(crate) async fn missed_events(scene: &mut Scene, index: usize) -> Result<Trial> {
    let engine = scene.engines[index].clone();
    let run = || engine.run_container(&ContainerSpec::script("sleep 300"));
    let (busy, killed, removed) = block_in_place(|| anyhow::Ok((run()?, run()?, run()?)))?;
    let told = Arc::new(Mutex::new(Told::default()));
    let path = format!("/ws/events?host={}", scene.host(index));
    let viewer = Viewer::open(&scene.doors[0], &path).await?;
    let mut listening = JoinSet::new();
    listening.spawn(viewer.watch_to_the_end(Listener(Arc::clone(&told))));
    // The last event before must be known: it is what a new stream is compared with.
    until_known(scene, &removed.id()[..12]).await?;
    let link = scene.engine_link(index);
    link.refuse(true);
    link.cut();
    let gaps = lock(&told).gaps;
    let started = block_in_place(|| {
        killed.kill()?;
        removed.remove()?;
        run()
    })?;
    let began = Instant::now();
    make_events(&engine, busy.id()).await?;
    let note = format!("{EVENTS} events in {} ms", began.elapsed().as_millis());
    link.refuse(false);
    let outcome = eventually(KNOWN_WITHIN, async || {
        let told = lock(&told);
        ensure!(told.gaps > gaps, "no gap was told");
        let stand = [(&busy, "running"), (&killed, "exited"), (&removed, "removed"), (&started, "running")];
        for (container, state) in stand {
            let said = told.states.get(container.id()).map(String::as_str);
            ensure!(said == Some(state), "a container is {state}, and said to be {said:?}");
        }
        Ok(())
    })
    .await;
    // And what was said of every other container is what the engine says.
    let listed =
        block_in_place(|| engine.docker(["ps", "--all", "--no-trunc", "--format={{.ID}} {{.State}}"]))?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let own = |id: &str| [&busy, &killed, &started].iter().any(|container| container.id() == id);
    let mut broken: Vec<String> = outcome.err().map(|error| format!("{error:#}")).into_iter().collect();
    for (id, state) in listed.lines().filter_map(|line| line.split_once(' ')).filter(|(id, _)| own(id)) {
        if lock(&told).states.get(id).map(String::as_str) != Some(state) {
            broken.push(format!("docker ps says that {} is {state}", &id[..12]));
        }
    }
    Ok(Trial { broken, note: Some(note), ..Trial::default() })
}

/// Waits until a streamer has told of what happened to a container last.
async fn until_known(scene: &Scene, container: &str) -> Result<()> {
    let url = scene.cluster.replicas[0].url(&format!("/api/v1/containers/{container}"));
    let token = &scene.doors[0].token;
    eventually(KNOWN_WITHIN, async || {
        let answer = reqwest::Client::new().get(&url).bearer_auth(token).send().await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        Ok(())
    })
    .await
}

/// Makes ready to run a program in a container, over and over, and never runs it: one event each, without a disk.
async fn make_events(engine: &TestEngine, id: &str) -> Result<()> {
    const BODY: &str = r#"{"Cmd":["true"]}"#;
    let mut stream = BufReader::new(UnixStream::connect(engine.socket()).await?);
    for _ in 0..EVENTS {
        let request = format!(
            "POST /containers/{id}/exec HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{BODY}",
            BODY.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            ensure!(stream.read_line(&mut head).await? > 0, "the engine hung up");
        }
        ensure!(head.starts_with("HTTP/1.1 201"), "the engine answered {head}");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        let mut body = vec![0; length.context("the answer's length")?.trim().parse()?];
        stream.read_exact(&mut body).await?;
    }
    Ok(())
}

fn lock(told: &Mutex<Told>) -> std::sync::MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
