use anyhow::{Result, ensure};
use dockline_domain::log::{Epoch, GapReason, Position};
use dockline_fanout::{Error, LogBegin, LogHead, StartAt, StreamState};

use crate::stage::{Stage, Viewer, Writer, container, numbers};

const BEGIN: LogBegin = LogBegin { epoch: Epoch(7), tty: false, gap: None };

pub async fn what_is_published_arrives_everywhere_once_and_in_order(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('a'));
    let early = stage.replicas[0].watch(&stage.host, &id).await?;
    ensure!(early.ring().start(StartAt::Tail(10)).is_none(), "nothing can be shown yet");
    ensure!(stage.streamer.head(&leader, &id).await? == None);
    stage.streamer.begin(&leader, &id, BEGIN).await?;
    let mut writer = Writer::new(7);
    stage.streamer.publish(&leader, &id, writer.batch(10)).await?;
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;

    let mut early = Viewer::open(early, StartAt::Oldest).await?;
    let mut tail = Viewer::open(stage.replicas[1].watch(&stage.host, &id).await?, StartAt::Tail(3)).await?;
    ensure!(tail.until(3).await? == numbers(7, 8..=10));
    for size in [1, 5, 1, 1, 2] {
        stage.streamer.publish(&leader, &id, writer.batch(size)).await?;
    }
    ensure!(early.until(20).await? == numbers(7, 1..=20));
    ensure!(tail.until(13).await? == numbers(7, 8..=20));
    // One who was cut off goes on behind what they saw, at any replica.
    let seen = StartAt::After(Position { epoch: Epoch(7), n: 14 });
    for replica in &stage.replicas {
        let mut back = Viewer::open(replica.watch(&stage.host, &id).await?, seen).await?;
        ensure!(back.until(6).await? == numbers(7, 15..=20));
    }
    let head = stage.streamer.head(&leader, &id).await?;
    ensure!(
        matches!(head, Some(LogHead { epoch: Epoch(7), last: 20, cursor: Some(cursor), unwatched: false }) if cursor.last == 20)
    );
    stage.streamer.rest(&leader, &id).await?;
    tail.until_state(&StreamState::Opening).await?;
    ensure!(stage.streamer.head(&leader, &id).await?.is_some_and(|head| head.unwatched && head.last == 20));
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    ensure!(stage.streamer.head(&leader, &id).await? == head, "somebody watches again");
    stage.streamer.set_state(&leader, &id, StreamState::Ended("exited with code 0".to_owned())).await?;
    for viewer in [&early, &tail] {
        let ended = StreamState::Ended("exited with code 0".to_owned());
        viewer.until_state(&ended).await?;
    }
    Ok(())
}

pub async fn a_batch_that_does_not_follow_is_refused_and_a_repeated_one_is_not(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('b'));
    let mut writer = Writer::new(7);
    let first = writer.batch(3);
    let lost = stage.streamer.publish(&leader, &id, first.clone()).await;
    ensure!(matches!(lost, Err(Error::Conflict { same_epoch: false, .. })), "{lost:?}");
    stage.streamer.begin(&leader, &id, BEGIN).await?;
    stage.streamer.publish(&leader, &id, first.clone()).await?;
    // The answer never arrived: the same again.
    stage.streamer.publish(&leader, &id, first.clone()).await?;
    let (second, third) = (writer.batch(2), writer.batch(4));
    let hole = stage.streamer.publish(&leader, &id, third.clone()).await;
    ensure!(hole == Err(Error::Conflict { same_epoch: true, last: 3 }), "{hole:?}");
    stage.streamer.publish(&leader, &id, second).await?;
    stage.streamer.publish(&leader, &id, third).await?;
    let old = stage.streamer.publish(&leader, &id, first).await;
    ensure!(old == Err(Error::Conflict { same_epoch: true, last: 9 }), "{old:?}");
    let other = stage.streamer.publish(&leader, &id, Writer::new(8).batch(1)).await;
    ensure!(matches!(other, Err(Error::Conflict { same_epoch: false, .. })), "{other:?}");
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    let mut viewer = Viewer::open(stage.replicas[0].watch(&stage.host, &id).await?, StartAt::Oldest).await?;
    ensure!(viewer.until(9).await? == numbers(7, 1..=9));
    Ok(())
}

