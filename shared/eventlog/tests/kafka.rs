//! The log on real brokers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use dockline_eventlog::{
    CloudEvent, EventLog, EventSource, Message, NotACloudEvent, Topic, Topics,
    kafka::{KafkaAddress, KafkaLog, KafkaSource, TopicError},
};
use dockline_testkit::{KafkaCluster, eventually};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    producer::{FutureProducer, FutureRecord},
};

/// Nothing here takes longer, also while others compile.
const PATIENCE: Duration = Duration::from_secs(60);

fn event(key: &str, number: usize) -> CloudEvent {
    CloudEvent {
        id: format!("{key}-{number}"),
        kind: "io.dockline.docker.container.start.v1".to_owned(),
        source: format!("/hosts/{key}"),
        subject: None,
        time: "2026-11-24T10:00:00.000000000Z".to_owned(),
        schema: "urn:dockline:schema:docker-event:v1".to_owned(),
        key: key.to_owned(),
        trace_parent: None,
        data: format!("{{\"number\":{number}}}").into(),
    }
}

fn log(kafka: &KafkaCluster, prefix: &str) -> Result<KafkaLog> {
    Ok(KafkaLog::new(kafka.addresses().parse()?, Topics::with_prefix(prefix))?)
}

fn source(kafka: &KafkaCluster, prefix: &str, group: &str, topic: Topic) -> Result<Box<KafkaSource>> {
    let address: KafkaAddress = kafka.addresses().parse()?;
    Ok(Box::new(KafkaSource::join(&address, Topics::with_prefix(prefix), group, &[topic])?))
}

/// Reads until `enough` of what was read, which is committed.
async fn read(
    source: &mut KafkaSource,
    mut enough: impl FnMut(&[CloudEvent]) -> bool,
) -> Result<Vec<CloudEvent>> {
    let mut events = Vec::new();
    let reading = async {
        while !enough(&events) {
            let batch = source.next(500, Duration::from_millis(50)).await?;
            for message in &batch.messages {
                events.push(message.event()?);
            }
            while source.commit(&batch).await.is_err() {}
        }
        anyhow::Ok(())
    };
    let read = tokio::time::timeout(PATIENCE, reading).await;
    read.with_context(|| format!("only {} events arrived", events.len()))??;
    Ok(events)
}

fn ids(events: &[CloudEvent]) -> BTreeSet<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

