//! What becomes of events when consumers, leaders and Kafka itself go away at the worst moment.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use dockline_eventlog::{EventLog, Message, Topic};
use dockline_testkit::{ContainerSpec, TableLock, TestContainer, eventually};

use crate::kafka::{Stage, numbered};

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a consumer is about to write a batch.
async fn in_hand(locked: &TableLock) -> Result<()> {
    eventually(PATIENCE, async || {
        ensure!(locked.waiting()? > 0, "nobody writes");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_killed_mid_batch_lose_none_and_repeat_none() -> Result<()> {
    let mut stage = Stage::new(1).await?;
    let log = stage.log()?;
    let count = "SELECT count(*) FROM event_history WHERE host = 'made-up'";
    let stored = |stage: &Stage| -> Result<u64> { Ok(stage.rows(count)?[0].parse()?) };

    // Killed between the database, which has the batch, and Kafka, which was not told: the broker dies just then.
    log.append(Topic::Events, &numbered("made-up", 0..500)?).await?;
    stage.until(count, |rows| rows == ["500"]).await?;
    let locked = stage.cluster.lock_table("event_history")?;
    log.append(Topic::Events, &numbered("made-up", 500..1_000)?).await?;
    in_hand(&locked).await?;
    stage.kafka.kill(0)?;
    drop(locked);
    eventually(PATIENCE, async || {
        ensure!(stored(&stage)? > 500);
        Ok(())
    })
    .await?;
    stage.cluster.consumers[0].kill9().await?;
    stage.kafka.restart(0).await?;
    stage.cluster.replace_consumer(0).await?;
    stage.until(count, |rows| rows == ["1000"]).await?;
    eventually(PATIENCE, async || {
        ensure!(stage.count(0, "dockline_history_repeated_total").await? > 0, "no batch came again");
        Ok(())
    })
    .await?;

    // Killed while the database has not finished the batch.
    let locked = stage.cluster.lock_table("event_history")?;
    log.append(Topic::Events, &numbered("made-up", 1_000..1_500)?).await?;
    in_hand(&locked).await?;
    stage.cluster.consumers[0].kill9().await?;
    drop(locked);
    stage.cluster.replace_consumer(0).await?;
    stage.until(count, |rows| rows == ["1500"]).await?;

    // Killed at whatever moment, with another beside it, which takes over.
    stage.cluster.add_consumer().await?;
    let sending = tokio::spawn(async move {
        for part in 0..60 {
            log.append(Topic::Events, &numbered("made-up", 1_500 + part * 250..1_750 + part * 250)?).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::Ok(())
    });
    for round in 0..2 {
        let more = stored(&stage)? + 1_000;
        eventually(PATIENCE, async || {
            let stored = stored(&stage)?;
            ensure!(stored >= more, "{stored} in round {round}");
            Ok(())
        })
        .await?;
        stage.cluster.consumers[round].kill9().await?;
        stage.cluster.replace_consumer(round).await?;
    }
    sending.await??;
    stage.until(count, |rows| rows == ["16500"]).await?;
    ensure!(
        stage.rows("SELECT count(DISTINCT actor_id) FROM event_history WHERE host = 'made-up'")? == ["16500"]
    );
    stage.cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kafka_that_is_away_loses_nothing_and_delays_nobody() -> Result<()> {
    let mut stage = Stage::new(1).await?;
    let mut socket = stage.admin.socket("/ws/events?kind=container").await?;
    let mut ids = BTreeSet::new();
    // Each container makes events; those on the socket are the ones that must be in the history at the end.
    let mut happen = async |stage: &Stage, what: &str| -> Result<TestContainer> {
        let began = Instant::now();
        let container = stage.engine.run_container(&ContainerSpec::script("true"))?;
        loop {
            let frame = socket.next_json().await.with_context(|| what.to_owned())?;
            if frame["type"] != "event" {
                continue;
            }
            ids.insert(frame["id"].as_str().context("an id")?.to_owned());
            if frame["actor"]["id"] == container.id() && frame["action"] == "die" {
                let waited = began.elapsed();
                ensure!(waited < Duration::from_secs(15), "{what}: the page was told after {waited:?}");
                return Ok(container);
            }
        }
    };
    let mut containers = vec![happen(&stage, "with Kafka").await?];
    stage.kafka.kill(0)?;
    for round in 0..4 {
        containers.push(happen(&stage, &format!("without Kafka, round {round}")).await?);
        // Twice the leader dies, with its outbox full of what Kafka does not have.
        if round < 2 {
            let leader = stage.cluster.leader("host-0").context("nobody leads")?;
            stage.cluster.streamers[leader].kill9().await?;
            stage.cluster.replace_streamer(leader).await?;
        }
    }
    for replica in &stage.cluster.replicas {
        let ready = reqwest::get(replica.url("/readyz")).await?;
        ensure!(ready.status() == 200, "a replica needs no Kafka: {}", ready.text().await?);
    }
    let ready = reqwest::get(stage.cluster.consumers[0].url("/readyz")).await?;
    ensure!(ready.status() == 503, "a consumer has nothing to do without Kafka");
    stage.kafka.restart(0).await?;
    containers.push(happen(&stage, "with Kafka again").await?);
    eventually(PATIENCE, async || {
        let stored: BTreeSet<String> = stage.rows("SELECT id FROM event_history")?.into_iter().collect();
        let missing: Vec<&String> = ids.difference(&stored).collect();
        ensure!(missing.is_empty(), "{} of {} are missing: {missing:?}", missing.len(), ids.len());
        Ok(())
    })
    .await?;
    let gaps = stage.rows("SELECT attributes FROM event_history WHERE kind = 'host' AND action = 'gap'")?;
    ensure!(gaps.len() == 1 && gaps[0].contains("outbox_new"), "only the begin is a gap: {gaps:?}");
    // Every event on Kafka too, each host's in one order: first appearances of an actor's events follow the clock.
    let wanted = ids.len();
    let messages = stage
        .read(Topic::Events, |messages| {
            let seen: BTreeSet<String> =
                messages.iter().filter_map(|message| Some(message.event().ok()?.id)).collect();
            ids.iter().filter(|id| seen.contains(*id)).count() == wanted
        })
        .await?;
    let mut seen = BTreeSet::new();
    let mut last = std::collections::BTreeMap::new();
    for message in &messages {
        let event = message.event()?;
        if !ids.contains(&event.id) || !seen.insert(event.id.clone()) {
            continue;
        }
        let before = last.insert(event.subject.clone(), event.time.clone());
        ensure!(before.is_none_or(|before| before <= event.time), "{event:?} came after {:?}", event.subject);
    }
    drop(containers);
    stage.cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_arrives_whole_and_in_its_order_though_replicas_die() -> Result<()> {
    let mut stage = Stage::new(0).await?;
    stage.admin.add_user("anna", "viewer").await?;
    let chain = stage.rows("SELECT hash FROM audit_log ORDER BY seq")?;
    stage.read(Topic::Audit, |messages| messages.len() >= chain.len()).await?;
    stage.kafka.kill(0)?;
    stage.admin.add_user("berta", "viewer").await?;
    for (index, names) in [["clara", "dora"], ["emma", "fanny"]].into_iter().enumerate() {
        // One of the two relays, and both die in turn.
        let other = stage.admin.at(&stage.cluster.replicas[1 - index]);
        stage.cluster.replicas[index].kill9().await?;
        other.add_user(names[0], "viewer").await?;
        stage.cluster.replace_replica(index).await?;
        other.add_user(names[1], "viewer").await?;
    }
    stage.kafka.restart(0).await?;
    let chain = stage.rows("SELECT hash FROM audit_log ORDER BY seq")?;
    let last = chain.last().context("rows")?;
    let is_last = |message: &Message| message.event().is_ok_and(|event| event.id == *last);
    let messages = stage.read(Topic::Audit, |messages| messages.iter().any(is_last)).await?;
    let mut seen = BTreeSet::new();
    let mut arrived = Vec::new();
    for message in &messages {
        let id = message.event()?.id;
        if seen.insert(id.clone()) {
            arrived.push(id);
        }
    }
    ensure!(arrived == chain, "{arrived:?} {chain:?}");
    stage.cluster.stop().await
}
