//! Following a log: from the engine's stream into batches.

use std::time::Duration;

use dockline_docker::{ContainerStatus, LogQuery, LogStream, Tail};
use dockline_domain::{
    Timestamp,
    log::{Chunk, GapReason, Located, Window, locate},
};
use dockline_fanout::StreamState;
use futures::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::debug;

use super::{
    Fail, INITIAL_TAIL, LogReader, packer::Packer, resume::FIRST_WINDOW, rotation::RotationGuard, window,
};
use crate::clock;

/// What is stored has been read when the engine pauses for this long after a chunk.
const PAUSE_AFTER_STORED: Duration = Duration::from_millis(40);
/// The same before the first chunk: an empty log, or an engine that is slow to begin.
const PAUSE_BEFORE_STORED: Duration = Duration::from_millis(150);
/// The place must turn up in the stored part of a new stream within this time.
const FIND_PLACE: Duration = Duration::from_secs(5);
/// A log that rotates is compared with what is stored after this long without output: followers have
/// been seen to get stuck at rotations.
const SILENCE: Duration = Duration::from_secs(5);
/// Clocks that differ by less are taken for the same clock (the engine tells only whole seconds).
const SAME_CLOCK: Duration = Duration::from_millis(1_500);

/// How a stream is joined to what was published before it.
pub(super) enum Mode {
    /// A new epoch: everything counts, but for a beginning that is not later than `already_seen`.
    Fresh { already_seen: Option<Timestamp> },
    /// The same epoch: everything up to the last published chunk is skipped.
    Stitch { is_whole: bool },
}

impl LogReader {
    /// Opens the stream and publishes from it until the engine ends it.
    pub(super) async fn follow(
        &mut self,
        status: &ContainerStatus,
        mut packer: Packer,
        mode: Mode,
    ) -> Result<(), Fail> {
        let mut guard = self.guard.take().or_else(|| status.rotates_at.map(RotationGuard::new));
        if let Some(guard) = &guard {
            self.recent.grow(guard.repeats_within());
        }
        let ended = self.follow_stream(&mut packer, guard.as_mut(), mode).await;
        self.guard = guard;
        // However the stream ended, what was read from it counts as read: it must go out.
        if !matches!(ended, Err(Fail::Publish(_))) {
            packer.flush(&self.session, &self.container).await?;
        }
        ended
    }

    async fn follow_stream(
        &mut self,
        packer: &mut Packer,
        mut guard: Option<&mut RotationGuard>,
        mode: Mode,
    ) -> Result<(), Fail> {
        let tail = if matches!(mode, Mode::Fresh { .. }) { INITIAL_TAIL } else { FIRST_WINDOW };
        let query = LogQuery { tail: Tail::Last(tail), since: None, until: None, follow: true };
        self.session.metrics.log_request();
        let requested = clock::now();
        let open = self.session.host.engine.logs(&self.container, &query).await?;
        let _open = self.session.metrics.log_open();
        let opened = OpenedAt::new(requested, open.engine_time);
        let mut chunks = open.chunks;

        let mut backlog = Some(Backlog::default());
        match mode {
            Mode::Fresh { already_seen } => {
                if let Some(seen) = already_seen {
                    self.skip_until(&mut chunks, seen, packer).await?;
                }
            }
            Mode::Stitch { is_whole } => {
                if !self.skip_published(&mut chunks, is_whole, packer).await? {
                    return Ok(());
                }
                self.say(StreamState::Live).await;
                backlog = None;
            }
        }

        let mut silent_since = Instant::now();
        loop {
            let far = Instant::now() + Duration::from_secs(3_600);
            let flush_at = packer.due();
            let filled_at = backlog.as_ref().map(Backlog::quiet_at);
            let silent_at = guard.as_ref().map(|_| silent_since + SILENCE);
            let next = tokio::select! {
                biased;
                () = sleep_until(flush_at.unwrap_or(far)), if flush_at.is_some() => {
                    packer.flush(&self.session, &self.container).await?;
                    continue;
                }
                () = sleep_until(filled_at.unwrap_or(far)), if filled_at.is_some() => {
                    self.filled(packer, &mut backlog).await?;
                    continue;
                }
                () = sleep_until(silent_at.unwrap_or(far)), if silent_at.is_some() && backlog.is_none() => {
                    if self.is_stuck(packer).await? {
                        debug!(container = self.container.short(), "the engine's follower is stuck");
                        return Ok(());
                    }
                    silent_since = Instant::now();
                    continue;
                }
                next = chunks.next() => next,
            };
            // Everything that is ready goes into the same batch.
            let mut next = Some(next);
            while let Some(item) = next {
                let Some(chunk) = item.transpose()? else {
                    packer.flush(&self.session, &self.container).await?;
                    if backlog.is_some() {
                        self.filled(packer, &mut backlog).await?;
                    }
                    return Ok(());
                };
                self.backoff.reset();
                silent_since = Instant::now();
                if let Some(reading) = &mut backlog {
                    reading.take(&chunk, &opened, tail, packer);
                    if reading.is_over {
                        self.filled(packer, &mut backlog).await?;
                    }
                }
                let was_stored = chunk.ts < opened.requested;
                self.accept(chunk, was_stored, packer, guard.as_deref_mut()).await?;
                if packer.is_full() {
                    packer.flush(&self.session, &self.container).await?;
                }
                next = chunks.next().now_or_never();
            }
        }
    }

