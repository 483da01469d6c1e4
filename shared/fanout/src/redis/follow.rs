//! A replica's ring of a log, kept equal to the store.
//!
//! What is published is appended when it follows the ring's end; what was there already is dropped; anything
//! else sends the follower to the stream. Once a second it compares ends, which finds a lost last message.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use dockline_domain::{
    ContainerId, HostId,
    log::{Cursor, Epoch, GapReason},
};
use dockline_redis::{Args, Message, Redis, Result as RedisResult, cmd};
use parking_lot::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, warn};

use super::{RedisFanout, SEED, hold::Holds, names::LogNames, wire};
use crate::{LogBatch, LogFeed, LogWatch, Result, Ring, StreamState, Topic, session::Seat};

/// How often a ring's end is compared with the store's.
const COMPARE_EVERY: Duration = Duration::from_secs(1);
/// How many entries are read at once: at most 64 KiB each.
const PAGE: usize = 128;

/// The logs that this replica follows.
#[derive(Debug, Default)]
pub(super) struct Followers {
    logs: Mutex<HashMap<(HostId, ContainerId), Followed>>,
}

#[derive(Debug)]
struct Followed {
    ring: Arc<Ring>,
    watchers: usize,
    idle_since: Instant,
    _task: AbortOnDropHandle<()>,
}

impl Followers {
    /// Stops following what nobody has watched for a while.
    pub(super) fn drop_idle(&self, keep: Duration) {
        self.logs.lock().retain(|_, log| log.watchers > 0 || log.idle_since.elapsed() < keep);
    }
}

#[async_trait]
impl LogFeed for RedisFanout {
    /// Never fails: while Redis is down, the ring says so and goes on by itself.
    async fn watch(&self, host: &HostId, container: &ContainerId) -> Result<LogWatch> {
        let key = (host.clone(), container.clone());
        let want = self.holds.want(host, Topic::Logs(container.clone()));
        let ring = {
            let mut logs = self.followers.logs.lock();
            let log = logs.entry(key.clone()).or_insert_with(|| {
                let ring = Arc::new(Ring::new(self.options.ring));
                let follower = Follower {
                    redis: self.redis.clone(),
                    holds: Arc::clone(&self.holds),
                    host: host.clone(),
                    names: self.names(host, container),
                    container: container.clone(),
                    ring: Arc::clone(&ring),
                    at: None,
                    cursor: None,
                    tty: false,
                    seen: None,
                    keep: self.options.keep_in_store,
                };
                let task = AbortOnDropHandle::new(tokio::spawn(follower.run()));
                Followed { ring, watchers: 0, idle_since: Instant::now(), _task: task }
            });
            log.watchers += 1;
            Arc::clone(&log.ring)
        };
        let followers = Arc::clone(&self.followers);
        let interest = Seat::new(move || {
            drop(want);
            if let Some(log) = followers.logs.lock().get_mut(&key) {
                log.watchers -= 1;
                log.idle_since = Instant::now();
            }
        });
        Ok(LogWatch::new(ring, interest))
    }
}

/// A place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    epoch: Epoch,
    last: u64,
    /// Gap marks behind the last chunk.
    marks: u64,
}

struct Follower {
    redis: Redis,
    holds: Arc<Holds>,
    host: HostId,
    names: LogNames,
    container: ContainerId,
    ring: Arc<Ring>,
    /// Where the ring ends.
    at: Option<Place>,
    /// The way back to the ring's end, for a store that forgets.
    cursor: Option<Cursor>,
    tty: bool,
    /// Where the store ended at the last comparison.
    seen: Option<Place>,
    /// How long the store keeps what nobody writes to.
    keep: Duration,
}

/// What the store says of a log.
struct Stored {
    place: Place,
    tty: bool,
    gap: Option<GapReason>,
}

