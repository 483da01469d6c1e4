//! A container's log, read once: numbered, packed, published, and found again after every break.
//!
//! One [`LogReader`] lives as long as somebody wants the log. It works in rounds: look at the container,
//! find the place where the published log ends ([`resume`]), follow from there ([`follow`]) until the
//! engine ends the stream, and look again. A stop, a crash of the engine, a broken connection and a
//! restart of the container all take this one path.

mod follow;
mod pace;
mod packer;
mod resume;
mod rotation;
mod window;

use std::time::Duration;

use dockline_docker::{ContainerStatus, Error as EngineError};
use dockline_domain::{
    ContainerId, Timestamp,
    log::{CursorTracker, Epoch, GapReason, Recent},
};
use dockline_fanout::{
    Error as PublishError, LogBegin, LogHead, StreamState,
    flaw::{Flaw, planted},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use self::{follow::Mode, packer::Packer, resume::Resumed, rotation::RotationGuard};
use crate::{backoff::Backoff, clock, host::Session};

/// How many chunks the first reading of a log asks for. More than the ring must keep, so that a viewer
/// who wants "all" of an ordinary log gets it.
pub(crate) const INITIAL_TAIL: u32 = 10_000;
/// How many chunks are remembered to find the place again within this process.
const REMEMBERED: usize = 1_024;
/// How often a stopped container is looked at when no event hints at it.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

pub(crate) struct LogReader {
    session: Session,
    container: ContainerId,
    recent: Recent,
    /// The run whose output was read to its end.
    finished_run: Option<String>,
    backoff: Backoff,
    /// What is known of the writer of a log that rotates; outlives the streams.
    guard: Option<RotationGuard>,
}

/// How a round ended, if not in failure.
enum Round {
    /// Everything was read and the container does not run.
    Stopped(String),
    /// The stream ended while the container ran.
    Interrupted,
}

/// What ends a round early.
#[derive(Debug)]
pub(crate) enum Fail {
    Engine(EngineError),
    Publish(PublishError),
}

impl From<EngineError> for Fail {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<PublishError> for Fail {
    fn from(error: PublishError) -> Self {
        Self::Publish(error)
    }
}

impl LogReader {
    pub(crate) fn new(session: Session, container: ContainerId) -> Self {
        let recent = Recent::new(REMEMBERED);
        Self { session, container, recent, finished_run: None, backoff: Backoff::new(), guard: None }
    }

    /// Reads until the term ends or, before that, `stop` says that nobody watches.
    pub(crate) async fn run(mut self, term: CancellationToken, stop: CancellationToken) {
        tokio::select! {
            () = self.read() => {}
            // Whoever comes next waits until what was missed has been read.
            () = stop.cancelled() => if term.is_cancelled() {
                self.say(StreamState::Opening).await;
            } else {
                debug!(container = self.container.short(), "log closed: nobody watches");
                let rests = self.session.publisher.rest(&self.session.leadership, &self.container).await;
                debug!(container = self.container.short(), ?rests, "left");
            }
        }
    }

    async fn read(&mut self) {
        loop {
            let mut hints = self.session.hints.subscribe();
            hints.mark_unchanged();
            match self.round().await {
                Ok(Round::Stopped(reason)) => {
                    self.backoff.reset();
                    self.say(StreamState::Ended(reason)).await;
                    // A hint or the time: both mean "look again".
                    let _either = tokio::time::timeout(LOOK_AGAIN, hints.changed()).await;
                }
                Ok(Round::Interrupted) => self.backoff.pause().await,
                Err(fail) => {
                    if matches!(fail, Fail::Publish(_)) {
                        // What was remembered may not have been published: the stored cursor decides.
                        self.recent.clear();
                    }
                    if self.end_of(fail).await {
                        return;
                    }
                    self.backoff.pause().await;
                }
            }
        }
    }

    /// Says why a round failed. Returns whether trying again is pointless.
    async fn end_of(&self, fail: Fail) -> bool {
        match fail {
            Fail::Engine(EngineError::NotFound) => {
                info!(container = self.container.short(), "log closed: the container was removed");
                let forgotten =
                    self.session.publisher.forget(&self.session.leadership, &self.container).await;
                debug!(container = self.container.short(), ?forgotten, "forgotten");
                true
            }
            Fail::Engine(EngineError::UnreadableLogs { message }) => {
                self.say(StreamState::Failed { code: "logs_unreadable", message }).await;
                // The reader stays, idle, until nobody asks any more: no second attempt.
                std::future::pending::<()>().await;
                true
            }
            Fail::Engine(error) => {
                debug!(container = self.container.short(), %error, "log interrupted");
                self.say(StreamState::Delayed(error.to_string())).await;
                false
            }
            Fail::Publish(PublishError::Fenced) => {
                self.session.metrics.fenced();
                true
            }
            Fail::Publish(PublishError::Conflict { .. }) => false,
            Fail::Publish(error) => {
                self.say(StreamState::Delayed(error.to_string())).await;
                false
            }
        }
    }

    async fn round(&mut self) -> Result<Round, Fail> {
        let status = self.session.host.engine.status(&self.container).await?;
        if !status.running && self.finished_run.as_deref() == Some(&status.started_at) {
            return Ok(Round::Stopped(why_stopped(&status)));
        }
        let head = self.session.publisher.head(&self.session.leadership, &self.container).await?;
        let (packer, mode) = match head.and_then(|head| Some((head, head.cursor?))) {
            None => self.begin(&status, head.map(|head| head.epoch), None).await?,
            Some((LogHead { epoch, .. }, cursor)) if planted(Flaw::SinceLast) => {
                let packer = Packer::resume(epoch, CursorTracker::resume(&cursor, &[]));
                (packer, Mode::Fresh { already_seen: Some(cursor.anchor_ts) })
            }
            Some((LogHead { epoch, unwatched, .. }, cursor)) => match self.resume(epoch, &cursor).await? {
                Resumed::At { packer, is_whole } if status.running => (*packer, Mode::Stitch { is_whole }),
                Resumed::At { .. } => return Ok(self.finished(&status)),
                Resumed::Lost => {
                    let reason = if unwatched { GapReason::Unwatched } else { GapReason::Rotated };
                    self.begin(&status, Some(epoch), Some((reason, cursor.anchor_ts))).await?
                }
            },
        };
        self.follow(&status, packer, mode).await?;
        // The stream of a container that did not run when it was opened is complete. One that stopped
        // meanwhile is read once more: followers have lost the last lines at rotations.
        if status.running { Ok(Round::Interrupted) } else { Ok(self.finished(&status)) }
    }

    fn finished(&mut self, status: &ContainerStatus) -> Round {
        self.finished_run = Some(status.started_at.clone());
        Round::Stopped(why_stopped(status))
    }

    /// Begins a new numbering.
    async fn begin(
        &mut self,
        status: &ContainerStatus,
        old: Option<Epoch>,
        lost: Option<(GapReason, Timestamp)>,
    ) -> Result<(Packer, Mode), Fail> {
        let epoch = new_epoch(old);
        let gap = lost.map(|(reason, _)| reason);
        let begin = LogBegin { epoch, tty: status.tty, gap };
        self.session.publisher.begin(&self.session.leadership, &self.container, begin).await?;
        if let Some(reason) = gap {
            info!(
                container = self.container.short(),
                reason = reason.as_str(),
                "the log goes on behind a gap"
            );
            self.session.metrics.gap(reason.as_str());
        }
        self.recent.clear();
        let mode = Mode::Fresh { already_seen: lost.map(|(_, anchor)| anchor) };
        Ok((Packer::begin(epoch), mode))
    }

    async fn say(&self, state: StreamState) {
        let said = self.session.publisher.set_state(&self.session.leadership, &self.container, state).await;
        if let Err(error) = said {
            debug!(container = self.container.short(), %error, "a state was not published");
        }
    }
}

fn why_stopped(status: &ContainerStatus) -> String {
    if status.restarting {
        format!("exited with code {}, restarting", status.exit_code)
    } else if status.started_at.starts_with("0001-") {
        "not started yet".to_owned()
    } else {
        format!("exited with code {}", status.exit_code)
    }
}

/// Microseconds since 1970, and larger than the epoch before in any case.
fn new_epoch(old: Option<Epoch>) -> Epoch {
    let now = u64::try_from(clock::now().0 / 1_000).unwrap_or_default();
    Epoch(old.map_or(now, |old| now.max(old.0 + 1)))
}
