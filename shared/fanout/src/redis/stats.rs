//! Resource use: only the newest sample counts.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use bytestring::ByteString;
use dockline_domain::{ContainerId, HostId};
use dockline_lease::Leadership;
use dockline_redis::{Message, Redis, cmd};
use parking_lot::Mutex;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::{RedisFanout, STATS, names::LogNames, wire};
use crate::{Result, StatsFeed, StatsPublisher, StatsUpdate, StatsWatch, StreamState, Topic, session::Seat};

/// A sample that nothing replaced is no news any more after so many seconds.
const KEEP_SECONDS: u64 = 30;
/// How often a follower looks whether Redis still answers.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// The containers whose resource use this replica follows, as long as somebody watches.
#[derive(Debug, Clone, Default)]
pub(super) struct StatsFollowers(Arc<Mutex<HashMap<(HostId, ContainerId), Followed>>>);

#[derive(Debug)]
struct Followed {
    updates: watch::Receiver<StatsUpdate>,
    watchers: usize,
    _task: AbortOnDropHandle<()>,
}

#[async_trait]
impl StatsPublisher for RedisFanout {
    async fn publish_stats(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        update: StatsUpdate,
    ) -> Result<()> {
        let names = self.names(leadership.host(), container);
        let update = encode(&update);
        self.fenced(leadership, &STATS, &[&names.stats], |args| {
            args.bytes(&update)
                .number(KEEP_SECONDS)
                .bytes(self.redis.publish_command())
                .bytes(&names.stats_channel)
        })
        .await
        .map(drop)
    }
}

#[async_trait]
impl StatsFeed for RedisFanout {
    async fn watch_stats(&self, host: &HostId, container: &ContainerId) -> Result<StatsWatch> {
        let want = self.holds.want(host, Topic::Stats(container.clone()));
        let key = (host.clone(), container.clone());
        let updates = {
            let mut followed = self.stats.0.lock();
            let one = followed.entry(key.clone()).or_insert_with(|| {
                let (sender, updates) = watch::channel(StatsUpdate::default());
                let (holds, host, topic) =
                    (Arc::clone(&self.holds), host.clone(), Topic::Stats(container.clone()));
                let remind = move || holds.remind(&host, &topic);
                let task = follow(self.redis.clone(), self.names(&key.0, container), sender, remind);
                Followed { updates, watchers: 0, _task: AbortOnDropHandle::new(tokio::spawn(task)) }
            });
            one.watchers += 1;
            one.updates.clone()
        };
        let followers = self.stats.clone();
        let interest = Seat::new(move || {
            drop(want);
            let mut followed = followers.0.lock();
            if let Some(one) = followed.get_mut(&key) {
                one.watchers -= 1;
                if one.watchers == 0 {
                    followed.remove(&key);
                }
            }
        });
        Ok(StatsWatch::new(updates, interest))
    }
}

async fn follow(
    redis: Redis,
    names: LogNames,
    updates: watch::Sender<StatsUpdate>,
    remind: impl Fn() + Send,
) {
    let mut news = redis.subscribe(&names.stats_channel);
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let newest = cmd("GET").arg(&names.stats).to_owned();
    let mut is_delayed = false;
    loop {
        let bytes = tokio::select! {
            message = news.next() => match message {
                None => return,
                Some(Message::Data(bytes)) => Some(bytes),
                Some(Message::Sync) => None,
            },
            _ = look.tick() => None,
        };
        let bytes = match bytes {
            Some(bytes) => bytes,
            None => match redis.query::<Option<Vec<u8>>>(&newest).await {
                Ok(Some(bytes)) => bytes.into(),
                Ok(None) => {
                    remind();
                    continue;
                }
                Err(error) => {
                    is_delayed = true;
                    updates.send_modify(|update| update.state = StreamState::Delayed(error.to_string()));
                    continue;
                }
            },
        };
        match decode(bytes) {
            Some(update) => {
                let is_news = std::mem::take(&mut is_delayed) || *updates.borrow() != update;
                updates.send_if_modified(|newest| {
                    *newest = update;
                    is_news
                });
            }
            None => warn!(key = names.stats, "skipped a sample that is not ours"),
        }
    }
}

/// The state behind its length, and the frame.
fn encode(update: &StatsUpdate) -> Vec<u8> {
    let state = wire::encode_state(&update.state);
    let length = u32::try_from(state.len()).unwrap_or(u32::MAX).to_le_bytes();
    let frame = update.frame.as_ref().map_or(&[][..], |frame| frame.as_bytes());
    [&length, state.as_slice(), frame].concat()
}

fn decode(bytes: Bytes) -> Option<StatsUpdate> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let (state, frame) = (bytes.get(4..4 + length)?, bytes.slice(4 + length..));
    let wire::Message::State(state) = wire::decode(Bytes::copy_from_slice(state)).ok()? else { return None };
    let frame = if frame.is_empty() { None } else { Some(ByteString::try_from(frame).ok()?) };
    Some(StatsUpdate { frame, state })
}
