//! The streamer's side of logs, and what is wanted of it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use dockline_domain::{
    ContainerId, HostId,
    log::{Epoch, GapReason},
};
use dockline_lease::{Leadership, redis::lease_key};
use dockline_redis::{Args, Script};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;
use tracing::{info, warn};

use super::{
    BEGIN, FORGET, HEAD, MARK_GAP, PUBLISH, Published, RESTORE, RedisFanout, STATE, WANTED, Wants, hold,
    names, wire,
};
use crate::{Error, Interest, LogBatch, LogBegin, LogHead, LogPublisher, Result, StreamState, Topic};

/// Within this time after a store forgot everything, each replica has told it what it knows: twice their interval.
const SEEDED_WITHIN: Duration = Duration::from_secs(2);
const LOOK_FOR_SEED: Duration = Duration::from_millis(100);

/// A script's answer: a word, and what belongs to it.
type Answer = Vec<Vec<u8>>;

impl RedisFanout {
    /// Runs a script of a leader's. The lease is the first key, the term's token the first argument.
    pub(super) async fn fenced(
        &self,
        leadership: &Leadership,
        script: &Script,
        keys: &[&str],
        args: impl FnOnce(Args) -> Args,
    ) -> Result<Answer> {
        // The script would refuse; a leader that knows does not ask.
        if leadership.has_ended() {
            return Err(Error::Fenced);
        }
        let lease = lease_key(&self.redis, leadership.host());
        let keys: Vec<&str> = std::iter::once(lease.as_str()).chain(keys.iter().copied()).collect();
        let args = args(Args::new().number(leadership.token().number()));
        let answer: Answer = self.redis.run(script, &keys, &args).await?;
        let word = answer.first().map(Vec::as_slice);
        match word {
            Some(b"OK") => Ok(answer),
            Some(b"FENCED") => Err(Error::Fenced),
            Some(b"CONFLICT") => Err(Error::Conflict { same_epoch: true, last: number(&answer, 1)? }),
            Some(b"LOST" | b"EPOCH") => Err(Error::Conflict { same_epoch: false, last: 0 }),
            _ => Err(Error::Unavailable("a script answered something unknown".to_owned())),
        }
    }

    fn keep_seconds(&self) -> u64 {
        self.options.keep_in_store.as_secs()
    }

