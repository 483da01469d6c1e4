use std::sync::Arc;

use anyhow::{Result, ensure};
use dockline_domain::{Timestamp, event::EngineEvent};
use dockline_fanout::{Error, EventItem, OutboxEntry, OutboxItem, OutboxLevel};

use crate::stage::{OUTBOX, Stage};

fn event(stage: &Stage, n: i64) -> EventItem {
    EventItem::Event(Arc::new(EngineEvent {
        host: stage.host.clone(),
        at: Timestamp(n * 1_000_000_000),
        kind: "container".to_owned(),
        action: format!("step {n}"),
        actor_id: "a".repeat(64),
        attributes: [("name".to_owned(), "web".to_owned())].into(),
    }))
}

fn items(entries: &[OutboxEntry]) -> Vec<OutboxItem> {
    entries.iter().map(|entry| entry.item.clone()).collect()
}

pub async fn what_is_published_waits_in_order_until_it_is_relayed(stage: &Stage) -> Result<()> {
    let leader = stage.lead().await?;
    ensure!(stage.streamer.open_outbox(&leader).await?, "a new outbox");
    ensure!(!stage.streamer.open_outbox(&leader).await?, "the same outbox");
    let gap = EventItem::Gap(stage.host.clone());
    let online = EventItem::HostState(stage.host.clone(), None);
    let offline = EventItem::HostState(stage.host.clone(), Some("no answer".to_owned()));
    // An event that was published before, and a condition that is no other, are not put in again.
    let published = [
        event(stage, 1),
        online.clone(),
        event(stage, 2),
        event(stage, 1),
        online.clone(),
        gap.clone(),
        offline.clone(),
        online.clone(),
    ];
    for item in published {
        stage.streamer.publish_event(&leader, item).await?;
    }
    let expected: Vec<OutboxItem> = std::iter::once(OutboxItem::Began)
        .chain(
            [event(stage, 1), online.clone(), event(stage, 2), gap, offline, online]
                .map(OutboxItem::Published),
        )
        .collect();
    let all = stage.streamer.waiting(&leader, 100).await?;
    ensure!(items(&all) == expected, "{all:#?}");
    ensure!(all.is_sorted_by(|one, other| one.position < other.position), "{all:#?}");
    ensure!(stage.streamer.waiting(&leader, 2).await? == all[..2]);
    // Each has an identity of its own, which stays the same.
    let ids = |entries: &[OutboxEntry]| -> Vec<String> {
        entries.iter().map(|entry| entry.event(&stage.host).id()).collect()
    };
    let first = ids(&all);
    ensure!(first.iter().collect::<std::collections::BTreeSet<_>>().len() == all.len(), "{first:?}");
    ensure!(ids(&stage.streamer.waiting(&leader, 100).await?) == first);

    let level = |waiting| OutboxLevel { waiting, limit: OUTBOX, lost: 0 };
    ensure!(stage.streamer.outbox_level(&leader).await? == level(7));
    ensure!(stage.streamer.relayed(&leader, all[2].position).await? == level(4));
    ensure!(stage.streamer.relayed(&leader, all[2].position).await? == level(4));
    ensure!(stage.streamer.relayed(&leader, all[1].position).await? == level(4), "a place before that");
    ensure!(stage.streamer.waiting(&leader, 100).await? == all[3..]);
    ensure!(stage.streamer.relayed(&leader, all[6].position).await? == level(0));
    ensure!(stage.streamer.waiting(&leader, 100).await?.is_empty());
    // What was relayed is not put in again either.
    stage.streamer.publish_event(&leader, event(stage, 2)).await?;
    ensure!(stage.streamer.waiting(&leader, 100).await?.is_empty());
    Ok(())
}

pub async fn an_outbox_that_is_full_says_how_much_is_missing(stage: &Stage) -> Result<()> {
    let leader = stage.lead().await?;
    let limit = i64::try_from(OUTBOX)?;
    for n in 1..=limit + 5 {
        stage.streamer.publish_event(&leader, event(stage, n)).await?;
    }
    let all = stage.streamer.waiting(&leader, 100).await?;
    let kept = |range: std::ops::RangeInclusive<i64>| -> Vec<OutboxItem> {
        range.map(|n| OutboxItem::Published(event(stage, n))).collect()
    };
    ensure!(items(&all) == kept(1..=limit), "{all:#?}");
    // What people watch is not held up by it.
    ensure!(
        stage.streamer.newest_event(&leader).await?.is_some_and(|newest| newest.at.0 > limit * 1_000_000_000)
    );
    let level = stage.streamer.relayed(&leader, all[3].position).await?;
    ensure!(level == OutboxLevel { waiting: OUTBOX - 3, limit: OUTBOX, lost: 5 }, "{level:?}");
    stage.streamer.publish_event(&leader, event(stage, 100)).await?;
    let rest = stage.streamer.waiting(&leader, 100).await?;
    let expected: Vec<OutboxItem> = kept(5..=limit)
        .into_iter()
        .chain([OutboxItem::Lost(5), OutboxItem::Published(event(stage, 100))])
        .collect();
    ensure!(items(&rest) == expected, "{rest:#?}");
    let level = stage.streamer.relayed(&leader, rest[0].position).await?;
    ensure!(level.lost == 0, "the same loss was counted twice");
    Ok(())
}

pub async fn whoever_lost_the_lease_relays_nothing(stage: &Stage) -> Result<()> {
    let old = stage.lead().await?;
    stage.streamer.publish_event(&old, event(stage, 1)).await?;
    let entries = stage.streamer.waiting(&old, 100).await?;
    ensure!(entries.len() == 1);
    let new = stage.usurp().await?;
    ensure!(stage.streamer.waiting(&new, 100).await? == entries, "the next leader takes over");
    ensure!(stage.streamer.relayed(&old, entries[0].position).await == Err(Error::Fenced));
    ensure!(stage.streamer.waiting(&old, 100).await == Err(Error::Fenced));
    ensure!(stage.streamer.open_outbox(&old).await == Err(Error::Fenced));
    ensure!(stage.streamer.publish_event(&old, event(stage, 2)).await == Err(Error::Fenced));
    ensure!(stage.streamer.waiting(&new, 100).await? == entries);
    Ok(())
}
