//! The whole way of an event in a cluster: engine, outbox, Kafka, consumer, database, on real servers.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_contract::kafka::{DockerEvent, Payload};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_eventlog::{
    CloudEvent, EventLog, EventSource, Message, Topic, Topics,
    kafka::{KafkaLog, KafkaSource},
};
use dockline_streamer::cloud_event;
use dockline_testkit::{ContainerSpec, DocklineCluster, KafkaCluster, TestEngine, engines, eventually};

use crate::client::{Api, dockline};

/// Nothing here takes longer, also while others compile: a member that died is missed by its group for ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Stage {
    pub kafka: KafkaCluster,
    pub cluster: DocklineCluster,
    pub admin: Api,
    pub engine: TestEngine,
}

impl Stage {
    /// Two replicas, two streamers on one engine, so many consumers, and one broker.
    pub async fn new(consumers: usize) -> Result<Self> {
        let engine = engines().pop().context("an engine")?;
        let kafka = KafkaCluster::start(1).await?;
        let program = dockline().env("DOCKLINE_KAFKA_BROKERS", kafka.addresses());
        let mut cluster = DocklineCluster::start(program, std::slice::from_ref(&engine.host), 2, 2).await?;
        for _ in 0..consumers {
            cluster.add_consumer().await?;
        }
        let admin = Api::set_up(&cluster.replicas[0]).await?;
        Ok(Self { kafka, cluster, admin, engine })
    }

    pub fn log(&self) -> Result<KafkaLog> {
        Ok(KafkaLog::new(self.kafka.addresses().parse()?, Topics::default())?)
    }