/// Whether the first appearances of each key's events are in their order.
fn ensure_order(events: &[CloudEvent]) -> Result<()> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for event in events.iter().filter(|event| seen.insert(&event.id)) {
        let (key, number) = event.id.rsplit_once('-').context("an id of ours")?;
        let number: usize = number.parse()?;
        let before = last.insert(key, number);
        ensure!(before.is_none_or(|before| before < number), "{} came after {before:?}", event.id);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broker() -> Result<()> {
    let mut kafka = KafkaCluster::start(1).await?;
    what_is_appended_is_read_once_by_a_group(&kafka).await?;
    what_cannot_be_used_is_put_aside_as_it_came(&kafka).await?;
    what_is_no_event_at_all_is_put_aside_as_it_came(&kafka).await?;
    a_topic_that_was_removed_is_made_again(&kafka).await?;
    a_broker_that_is_killed_loses_and_repeats_nothing(&mut kafka).await
}

async fn what_is_appended_is_read_once_by_a_group(kafka: &KafkaCluster) -> Result<()> {
    let log = log(kafka, "once.")?;
    let sent: Vec<_> = (0..2_000).map(|n| event(["a", "b", "c"][n % 3], n)).collect();
    log.append(Topic::Events, &sent).await?;
    let mut first = source(kafka, "once.", "history", Topic::Events)?;
    let received = read(&mut first, |events| events.len() >= sent.len()).await?;
    ensure!(ids(&received) == ids(&sent) && received.len() == sent.len(), "{} arrived", received.len());
    ensure_order(&received)?;
    ensure!(received.iter().find(|event| event.id == sent[0].id) == Some(&sent[0]));
    first.close().await;
    // Another of the group goes on where the first committed; another group begins at the beginning.
    log.append(Topic::Events, &[event("a", 9_999)]).await?;
    let mut second = source(kafka, "once.", "history", Topic::Events)?;
    let received = read(&mut second, |events| !events.is_empty()).await?;
    ensure!(ids(&received) == BTreeSet::from(["a-9999"]), "{received:?}");
    let mut other = source(kafka, "once.", "other", Topic::Events)?;
    read(&mut other, |events| events.len() > sent.len()).await?;
    Ok(())
}

async fn what_cannot_be_used_is_put_aside_as_it_came(kafka: &KafkaCluster) -> Result<()> {
    let log = log(kafka, "aside.")?;
    log.append(Topic::Events, &[event("a", 1)]).await?;
    let mut events = source(kafka, "aside.", "history", Topic::Events)?;
    let batch = tokio::time::timeout(PATIENCE, events.next(1, Duration::ZERO)).await??;
    log.set_aside(&batch.messages[0], "for a test").await?;
    let mut dead = source(kafka, "aside.", "history", Topic::DeadLetter)?;
    let letters = tokio::time::timeout(PATIENCE, dead.next(1, Duration::ZERO)).await??;
    let letter = &letters.messages[0];
    ensure!(letter.event()? == event("a", 1), "{letter:?}");
    let header = |name: &str| {
        let (_, value) = letter.headers.iter().find(|(other, _)| other == name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    ensure!(header("dockline-reason").as_deref() == Some("for a test"));
    ensure!(header("dockline-topic").as_deref() == Some("aside.dockline.docker.events.v1"));
    ensure!(header("dockline-offset").as_deref() == Some("0"));
    Ok(())
}

/// Anybody may write to a topic, in whatever form.
async fn what_is_no_event_at_all_is_put_aside_as_it_came(kafka: &KafkaCluster) -> Result<()> {
    let log = log(kafka, "foreign.")?;
    log.check().await?;
    let producer: FutureProducer = ClientConfig::new()
        .set("bootstrap.servers", kafka.addresses())
        .set("message.max.bytes", "2000000")
        .create()?;
    let topic = Topics::with_prefix("foreign.").name(Topic::Events);
    let (binary, huge) = ([0xff_u8, 0, 0x80], vec![b'x'; 1_048_400]);
    let records = [
        FutureRecord::<[u8], [u8]>::to(&topic).partition(0),
        FutureRecord::to(&topic).partition(0).key(&binary[..]).payload(&binary[..]),
        FutureRecord::to(&topic).partition(0).payload(&huge[..]),
    ];
    for record in records {
        producer.send(record, PATIENCE).await.map_err(|(error, _)| error)?;
    }
    let mut source = source(kafka, "foreign.", "history", Topic::Events)?;
    let mut messages = Vec::new();
    while messages.len() < 3 {
        messages.extend(tokio::time::timeout(PATIENCE, source.next(3, Duration::ZERO)).await??.messages);
    }
    for message in &messages {
        ensure!(
            matches!(message.event(), Err(NotACloudEvent::Lacks("ce_specversion"))),
            "{:?}",
            message.place
        );
        log.set_aside(message, "for a test").await?;
    }
    ensure!(messages[0].body.is_none() && messages[0].key.is_none());
    let mut dead = self::source(kafka, "foreign.", "history", Topic::DeadLetter)?;
    let mut letters = Vec::new();
    while letters.len() < 3 {
        letters.extend(tokio::time::timeout(PATIENCE, dead.next(3, Duration::ZERO)).await??.messages);
    }
    ensure!(
        letters[1].key.as_deref() == Some(&binary[..]) && letters[1].body.as_deref() == Some(&binary[..])
    );
    let header = |letter: &Message, name: &str| {
        let (_, value) = letter.headers.iter().find(|(other, _)| other == name)?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    // With the reason it is larger than a message may be: where it is says the letter.
    ensure!(
        header(&letters[2], "dockline-left-out").is_some()
            && header(&letters[1], "dockline-left-out").is_none()
    );
    ensure!(header(&letters[2], "dockline-offset").as_deref() == Some("2"));
    Ok(())
}

async fn a_topic_that_was_removed_is_made_again(kafka: &KafkaCluster) -> Result<()> {
    let log = log(kafka, "removed.")?;
    let mut source = {
        log.append(Topic::Events, &[event("a", 1)]).await?;
        source(kafka, "removed.", "history", Topic::Events)?
    };
    read(&mut source, |events| !events.is_empty()).await?;
    let admin: AdminClient<_> = ClientConfig::new().set("bootstrap.servers", kafka.addresses()).create()?;
    let name = Topics::with_prefix("removed.").name(Topic::Events);
    for removed in admin.delete_topics(&[&name], &AdminOptions::new()).await? {
        removed.map_err(|(name, code)| anyhow::anyhow!("{name}: {code}"))?;
    }
    // As the relay does: what was not taken is sent again.
    let mut failures = 0;
    tokio::time::timeout(PATIENCE, async {
        while log.append(Topic::Events, &[event("a", 2)]).await.is_err() {
            failures += 1;
        }
    })
    .await
    .with_context(|| format!("still {failures} failures"))?;
    let received = read(&mut source, |events| ids(events).contains("a-2")).await?;
    ensure!(!ids(&received).contains("a-1"), "{received:?}");
    Ok(())
}

async fn a_broker_that_is_killed_loses_and_repeats_nothing(kafka: &mut KafkaCluster) -> Result<()> {
    let log = Arc::new(log(kafka, "killed.")?);
    log.check().await?;
    let sent: Vec<_> = (0..3_000).map(|n| event("a", n)).collect();
    let appending = tokio::spawn({
        let (log, sent) = (Arc::clone(&log), sent.clone());
        async move {
            for part in sent.chunks(100) {
                log.append(Topic::Events, part).await?;
            }
            anyhow::Ok(())
        }
    });
    let mut source = source(kafka, "killed.", "history", Topic::Events)?;
    let early = read(&mut source, |events| events.len() >= 100).await?;
    kafka.kill(0)?;
    ensure!(log.ping().await.is_err(), "a dead broker answers");
    kafka.restart(0).await?;
    tokio::time::timeout(PATIENCE, appending).await???;
    let late = read(&mut source, |events| early.len() + events.len() >= sent.len()).await?;
    let all: Vec<_> = early.into_iter().chain(late).collect();
    ensure!(ids(&all) == ids(&sent), "{} of {}", ids(&all).len(), sent.len());
    ensure_order(&all)?;
    // The producer repeats nothing; the reader may, what it had not committed.
    eventually(PATIENCE, async || log.ping().await.map_err(anyhow::Error::msg)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_brokers_keep_everything_when_one_is_lost() -> Result<()> {
    let mut kafka = KafkaCluster::start(3).await?;
    let log = log(&kafka, "")?;
    log.check().await?;
    let mut sent = Vec::new();
    let mut source = source(&kafka, "", "history", Topic::Events)?;
    for lost in 0..3 {
        for round in 0..10 {
            // One of them leads some of the partitions.
            if round == 3 {
                kafka.kill(lost)?;
            }
            let part: Vec<_> = (0..60).map(|n| event(["a", "b", "c", "d"][n % 4], sent.len() + n)).collect();
            tokio::time::timeout(PATIENCE, log.append(Topic::Events, &part)).await??;
            sent.extend(part);
        }
        kafka.restart(lost).await?;
    }
    let received = read(&mut source, |events| ids(events).len() >= sent.len()).await?;
    ensure!(ids(&received) == ids(&sent));
    ensure_order(&received)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_one_sentence() -> Result<()> {
    let log = KafkaLog::new("127.0.0.1:9".parse()?, Topics::default())?;
    let error = log.check().await.expect_err("nobody listens there");
    ensure!(matches!(error, TopicError::Unreachable { .. }) && error.may_pass(), "{error:?}");
    let text = error.to_string();
    ensure!(text.contains("127.0.0.1:9") && text.contains("DOCKLINE_KAFKA_BROKERS"), "{text}");
    ensure!(!text.contains('\n'), "{text}");
    let append = log.append(Topic::Events, &[event("a", 1)]).await.expect_err("nobody listens there");
    ensure!(append.delivered == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_is_no_error_and_one_that_is_back_is_used_at_once() -> Result<()> {
    let mut kafka = KafkaCluster::start(1).await?;
    let log = log(&kafka, "away.")?;
    log.append(Topic::Events, &[event("a", 1)]).await?;
    let mut source = source(&kafka, "away.", "history", Topic::Events)?;
    read(&mut source, |events| !events.is_empty()).await?;
    kafka.kill(0)?;
    // By then librdkafka has complained several times.
    let away = tokio::time::timeout(Duration::from_secs(5), source.next(500, Duration::ZERO)).await;
    ensure!(away.is_err(), "{away:?}");
    kafka.restart(0).await?;
    log.append(Topic::Events, &[event("a", 2)]).await?;
    let read = read(&mut source, |events| events.iter().any(|event| event.id == "a-2")).await?;
    ensure!(!read.is_empty());
    Ok(())
}
