//! What a consumer does about a log and a database that fail now and then.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use bytes::Bytes;
use dockline_consumer::Consumer;
use dockline_contract::kafka::{DockerEvent, Payload};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_eventlog::{
    AppendError, Batch, CloudEvent, EventLog, EventSource, Message, Place, ReadError, Topic,
};
use dockline_persistence::{Database, EventFilter};
use dockline_telemetry::Metrics;
use dockline_testkit::eventually;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

/// A partition that begins again behind the last commit, as Kafka does for a group whose member has died.
#[derive(Clone, Default)]
struct Partition(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    messages: Vec<Message>,
    committed: usize,
    position: usize,
    /// How many commits fail, each of which makes the reader begin again.
    failing: u32,
    reads: u32,
}

#[async_trait]
impl EventSource for Partition {
    async fn next(&mut self, most: usize, _: Duration) -> Result<Batch, ReadError> {
        let batch = {
            let mut state = self.0.lock().expect("not poisoned");
            state.reads += 1;
            let from = state.position;
            let to = (from + most.min(40)).min(state.messages.len());
            state.position = to;
            state.messages[from..to].to_vec()
        };
        if batch.is_empty() {
            std::future::pending::<()>().await;
        }
        Ok(Batch { messages: batch })
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), ReadError> {
        let mut state = self.0.lock().expect("not poisoned");
        if state.failing > 0 {
            state.failing -= 1;
            state.position = state.committed;
            return Err(ReadError::Unavailable("for a test".to_owned()));
        }
        state.committed += batch.messages.len();
        Ok(())
    }

    async fn close(self: Box<Self>) {}
}

/// Where messages are put aside; the first so many attempts fail.
#[derive(Default)]
struct Aside {
    failing: AtomicU32,
    letters: Mutex<VecDeque<(Message, String)>>,
}

#[async_trait]
impl EventLog for Aside {
    async fn append(&self, _: Topic, _: &[CloudEvent]) -> Result<(), AppendError> {
        unreachable!("a consumer appends nothing")
    }

    async fn set_aside(&self, message: &Message, reason: &str) -> Result<(), AppendError> {
        if self.failing.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(AppendError { delivered: 0, reason: "for a test".to_owned() });
        }
        self.letters.lock().expect("not poisoned").push_back((message.clone(), reason.to_owned()));
        Ok(())
    }

    async fn ping(&self) -> Result<(), String> {
        Ok(())
    }
}

fn message(offset: i64) -> Message {
    let event = EngineEvent {
        host: "edge".parse().expect("a host id"),
        at: Timestamp(1_795_514_400_000_000_000 + offset),
        kind: "container".to_owned(),
        action: "start".to_owned(),
        actor_id: format!("{offset:064x}"),
        attributes: std::collections::BTreeMap::default(),
    };
    let payload = DockerEvent::of(&event);
    let cloud_event = CloudEvent {
        id: payload.id.clone(),
        kind: payload.type_name(),
        source: "/hosts/edge".to_owned(),
        subject: None,
        time: payload.at.clone(),
        schema: DockerEvent::SCHEMA.to_owned(),
        key: "edge".to_owned(),
        trace_parent: None,
        data: serde_json::to_vec(&payload).expect("JSON").into(),
    };
    let headers =
        cloud_event.headers().map(|(name, value)| (name.to_owned(), Bytes::from(value.to_owned()))).collect();
    let place = Place { topic: Topic::Events, partition: 0, offset };
    Message { place, key: None, headers, body: Some(cloud_event.data) }
}

/// A consumer at work, on a database of its own.
struct Stage {
    partition: Partition,
    aside: Arc<Aside>,
    database: Database,
    shutdown: CancellationToken,
    running: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new(messages: Vec<Message>, failing_commits: u32, failing_letters: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = Database::open(&format!("sqlite://{}/dockline.db", folder.path().display())).await?;
        let partition = Partition::default();
        {
            let mut state = partition.0.lock().expect("not poisoned");
            (state.messages, state.failing) = (messages, failing_commits);
        }
        let aside = Arc::new(Aside { failing: failing_letters.into(), letters: Mutex::default() });
        let shutdown = CancellationToken::new();
        let consumer =
            Consumer::new(Box::new(partition.clone()), aside.clone(), &database, Metrics::new()?.history);
        let running = tokio::spawn(consumer.run(shutdown.clone()));
        Ok(Self { partition, aside, database, shutdown, running, _folder: folder })
    }

    async fn until_committed(&self, count: usize) -> Result<()> {
        eventually(PATIENCE, async || {
            let committed = self.partition.0.lock().expect("not poisoned").committed;
            ensure!(committed == count, "{committed} of {count}");
            Ok(())
        })
        .await
    }

    async fn stored(&self) -> Result<Vec<String>> {
        let filter = EventFilter { limit: 1_000, ..EventFilter::default() };
        let page = self.database.events().search(&filter).await?;
        Ok(page.events.into_iter().rev().map(|(_, event)| event.actor_id).collect())
    }

    async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        Ok(tokio::time::timeout(PATIENCE, self.running).await??)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_after_a_commit_that_failed_is_stored_once() -> Result<()> {
    let stage = Stage::new((0..200).map(message).collect(), 3, 0).await?;
    stage.until_committed(200).await?;
    let reads = stage.partition.0.lock().expect("not poisoned").reads;
    ensure!(reads >= 8, "nothing came again: {reads} reads");
    let wanted: Vec<String> = (0..200).map(|number| format!("{number:064x}")).collect();
    ensure!(stage.stored().await? == wanted, "{:?}", stage.stored().await?);
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_aside_is_put_aside_once_though_the_first_attempts_fail() -> Result<()> {
    let mut messages: Vec<Message> = (0..30).map(message).collect();
    for bad in [3, 17] {
        messages[bad].body = Some(Bytes::from_static(b"\xff"));
    }
    messages[20].headers.clear();
    let stage = Stage::new(messages.clone(), 0, 2).await?;
    stage.until_committed(30).await?;
    ensure!(stage.stored().await?.len() == 27);
    {
        let letters = stage.aside.letters.lock().expect("not poisoned");
        let put_aside: Vec<&Message> = letters.iter().map(|(message, _)| message).collect();
        ensure!(put_aside == [&messages[3], &messages[17], &messages[20]], "{letters:?}");
        ensure!(
            letters[0].1.contains("cannot be read") && letters[2].1.contains("no CloudEvent"),
            "{letters:?}"
        );
    }
    stage.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_written_is_waited_for_and_the_end_does_not_wait() -> Result<()> {
    let waiting = Partition::default();
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}/dockline.db", folder.path().display());
    let database = Database::open(&url).await?;
    waiting.0.lock().expect("not poisoned").messages = (0..5).map(message).collect();
    // Closed under it: every write fails.
    database.clone().close().await?;
    let shutdown = CancellationToken::new();
    let consumer = Consumer::new(
        Box::new(waiting.clone()),
        Arc::new(Aside::default()),
        &database,
        Metrics::new()?.history,
    );
    let running = tokio::spawn(consumer.run(shutdown.clone()));
    eventually(PATIENCE, async || {
        ensure!(waiting.0.lock().expect("not poisoned").position == 5, "nothing was read");
        Ok(())
    })
    .await?;
    shutdown.cancel();
    tokio::time::timeout(PATIENCE, running).await??;
    ensure!(waiting.0.lock().expect("not poisoned").committed == 0, "committed, and not stored");
    Ok(())
}