    /// Reads a topic from its begin until there is `enough`.
    pub async fn read(&self, topic: Topic, enough: impl Fn(&[Message]) -> bool) -> Result<Vec<Message>> {
        let address = self.kafka.addresses().parse()?;
        let mut source = KafkaSource::join(&address, Topics::default(), "a-test", &[topic])?;
        let mut messages = Vec::new();
        let reading = async {
            while !enough(&messages) {
                messages.extend(source.next(500, Duration::from_millis(50)).await?.messages);
            }
            anyhow::Ok(())
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.with_context(|| format!("only {} messages of {topic:?}: {messages:?}", messages.len()))??;
        Ok(messages)
    }

    /// What the database says, as lines.
    pub fn rows(&self, sql: &str) -> Result<Vec<String>> {
        Ok(self.cluster.query(sql)?.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect())
    }

    /// Waits until the database says this.
    pub async fn until(&self, sql: &str, said: impl Fn(&[String]) -> bool) -> Result<Vec<String>> {
        eventually(PATIENCE, async || {
            let rows = self.rows(sql)?;
            ensure!(said(&rows), "{sql}: {rows:?}");
            Ok(rows)
        })
        .await
    }

    /// A counter of a consumer.
    pub async fn count(&self, consumer: usize, name: &str) -> Result<u64> {
        let metrics = reqwest::get(self.cluster.consumers[consumer].url("/metrics")).await?.text().await?;
        let line =
            metrics.lines().find_map(|line| line.strip_prefix(name)).with_context(|| name.to_owned())?;
        Ok(line.trim().parse()?)
    }
}

/// Events as a host's leader sends them, numbered.
pub fn numbered(host: &str, numbers: std::ops::Range<i64>) -> Result<Vec<CloudEvent>> {
    let host: dockline_domain::HostId = host.parse()?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    let now = i64::try_from(now.as_secs())? * 1_000_000_000;
    Ok(numbers
        .map(|number| {
            cloud_event(&EngineEvent {
                host: host.clone(),
                at: Timestamp(now + number),
                kind: "container".to_owned(),
                action: "start".to_owned(),
                actor_id: format!("{number:012x}"),
                attributes: [("name".to_owned(), format!("container-{number}"))].into(),
            })
        })
        .collect())
}

fn events(messages: &[Message]) -> Result<Vec<CloudEvent>> {
    messages.iter().map(|message| Ok(message.event()?)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_on_kafka_and_in_the_history_with_one_identity() -> Result<()> {
    let stage = Stage::new(2).await?;
    let container = stage.engine.run_container(&ContainerSpec::script("exit 3"))?;
    let of_container = format!("WHERE actor_id = '{}' ORDER BY at_ns", container.id());
    let actions =
        |rows: &[String]| ["create", "start", "die"].iter().all(|a| rows.contains(&(*a).to_owned()));
    let known = stage.until(&format!("SELECT action FROM event_history {of_container}"), actions).await?;
    let place = |action: &str| known.iter().position(|one| one == action);
    ensure!(place("create") < place("start") && place("start") < place("die"), "{known:?}");

    // The same on Kafka, as CloudEvents of the host, each once, in the engine's order.
    let is_die = |message: &Message| {
        message.event().is_ok_and(|event| {
            event.kind == "io.dockline.docker.container.die.v1"
                && event.subject == Some(format!("containers/{}", container.id()))
        })
    };
    let messages = stage.read(Topic::Events, |messages| messages.iter().any(is_die)).await?;
    let sent = events(&messages)?;
    let ids: BTreeSet<&str> = sent.iter().map(|event| event.id.as_str()).collect();
    ensure!(ids.len() == sent.len(), "{} messages of {} events", sent.len(), ids.len());
    let die = sent.iter().zip(&messages).find(|(_, message)| is_die(message)).context("die")?;
    ensure!(die.0.key == "host-0" && die.0.source == "/hosts/host-0", "{:?}", die.0);
    ensure!(die.0.schema == DockerEvent::SCHEMA && die.0.trace_parent.is_some(), "{:?}", die.0);
    let body: DockerEvent = serde_json::from_slice(&die.0.data)?;
    ensure!(body.attributes.get("exitCode").map(String::as_str) == Some("3"), "{body:?}");
    let mine: Vec<&CloudEvent> =
        sent.iter().filter(|one| one.subject == die.0.subject && !one.kind.contains("reconciled")).collect();
    ensure!(mine.is_sorted_by_key(|event| &event.time), "{mine:?}");
    let stored = stage.rows(&format!("SELECT id FROM event_history {of_container}"))?;
    for event in mine {
        ensure!(stored.contains(&event.id), "{} is not in the history", event.id);
    }

    // The audit log, whole and in the order of its chain.
    stage.admin.add_user("eve", "viewer").await?;
    let chain = stage.rows("SELECT hash FROM audit_log ORDER BY seq")?;
    let audit = stage.read(Topic::Audit, |messages| messages.len() >= chain.len()).await?;
    let hashes: Vec<String> = events(&audit)?.into_iter().map(|event| event.id).collect();
    ensure!(hashes.starts_with(&chain), "{hashes:?} {chain:?}");

    // Resource use of a container that nobody watches.
    let busy = stage.engine.run_container(&ContainerSpec::script("while :; do sleep 1; done"))?;
    for (step, enough) in [(1, 5), (10, 1), (60, 1)] {
        let count = format!(
            "SELECT count(*) FROM stats_history WHERE step = {step} AND memory > 0 AND container = '{}'",
            busy.id()
        );
        stage.until(&count, |rows| rows[0].parse::<u32>().is_ok_and(|count| count >= enough)).await?;
    }
    the_sample_consumer_reads_the_same(&stage).await?;
    for consumer in &stage.cluster.consumers {
        let ready = reqwest::get(consumer.url("/readyz")).await?;
        ensure!(ready.status() == 200, "{}", ready.text().await?);
    }
    stage.cluster.stop().await
}

/// Another program, in another language, which checks what it reads against the published schema.
async fn the_sample_consumer_reads_the_same(stage: &Stage) -> Result<()> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let read = tokio::process::Command::new(python()?)
        .arg(format!("{root}/deploy/examples/kafka-consumer/consumer.py"))
        .args(["--brokers", &stage.kafka.addresses(), "--until-end", "--schema"])
        .arg(format!("{root}/shared/contract/schemas/DockerEvent.json"))
        .output();
    let read = tokio::time::timeout(PATIENCE, read).await??;
    let (printed, errors) = (String::from_utf8(read.stdout)?, String::from_utf8(read.stderr)?);
    ensure!(read.status.success() && errors.is_empty(), "{errors}");
    let lines: Vec<serde_json::Value> =
        printed.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let ids: BTreeSet<&str> = lines.iter().filter_map(|line| line["id"].as_str()).collect();
    ensure!(ids.len() == lines.len(), "something was printed twice");
    ensure!(
        lines.iter().any(|line| line["what"] == "container die" && line["host"] == "host-0"),
        "{printed}"
    );
    eventually(PATIENCE, async || {
        let stored = stage.rows("SELECT id FROM event_history")?;
        let missing = ids.iter().find(|id| !stored.contains(&(**id).to_owned()));
        ensure!(missing.is_none(), "{missing:?} is not in the history");
        Ok(())
    })
    .await?;
    Ok(())
}

/// What `deploy/setup/kafka-client` prints: where it says, or where it usually keeps it.
fn python() -> Result<PathBuf> {
    let usual = || -> Option<PathBuf> {
        let cache = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
        let folders = std::fs::read_dir(cache.join("dockline")).ok()?.flatten().map(|entry| entry.path());
        let is_ours = |path: &PathBuf| path.to_string_lossy().contains("/kafka-client-");
        folders.filter(is_ours).map(|path| path.join("bin/python")).find(|path| path.is_file())
    };
    std::env::var_os("DOCKLINE_TEST_KAFKA_CLIENT").map(PathBuf::from).or_else(usual).context(
        "a Kafka client is not there: run `make test`, or `export DOCKLINE_TEST_KAFKA_CLIENT=$(deploy/setup/kafka-client)` first",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_used_is_put_aside_with_the_reason_and_holds_up_nothing() -> Result<()> {
    let stage = Stage::new(1).await?;
    let log = stage.log()?;
    let good = numbered("made-up", 0..200)?;
    let mut later = numbered("made-up", 1_000..1_001)?.remove(0);
    later.kind = later.kind.replace(".v1", ".v2");
    let mut foreign = later.clone();
    foreign.kind = "com.example.order.placed.v1".to_owned();
    let mut torn = numbered("made-up", 1_001..1_002)?.remove(0);
    torn.data = torn.data.slice(..torn.data.len() / 2);
    let mut disguised = numbered("made-up", 1_002..1_003)?.remove(0);
    disguised.id = "another".to_owned();
    let bad = [later, foreign, torn, disguised];
    log.append(Topic::Events, &good[..100]).await?;
    log.append(Topic::Events, &bad).await?;
    log.append(Topic::Events, &good[100..]).await?;
    let count = "SELECT count(*) FROM event_history WHERE host = 'made-up'";
    stage.until(count, |rows| rows == ["200"]).await?;
    let letters = stage.read(Topic::DeadLetter, |messages| messages.len() >= bad.len()).await?;
    let reasons = ["version 2", "not known", "cannot be read", "ce_id"];
    for ((letter, bad), reason) in letters.iter().zip(&bad).zip(reasons) {
        ensure!(letter.event()? == *bad, "it was changed: {letter:?}");
        let header = |name: &str| {
            let (_, value) = letter.headers.iter().find(|(other, _)| other == name)?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let said = header("dockline-reason").context("a reason")?;
        ensure!(said.contains(reason), "{said}");
        ensure!(header("dockline-topic").as_deref() == Some("dockline.docker.events.v1"));
        ensure!(header("dockline-offset").is_some() && header("dockline-partition").is_some());
    }
    ensure!(stage.count(0, "dockline_dead_letters_total").await? == 4);
    stage.cluster.stop().await
}