impl Follower {
    async fn run(mut self) {
        let mut news = self.redis.subscribe(&self.names.log_channel);
        let mut compare = interval(COMPARE_EVERY);
        compare.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                message = news.next() => match message {
                    None => return,
                    Some(Message::Sync) => self.read().await,
                    Some(Message::Data(bytes)) => self.take(bytes).await,
                },
                _ = compare.tick() => self.compare().await,
            };
            if let Err(error) = done {
                debug!(container = self.container.short(), %error, "a log cannot be read from Redis");
                self.ring.set_state(StreamState::Delayed(error.to_string()));
            }
        }
    }

    async fn take(&mut self, bytes: Bytes) -> RedisResult<()> {
        match wire::decode(bytes) {
            Ok(wire::Message::Batch(batch)) => {
                if self.append(batch) {
                    Ok(())
                } else {
                    self.read().await
                }
            }
            Ok(wire::Message::State(state)) => {
                // "Live" and "ended" speak of everything before them.
                self.read_log().await?;
                self.ring.set_state(state);
                Ok(())
            }
            Ok(wire::Message::Look) => self.read().await,
            Err(foreign) => {
                warn!(container = self.container.short(), %foreign, "skipped a message that is not ours");
                Ok(())
            }
        }
    }

    /// Appends what is new; `false` if something is missing before it.
    fn append(&mut self, batch: LogBatch) -> bool {
        let Some(at) = &mut self.at else { return false };
        if at.epoch != batch.epoch() || batch.first() > at.last + 1 {
            return false;
        }
        // A new leader, or a Redis that went back in time, sends the same chunks with the same numbers again.
        if batch.last() > at.last
            && let Some(new) = batch.without_before(at.last + 1)
        {
            *at = Place { epoch: at.epoch, last: new.last(), marks: 0 };
            self.cursor = Some(*new.cursor());
            self.ring.append(new);
        }
        true
    }

    async fn read(&mut self) -> RedisResult<()> {
        // The state first: "live" and "ended" speak of everything that is in the log by then.
        let state = self.stored_state().await?;
        let began = self.read_log().await?;
        self.show(state, began);
        Ok(())
    }

    /// Once a second. A difference is looked into when it is still there a second later: before, the message
    /// may be on its way.
    async fn compare(&mut self) -> RedisResult<()> {
        let stored = self.stored().await?.map(|stored| stored.place);
        if stored.is_none() {
            self.holds.remind(&self.host, &Topic::Logs(self.container.clone()));
            self.seed().await?;
        }
        let behind = |seen: Place| {
            self.at.is_none_or(|at| at.epoch != seen.epoch || (at.last, at.marks) < (seen.last, seen.marks))
        };
        if self.seen.is_some_and(behind) {
            debug!(container = self.container.short(), "found by comparison: a message was lost");
            self.read().await?;
        }
        self.seen = stored;
        let state = self.stored_state().await?;
        self.show(state, false);
        Ok(())
    }

    /// Tells a store that has forgotten the log where this ring ends.
    async fn seed(&self) -> RedisResult<()> {
        let (Some(at), Some(cursor)) = (self.at, &self.cursor) else { return Ok(()) };
        if self.ring.state() == StreamState::Removed {
            return Ok(());
        }
        let args = Args::new()
            .number(at.epoch.0)
            .number(at.last)
            .bytes(wire::encode_cursor(cursor))
            .number(self.tty.into())
            .number(self.keep.as_secs());
        self.redis.run::<u8>(&SEED, &[&self.names.meta, &self.names.stream], &args).await.map(drop)
    }

    async fn stored_state(&self) -> RedisResult<StreamState> {
        let state: Option<Vec<u8>> = self.redis.query(cmd("GET").arg(&self.names.state)).await?;
        Ok(match state.map(|bytes| wire::decode(bytes.into())) {
            Some(Ok(wire::Message::State(state))) => state,
            _ => StreamState::Opening,
        })
    }

    /// Shows a state. A new numbering forgets what an equal one before it said.
    fn show(&self, state: StreamState, is_new: bool) {
        if is_new || state != self.ring.state() {
            self.ring.set_state(state);
        }
    }

    async fn stored(&self) -> RedisResult<Option<Stored>> {
        type Fields = (Option<u64>, Option<u64>, Option<u64>, Option<u8>, Option<String>);
        let fields = ["epoch", "last", "marks", "tty", "gap"];
        let (epoch, last, marks, tty, gap): Fields =
            self.redis.query(cmd("HMGET").arg(&self.names.meta).arg(&fields)).await?;
        let (Some(epoch), Some(last)) = (epoch, last) else { return Ok(None) };
        let place = Place { epoch: Epoch(epoch), last, marks: marks.unwrap_or_default() };
        let gap = gap.and_then(|name| GapReason::from_name(&name));
        Ok(Some(Stored { place, tty: tty == Some(1), gap }))
    }

    /// Reads what the ring does not have yet. Returns whether a new numbering began.
    async fn read_log(&mut self) -> RedisResult<bool> {
        let Some(stored) = self.stored().await? else { return Ok(false) };
        let begins = self.at.is_none_or(|at| at.epoch != stored.place.epoch);
        if begins {
            // A numbering that this ring does not know. Whatever came before it, viewers are told why it ended;
            // before the first chunk there is nothing to tell of.
            let gap = match self.at {
                None => None,
                Some(at) if at.last == 0 => stored.gap,
                Some(_) => Some(stored.gap.unwrap_or(GapReason::StateLost)),
            };
            self.ring.begin(stored.place.epoch, stored.tty, gap);
            self.at = Some(Place { epoch: stored.place.epoch, last: 0, marks: 0 });
            (self.cursor, self.tty) = (None, stored.tty);
        }
        let Some(at) = self.at else { return Ok(false) };
        let mut after = format!("({}-{}", at.last, at.marks);
        loop {
            type Entry = (String, Vec<(String, Vec<u8>)>);
            let read =
                cmd("XRANGE").arg(&self.names.stream).arg(&after).arg("+").arg("COUNT").arg(PAGE).to_owned();
            let entries: Vec<Entry> = self.redis.read_page(&read).await?;
            let Some((last_id, _)) = entries.last() else { break };
            after = format!("({last_id}");
            let is_last = entries.len() < PAGE;
            for (id, fields) in entries {
                for (name, value) in fields {
                    self.take_entry(&id, &name, value);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(begins)
    }

    fn take_entry(&mut self, id: &str, name: &str, value: Vec<u8>) {
        let Some(at) = self.at else { return };
        if name == "g" {
            let reason = std::str::from_utf8(&value).ok().and_then(GapReason::from_name);
            let place =
                id.split_once('-').and_then(|(last, mark)| Some((last.parse().ok()?, mark.parse().ok()?)));
            if let (Some(reason), Some((last, marks))) = (reason, place) {
                self.ring.mark_gap(reason);
                self.at = Some(Place { last, marks, ..at });
            }
            return;
        }
        match wire::decode(value.into()) {
            // The stream was begun anew in the meantime: the next reading sees that.
            Ok(wire::Message::Batch(batch)) if batch.epoch() != at.epoch => {}
            Ok(wire::Message::Batch(batch)) => {
                if batch.first() > at.last + 1 {
                    // Trimmed away before this replica read it; at the very beginning that is no loss.
                    if at.last > 0 {
                        self.ring.skip_to(batch.first(), GapReason::StateLost);
                    }
                    self.at = Some(Place { last: batch.first() - 1, ..at });
                }
                self.append(batch);
            }
            Ok(_) => {}
            Err(foreign) => {
                warn!(container = self.container.short(), id, %foreign, "skipped an entry that is not ours");
            }
        }
    }
}
