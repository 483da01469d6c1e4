use std::{collections::BTreeSet, sync::Arc};

use anyhow::{Context, Result, ensure};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_fanout::{EventItem, StatsUpdate, StreamState, Topic};
use dockline_testkit::eventually;

use crate::stage::{PATIENCE, Stage, container};

pub async fn the_newest_sample_arrives_everywhere(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('a'));
    let mut early = stage.replicas[0].watch_stats(&stage.host, &id).await?;
    let sample = |n: u32| StatsUpdate {
        frame: Some(format!("{{\"type\":\"stats\",\"pids\":{n}}}").into()),
        state: StreamState::Live,
    };
    stage.streamer.publish_stats(&leader, &id, sample(1)).await?;
    let late = stage.replicas[1].watch_stats(&stage.host, &id).await?;
    stage.streamer.publish_stats(&leader, &id, sample(2)).await?;
    for watch in [&mut early, &mut { late }] {
        tokio::time::timeout(PATIENCE, watch.updates.wait_for(|update| *update == sample(2))).await??;
    }
    let gone = StatsUpdate { frame: None, state: StreamState::Ended("exited with code 1".to_owned()) };
    stage.streamer.publish_stats(&leader, &id, gone.clone()).await?;
    tokio::time::timeout(PATIENCE, early.updates.wait_for(|update| *update == gone)).await??;
    Ok(())
}

pub async fn events_arrive_everywhere_in_order_and_are_kept(stage: &Stage) -> Result<()> {
    let leader = stage.lead().await?;
    let event = |n: i64| {
        Arc::new(EngineEvent {
            host: stage.host.clone(),
            at: Timestamp(n * 1_000_000_000),
            kind: "container".to_owned(),
            action: format!("step {n}"),
            actor_id: "a".repeat(64),
            attributes: [("name".to_owned(), "web".to_owned())].into(),
        })
    };
    ensure!(stage.streamer.newest_event(&leader).await? == None);
    let mut watches = stage.replicas.each_ref().map(|replica| replica.watch_events());
    for n in 1..=20 {
        stage.streamer.publish_event(&leader, EventItem::Event(event(n))).await?;
    }
    stage.streamer.publish_event(&leader, EventItem::Gap(stage.host.clone())).await?;
    let state = EventItem::HostState(stage.host.clone(), Some("no answer".to_owned()));
    stage.streamer.publish_event(&leader, state.clone()).await?;
    let expected: Vec<EventItem> = (1..=20)
        .map(|n| EventItem::Event(event(n)))
        .chain([EventItem::Gap(stage.host.clone()), state])
        .collect();
    for (index, watch) in watches.iter_mut().enumerate() {
        let mut seen = Vec::new();
        // A replica may have begun to read after the first of them: those are history there.
        while seen.last() != expected.last() {
            let next = tokio::time::timeout(PATIENCE, watch.0.recv());
            seen.push(next.await.with_context(|| format!("replica {index}: {seen:?}"))??);
        }
        ensure!(expected.ends_with(&seen), "replica {index}: {seen:?}");
    }
    for replica in &stage.replicas {
        eventually(PATIENCE, async || {
            let recent: Vec<i64> = replica.recent().iter().map(|event| event.at.0 / 1_000_000_000).collect();
            ensure!(recent == (1..=20).collect::<Vec<i64>>(), "{recent:?}");
            Ok(())
        })
        .await?;
    }
    ensure!(stage.streamer.newest_event(&leader).await? == Some(event(20)));
    Ok(())
}

pub async fn what_is_watched_is_wanted_and_for_a_while_after(stage: &Stage) -> Result<()> {
    let (logs, stats) = (container('b'), container('c'));
    ensure!(stage.streamer.wanted(&stage.host).await?.is_empty());
    let wanted = |expected: &[Topic]| {
        let expected: BTreeSet<Topic> = expected.iter().cloned().collect();
        eventually(PATIENCE, move || {
            let expected = expected.clone();
            async move {
                let wanted = stage.streamer.wanted(&stage.host).await?;
                ensure!(wanted == expected, "wanted: {wanted:?}");
                Ok(())
            }
        })
    };
    let changed = stage.streamer.changed(&stage.host);
    let first = stage.replicas[0].watch(&stage.host, &logs).await?;
    tokio::time::timeout(PATIENCE, changed).await?;
    let second = stage.replicas[1].watch(&stage.host, &logs).await?;
    let samples = stage.replicas[1].watch_stats(&stage.host, &stats).await?;
    wanted(&[Topic::Logs(logs.clone()), Topic::Stats(stats.clone())]).await?;
    drop(first);
    drop(samples);
    wanted(&[Topic::Logs(logs.clone())]).await?;
    // Held for longer than anything is good for without a renewal.
    tokio::time::sleep(3 * crate::stage::IDLE).await;
    ensure!(stage.streamer.wanted(&stage.host).await?.len() == 1, "a watched log is not wanted any more");
    drop(second);
    ensure!(stage.streamer.wanted(&stage.host).await?.len() == 1, "closed before its idle time");
    wanted(&[]).await
}
