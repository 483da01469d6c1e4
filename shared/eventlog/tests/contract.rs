//! What every adapter of the event log promises, in memory and on Kafka.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use dockline_eventlog::{
    Batch, CloudEvent, EventLog, EventSource, Topic, Topics,
    kafka::{KafkaLog, KafkaSource},
    memory,
};
use dockline_testkit::KafkaCluster;
use tokio::time::timeout;

/// Nothing here takes longer, also while others compile.
const PATIENCE: Duration = Duration::from_secs(60);
const GATHER: Duration = Duration::from_millis(50);

/// A log without content, and somebody who reads its events and samples.
struct Stage {
    log: Arc<dyn EventLog>,
    source: Box<dyn EventSource>,
}

fn event(key: &str, number: usize) -> CloudEvent {
    CloudEvent {
        id: format!("{key}-{number}"),
        kind: "io.dockline.docker.container.start.v1".to_owned(),
        source: format!("/hosts/{key}"),
        subject: number.is_multiple_of(2).then(|| format!("containers/{number}")),
        time: "2026-11-24T10:00:00.000000000Z".to_owned(),
        schema: "urn:dockline:schema:docker-event:v1".to_owned(),
        key: key.to_owned(),
        trace_parent: number
            .is_multiple_of(3)
            .then(|| "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        data: format!("{{\"number\":{number},\"text\":\"ä\"}}").into(),
    }
}

impl Stage {
    async fn next(&mut self, most: usize) -> Result<Batch> {
        Ok(timeout(PATIENCE, self.source.next(most, GATHER)).await.context("nothing came")??)
    }

    /// Reads and commits until so many came.
    async fn read(&mut self, count: usize) -> Result<Vec<(Topic, CloudEvent)>> {
        let mut events = Vec::new();
        while events.len() < count {
            let batch = self.next(100).await?;
            ensure!(!batch.messages.is_empty() && batch.messages.len() <= 100, "{}", batch.messages.len());
            for message in &batch.messages {
                events.push((message.place.topic, message.event()?));
            }
            self.source.commit(&batch).await?;
        }
        Ok(events)
    }

    /// Appends aside, for in memory that lasts until somebody has read.
    fn append(&self, topic: Topic, events: Vec<CloudEvent>) -> tokio::task::JoinHandle<Result<()>> {
        let log = Arc::clone(&self.log);
        tokio::spawn(async move { Ok(timeout(PATIENCE, log.append(topic, &events)).await??) })
    }
}

async fn what_is_appended_arrives_whole_once_and_in_order(stage: &mut Stage) -> Result<()> {
    let sent: Vec<CloudEvent> = (0..600).map(|number| event("a", number)).collect();
    let appending = stage.append(Topic::Events, sent.clone());
    let read = stage.read(sent.len()).await?;
    appending.await??;
    ensure!(read.iter().all(|(topic, _)| *topic == Topic::Events));
    let read: Vec<CloudEvent> = read.into_iter().map(|(_, event)| event).collect();
    ensure!(read == sent, "{} of {} events, or in another order", read.len(), sent.len());
    Ok(())
}

async fn topics_and_keys_are_told_apart(stage: &mut Stage) -> Result<()> {
    let samples = stage.append(Topic::Stats, (1_000..1_050).map(|number| event("b", number)).collect());
    let events = stage.append(Topic::Events, (2_000..2_050).map(|number| event("c", number)).collect());
    let read = stage.read(100).await?;
    samples.await??;
    events.await??;
    for (topic, key, first) in [(Topic::Stats, "b", 1_000), (Topic::Events, "c", 2_000)] {
        let of_topic: Vec<&str> =
            read.iter().filter(|(one, _)| *one == topic).map(|(_, event)| event.id.as_str()).collect();
        let wanted: Vec<String> = (first..first + 50).map(|number| format!("{key}-{number}")).collect();
        ensure!(of_topic == wanted, "{topic:?}: {of_topic:?}");
    }
    Ok(())
}

async fn nothing_is_nothing(stage: &mut Stage) -> Result<()> {
    stage.log.append(Topic::Events, &[]).await?;
    stage.source.commit(&Batch::default()).await?;
    stage.log.ping().await.map_err(anyhow::Error::msg)
}

async fn what_was_appended_in_vain_is_appended_again(stage: &mut Stage) -> Result<()> {
    let events = [event("d", 3_000), event("d", 3_001)];
    // Whoever gives up waiting knows nothing of what became of it, and repeats it.
    let given_up = timeout(Duration::from_millis(1), stage.log.append(Topic::Events, &events)).await;
    drop(given_up);
    let again = stage.append(Topic::Events, events.to_vec());
    let mut seen = Vec::new();
    let mut read = async || -> Result<()> {
        while !again.is_finished() || !events.iter().all(|event| seen.contains(&event.id)) {
            // Given up half-way as well, which loses nothing.
            let next = timeout(Duration::from_millis(20), stage.source.next(1, GATHER));
            let Ok(batch) = next.await else { continue };
            let batch = batch?;
            for message in &batch.messages {
                seen.push(message.event()?.id);
            }
            stage.source.commit(&batch).await?;
        }
        Ok(())
    };
    timeout(PATIENCE, read()).await.context("not all came")??;
    again.await??;
    let distinct: BTreeSet<&String> = seen.iter().collect();
    ensure!(distinct == events.iter().map(|event| &event.id).collect(), "{seen:?}");
    Ok(())
}

async fn what_was_put_aside_is_done_with(stage: &mut Stage) -> Result<()> {
    let appending = stage.append(Topic::Events, vec![event("e", 4_000)]);
    let batch = stage.next(1).await?;
    timeout(PATIENCE, stage.log.set_aside(&batch.messages[0], "for a test")).await??;
    stage.source.commit(&batch).await?;
    // Twice is fine.
    stage.source.commit(&batch).await?;
    appending.await??;
    let appending = stage.append(Topic::Events, vec![event("e", 4_001)]);
    let read = stage.read(1).await?;
    appending.await??;
    ensure!(read.iter().map(|(_, event)| event.id.as_str()).collect::<Vec<_>>() == ["e-4001"], "{read:?}");
    Ok(())
}

async fn all(mut stage: Stage) -> Result<()> {
    what_is_appended_arrives_whole_once_and_in_order(&mut stage).await.context("in order")?;
    topics_and_keys_are_told_apart(&mut stage).await.context("told apart")?;
    nothing_is_nothing(&mut stage).await.context("nothing")?;
    what_was_put_aside_is_done_with(&mut stage).await.context("put aside")?;
    what_was_appended_in_vain_is_appended_again(&mut stage).await.context("in vain")?;
    timeout(PATIENCE, stage.source.close()).await.context("closing")
}

#[tokio::test(flavor = "multi_thread")]
async fn in_memory() -> Result<()> {
    let (log, source) = memory::log();
    all(Stage { log: Arc::new(log), source: Box::new(source) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_kafka() -> Result<()> {
    let kafka = KafkaCluster::start(1).await?;
    let (address, topics): (_, Topics) = (kafka.addresses().parse()?, Topics::with_prefix("contract."));
    let log = KafkaLog::new(kafka.addresses().parse()?, topics.clone())?;
    log.check().await?;
    let source = KafkaSource::join(&address, topics, "history", &[Topic::Events, Topic::Stats])?;
    all(Stage { log: Arc::new(log), source: Box::new(source) }).await
}

/// In memory nothing is kept: who appended still has what was read and not committed.
#[tokio::test]
async fn in_memory_only_what_was_committed_is_acknowledged() -> Result<()> {
    let (log, mut source) = memory::log();
    let events: Vec<CloudEvent> = (0..10).map(|number| event("a", number)).collect();
    let appending = tokio::spawn(async move { (log.append(Topic::Events, &events).await, log) });
    let batch = source.next(4, GATHER).await?;
    source.commit(&batch).await?;
    source.next(3, GATHER).await?;
    ensure!(!appending.is_finished(), "acknowledged before it was committed");
    drop(source);
    let (appended, log) = appending.await?;
    ensure!(appended.is_err_and(|error| error.delivered == 4));
    ensure!(log.ping().await.is_err(), "nobody reads any more");
    Ok(())
}