    /// What is stored; `None` if nothing is.
    async fn stored_head(&self, leadership: &Leadership, container: &ContainerId) -> Result<Option<LogHead>> {
        let names = self.names(leadership.host(), container);
        match self.fenced(leadership, &HEAD, &[&names.meta], |args| args).await {
            Ok(answer) => self.remember(leadership, container, &answer).map(Some),
            Err(Error::Conflict { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts back what the store has forgotten but this process knows. When another process led before, the
    /// replicas know: a leader whose term began on an empty store gives them the time to tell it.
    async fn restore(&self, leadership: &Leadership, container: &ContainerId) -> Result<Option<LogHead>> {
        let key = (leadership.host().clone(), container.clone());
        let Some(Published { head, tty }) = self.published.get(&key).map(|known| *known) else {
            while leadership.empty_store_at().is_some_and(|at| at.elapsed() < SEEDED_WITHIN) {
                tokio::time::sleep(LOOK_FOR_SEED).await;
                if let Some(head) = self.stored_head(leadership, container).await? {
                    info!(
                        container = container.short(),
                        last = head.last,
                        "a replica knew where a log stands"
                    );
                    return Ok(Some(head));
                }
            }
            return Ok(None);
        };
        let names = self.names(leadership.host(), container);
        let cursor = head.cursor.as_ref().map(wire::encode_cursor).unwrap_or_default();
        let restore = |args: Args| {
            args.number(head.epoch.0)
                .number(head.last)
                .bytes(cursor)
                .number(tty.into())
                .number(self.keep_seconds())
        };
        let answer = self.fenced(leadership, &RESTORE, &[&names.meta, &names.stream], restore).await?;
        info!(
            container = container.short(),
            last = head.last,
            "Redis had forgotten a log; its place is restored"
        );
        self.remember(leadership, container, &answer).map(Some)
    }

    async fn say(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        state: &StreamState,
        unwatched: bool,
    ) -> Result<()> {
        let names = self.names(leadership.host(), container);
        let state = wire::encode_state(state);
        self.fenced(leadership, &STATE, &[&names.meta, &names.state], |args| {
            args.bytes(&state)
                .number(self.keep_seconds())
                .bytes(self.redis.publish_command())
                .bytes(&names.log_channel)
                .bytes(&state)
                .number(unwatched.into())
        })
        .await
        .map(drop)
    }

    /// Keeps in mind what a script answered of a log's place.
    fn remember(&self, leadership: &Leadership, container: &ContainerId, answer: &Answer) -> Result<LogHead> {
        let published = Published { head: head_of(answer, container)?, tty: number(answer, 4)? == 1 };
        self.published.insert((leadership.host().clone(), container.clone()), published);
        Ok(published.head)
    }
}

#[async_trait]
impl LogPublisher for RedisFanout {
    async fn head(&self, leadership: &Leadership, container: &ContainerId) -> Result<Option<LogHead>> {
        match self.stored_head(leadership, container).await? {
            Some(head) => Ok(Some(head)),
            None => self.restore(leadership, container).await,
        }
    }

    async fn begin(&self, leadership: &Leadership, container: &ContainerId, begin: LogBegin) -> Result<()> {
        let names = self.names(leadership.host(), container);
        let gap = begin.gap.map_or("", GapReason::as_str);
        self.fenced(leadership, &BEGIN, &[&names.meta, &names.stream], |args| {
            args.number(begin.epoch.0)
                .number(begin.tty.into())
                .bytes(gap)
                .number(self.keep_seconds())
                .bytes(self.redis.publish_command())
                .bytes(&names.log_channel)
                .bytes(wire::look())
        })
        .await?;
        let head = LogHead { epoch: begin.epoch, last: 0, cursor: None, unwatched: false };
        let key = (leadership.host().clone(), container.clone());
        self.published.insert(key, Published { head, tty: begin.tty });
        Ok(())
    }

    async fn publish(&self, leadership: &Leadership, container: &ContainerId, batch: LogBatch) -> Result<()> {
        let names = self.names(leadership.host(), container);
        let limits = self.options.ring;
        self.fenced(leadership, &PUBLISH, &[&names.meta, &names.stream], |args| {
            args.number(batch.epoch().0)
                .number(batch.first() - 1)
                .number(batch.len() as u64)
                .bytes(wire::encode_cursor(batch.cursor()))
                .bytes(wire::encode_batch(&batch))
                .number(self.keep_seconds())
                .bytes(self.redis.publish_command())
                .bytes(&names.log_channel)
                .number(limits.bytes as u64)
                .number(limits.chunks as u64)
                .number(limits.hard_bytes as u64)
        })
        .await?;
        let key = (leadership.host().clone(), container.clone());
        let head = LogHead {
            epoch: batch.epoch(),
            last: batch.last(),
            cursor: Some(*batch.cursor()),
            unwatched: false,
        };
        // Nobody publishes before `begin` or `head`.
        if let Some(mut known) = self.published.get_mut(&key) {
            known.head = head;
        }
        Ok(())
    }

    async fn mark_gap(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        reason: GapReason,
    ) -> Result<()> {
        let names = self.names(leadership.host(), container);
        self.fenced(leadership, &MARK_GAP, &[&names.meta, &names.stream], |args| {
            args.bytes(reason.as_str())
                .number(self.keep_seconds())
                .bytes(self.redis.publish_command())
                .bytes(&names.log_channel)
        })
        .await
        .map(drop)
    }

    async fn set_state(
        &self,
        leadership: &Leadership,
        container: &ContainerId,
        state: StreamState,
    ) -> Result<()> {
        self.say(leadership, container, &state, false).await
    }

    async fn rest(&self, leadership: &Leadership, container: &ContainerId) -> Result<()> {
        self.say(leadership, container, &StreamState::Opening, true).await
    }

    async fn forget(&self, leadership: &Leadership, container: &ContainerId) -> Result<()> {
        let names = self.names(leadership.host(), container);
        let state = wire::encode_state(&StreamState::Removed);
        self.published.remove(&(leadership.host().clone(), container.clone()));
        let keys = [&*names.meta, &names.stream, &names.state, &names.stats];
        self.fenced(leadership, &FORGET, &keys, |args| {
            args.bytes(&state)
                .number(self.keep_seconds())
                .bytes(self.redis.publish_command())
                .bytes(&names.log_channel)
                .bytes(&state)
        })
        .await
        .map(drop)
    }
}

#[async_trait]
impl Interest for RedisFanout {
    async fn wanted(&self, host: &HostId) -> Result<BTreeSet<Topic>> {
        let key = names::wanted(self.redis.keys(), host);
        let topics: Vec<String> = self.redis.run(&WANTED, &[&key], &Args::new()).await?;
        Ok(topics.iter().filter_map(|text| hold::parse_topic(text)).collect())
    }

    async fn changed(&self, host: &HostId) {
        let changed = self.wants_of(host);
        changed.notified().await;
    }
}

impl RedisFanout {
    /// Listens for new wants of a host from the first question on.
    fn wants_of(&self, host: &HostId) -> Arc<Notify> {
        let mut wants = self.wants.lock();
        let wants = wants.entry(host.clone()).or_insert_with(|| {
            let changed = Arc::new(Notify::new());
            let mut news = self.redis.subscribe(&names::wanted_channel(self.redis.keys(), host));
            let notify = Arc::clone(&changed);
            let task = tokio::spawn(async move {
                while news.next().await.is_some() {
                    notify.notify_one();
                }
            });
            Wants { changed, _task: AbortOnDropHandle::new(task) }
        });
        Arc::clone(&wants.changed)
    }
}

/// A log's place as scripts answer it: behind the word, epoch, last number, cursor, whether it has a terminal and, where
/// that is known, whether nobody has watched since.
fn head_of(answer: &Answer, container: &ContainerId) -> Result<LogHead> {
    let cursor = match answer.get(3) {
        Some(bytes) if !bytes.is_empty() => match wire::decode_cursor(bytes.clone()) {
            Ok(cursor) => Some(cursor),
            Err(foreign) => {
                warn!(container = container.short(), %foreign, "the stored place of a log cannot be read");
                None
            }
        },
        _ => None,
    };
    let unwatched = answer.get(5).is_some_and(|flag| flag == b"1");
    Ok(LogHead { epoch: Epoch(number(answer, 1)?), last: number(answer, 2)?, cursor, unwatched })
}

pub(super) fn number(answer: &Answer, index: usize) -> Result<u64> {
    let text = answer.get(index).and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| Error::Unavailable("a script answered no number".to_owned()))
}