    /// Numbers a chunk, after a look at it where the engine is known to repeat and to lose chunks.
    async fn accept(
        &mut self,
        chunk: Chunk,
        was_stored: bool,
        packer: &mut Packer,
        guard: Option<&mut RotationGuard>,
    ) -> Result<(), Fail> {
        if let Some(guard) = guard {
            let engine = &*self.session.host.engine;
            let newest = packer.tracker().newest();
            let verdict =
                guard.judge(engine, &self.container, &self.recent, newest, &chunk, was_stored).await?;
            if verdict.is_repeat {
                return Ok(());
            }
            if verdict.gap {
                self.mark_gap(packer).await?;
            }
            for recovered in &verdict.recovered {
                self.number(recovered, packer);
            }
        }
        self.number(&chunk, packer);
        Ok(())
    }

    fn number(&mut self, chunk: &Chunk, packer: &mut Packer) {
        packer.push(chunk);
        self.recent.push(chunk);
    }

    async fn mark_gap(&self, packer: &mut Packer) -> Result<(), Fail> {
        let reason = GapReason::EngineLost;
        packer.flush(&self.session, &self.container).await?;
        self.session.publisher.mark_gap(&self.session.leadership, &self.container, reason).await?;
        self.session.metrics.gap(reason.as_str());
        Ok(())
    }

    /// What the engine had stored is published: viewers may begin.
    async fn filled(&self, packer: &mut Packer, backlog: &mut Option<Backlog>) -> Result<(), Fail> {
        packer.flush(&self.session, &self.container).await?;
        *backlog = None;
        self.say(StreamState::Live).await;
        Ok(())
    }

    /// Skips everything that was published before. Returns whether the place was found.
    async fn skip_published(
        &self,
        chunks: &mut LogStream,
        is_whole: bool,
        packer: &Packer,
    ) -> Result<bool, Fail> {
        let Some(cursor) = packer.tracker().cursor() else { return Ok(true) };
        let deadline = Instant::now() + FIND_PLACE;
        let mut passed = Vec::new();
        while let Ok(Some(chunk)) = timeout_at(deadline, chunks.next()).await {
            let chunk = chunk?;
            let is_candidate = self.recent.is_newest(chunk.hash());
            passed.push(chunk);
            if is_candidate {
                let window = Window { chunks: &passed, is_whole_log: is_whole };
                let found = self
                    .recent
                    .locate(&passed)
                    .or_else(|| locate(window, &cursor).map(|Located { next }| next));
                if found == Some(passed.len()) {
                    return Ok(true);
                }
            }
            if passed.len() > 2 * FIRST_WINDOW as usize {
                break;
            }
        }
        debug!(container = self.container.short(), "the place is not in the new stream");
        Ok(false)
    }

    /// Skips a beginning that was seen in the epoch before. The first later chunk counts.
    async fn skip_until(
        &mut self,
        chunks: &mut LogStream,
        seen: Timestamp,
        packer: &mut Packer,
    ) -> Result<(), Fail> {
        packer.not_from_log_start();
        let deadline = Instant::now() + PAUSE_BEFORE_STORED;
        while let Ok(Some(chunk)) = timeout_at(deadline, chunks.next()).await {
            let chunk = chunk?;
            if chunk.ts > seen {
                self.number(&chunk, packer);
                break;
            }
        }
        Ok(())
    }

    /// Whether the stored log has gone on without the follower.
    async fn is_stuck(&self, packer: &Packer) -> Result<bool, Fail> {
        self.session.metrics.log_request();
        let stored = window::read_last(&*self.session.host.engine, &self.container, 1).await?;
        Ok(match (stored.chunks.last(), packer.tracker().newest()) {
            (Some(stored), Some(newest)) => stored != newest,
            (Some(_), None) => true,
            (None, _) => false,
        })
    }
}

/// When a stream was opened, by the clock that stamps the chunks.
struct OpenedAt {
    /// A chunk with an earlier stamp was stored when the stream was asked for.
    requested: Timestamp,
    /// A chunk with this stamp or a later one was written after the stream was opened.
    surely_later: Timestamp,
    /// The latest stamp that a chunk stored before can have.
    latest_stored: Timestamp,
}

impl OpenedAt {
    /// `requested` is by our clock, `engine_time` is when the engine answered, in whole seconds.
    fn new(requested: Timestamp, engine_time: Option<Timestamp>) -> Self {
        let answered = clock::now();
        let engine = engine_time.unwrap_or(answered);
        let same_clock = u128::from(engine.0.abs_diff(answered.0)) < SAME_CLOCK.as_nanos();
        let took = answered.0.saturating_sub(requested.0).max(0);
        let (requested, surely_later) = if same_clock {
            (requested, answered)
        } else {
            (Timestamp(engine.0.saturating_sub(took)), engine.plus_seconds(1))
        };
        Self { requested, surely_later, latest_stored: engine.plus_seconds(2) }
    }
}

/// The reading of what was stored when the stream was opened; viewers wait for its end, which the
/// engine does not tell.
struct Backlog {
    chunks: u32,
    last: Instant,
    is_over: bool,
}

impl Default for Backlog {
    fn default() -> Self {
        Self { chunks: 0, last: Instant::now(), is_over: false }
    }
}

impl Backlog {
    fn take(&mut self, chunk: &Chunk, opened: &OpenedAt, tail: u32, packer: &mut Packer) {
        self.chunks += 1;
        self.last = Instant::now();
        if self.chunks >= tail && chunk.ts <= opened.latest_stored {
            // As many chunks as were asked for were stored, so there were probably more.
            packer.not_from_log_start();
        }
        self.is_over = self.chunks >= tail || chunk.ts >= opened.surely_later;
    }

    fn quiet_at(&self) -> Instant {
        self.last + if self.chunks == 0 { PAUSE_BEFORE_STORED } else { PAUSE_AFTER_STORED }
    }
}