pub async fn whoever_lost_the_lease_publishes_nothing(stage: &Stage) -> Result<()> {
    let (old, id) = (stage.lead().await?, container('c'));
    let mut writer = Writer::new(7);
    stage.streamer.begin(&old, &id, BEGIN).await?;
    stage.streamer.publish(&old, &id, writer.batch(2)).await?;
    let new = stage.usurp().await?;
    ensure!(new.token() > old.token());
    let batch = writer.batch(1);
    stage.streamer.publish(&new, &id, batch.clone()).await?;
    // Everything a leader can do, one by one.
    let fenced = Err(Error::Fenced);
    ensure!(stage.streamer.publish(&old, &id, batch).await == fenced);
    ensure!(stage.streamer.publish(&old, &id, writer.batch(1)).await == fenced);
    ensure!(stage.streamer.begin(&old, &id, LogBegin { epoch: Epoch(9), ..BEGIN }).await == fenced);
    ensure!(stage.streamer.mark_gap(&old, &id, GapReason::EngineLost).await == fenced);
    ensure!(stage.streamer.set_state(&old, &id, StreamState::Removed).await == fenced);
    ensure!(stage.streamer.rest(&old, &id).await == fenced);
    ensure!(stage.streamer.forget(&old, &id).await == fenced);
    ensure!(stage.streamer.head(&old, &id).await == Err(Error::Fenced));
    ensure!(stage.streamer.publish_stats(&old, &id, Default::default()).await == fenced);
    let gap = dockline_fanout::EventItem::Gap(stage.host.clone());
    ensure!(stage.streamer.publish_event(&old, gap).await == fenced);
    stage.streamer.set_state(&new, &id, StreamState::Live).await?;
    let mut viewer = Viewer::open(stage.replicas[1].watch(&stage.host, &id).await?, StartAt::Oldest).await?;
    ensure!(viewer.until(3).await? == numbers(7, 1..=3));
    Ok(())
}

pub async fn gaps_stand_where_they_were_marked(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('d'));
    stage.streamer.begin(&leader, &id, BEGIN).await?;
    let mut writer = Writer::new(7);
    stage.streamer.publish(&leader, &id, writer.batch(2)).await?;
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    let mut early = Viewer::open(stage.replicas[0].watch(&stage.host, &id).await?, StartAt::Oldest).await?;
    early.until(2).await?;
    stage.streamer.mark_gap(&leader, &id, GapReason::EngineLost).await?;
    stage.streamer.publish(&leader, &id, writer.batch(1)).await?;
    let late = stage.replicas[1].watch(&stage.host, &id).await?;
    let mut late = Viewer::open(late, StartAt::Oldest).await?;
    let mut expected = numbers(7, 1..=2);
    expected.push("gap engine_lost at 3".to_owned());
    expected.extend(numbers(7, 3..=3));
    ensure!(early.until(4).await? == expected, "{:?}", early.seen);
    ensure!(late.until(4).await? == expected, "{:?}", late.seen);

    let begin = LogBegin { epoch: Epoch(8), tty: false, gap: Some(GapReason::Rotated) };
    stage.streamer.begin(&leader, &id, begin).await?;
    stage.streamer.publish(&leader, &id, Writer::new(8).batch(2)).await?;
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    expected.push("gap rotated at 4".to_owned());
    expected.extend(numbers(8, 1..=2));
    ensure!(early.until(7).await? == expected, "{:?}", early.seen);
    ensure!(late.until(7).await? == expected, "{:?}", late.seen);
    Ok(())
}

pub async fn old_chunks_go_and_the_newest_stay(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('e'));
    stage.streamer.begin(&leader, &id, BEGIN).await?;
    let mut writer = Writer::new(7);
    for _ in 0..300 {
        stage.streamer.publish(&leader, &id, writer.batch(3)).await?;
    }
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    let mut viewer = Viewer::open(stage.replicas[0].watch(&stage.host, &id).await?, StartAt::Oldest).await?;
    viewer.look()?;
    let seen = viewer.seen.clone();
    // As many as the limit of chunks says, and not many more than fit into the limit of bytes.
    ensure!((50..=600).contains(&seen.len()), "{} chunks are kept", seen.len());
    ensure!(seen == numbers(7, 901 - seen.len() as u64..=900), "they are not the newest");
    // A position that is gone: told, and shown what there is.
    let gone = StartAt::After(Position { epoch: Epoch(7), n: 5 });
    let watch = stage.replicas[0].watch(&stage.host, &id).await?;
    let start = watch.ring().start(gone).expect("the log is open");
    let gap = start.gap.expect("a gap");
    ensure!((gap.from, gap.to) == (6, 900 - seen.len() as u64), "{gap:?}");
    Ok(())
}

pub async fn a_removed_container_is_told(stage: &Stage) -> Result<()> {
    let (leader, id) = (stage.lead().await?, container('f'));
    stage.streamer.begin(&leader, &id, BEGIN).await?;
    stage.streamer.publish(&leader, &id, Writer::new(7).batch(1)).await?;
    stage.streamer.set_state(&leader, &id, StreamState::Live).await?;
    let viewer = Viewer::open(stage.replicas[1].watch(&stage.host, &id).await?, StartAt::Oldest).await?;
    stage.streamer.forget(&leader, &id).await?;
    viewer.until_state(&StreamState::Removed).await?;
    ensure!(stage.streamer.head(&leader, &id).await? == None);
    Ok(())
}
