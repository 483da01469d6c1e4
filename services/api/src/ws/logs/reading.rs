use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytestring::ByteString;
use dockline_domain::{ContainerId, HostId};
use dockline_fanout::{GapMark, LogWatch, Read, ReadPosition, Start, StartAt, StreamState};
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::futures::OwnedNotified;

use crate::{ApiError, App};

/// One log as one viewer reads it: a position in the container's ring, and what the viewer knows of the stream.
pub(super) struct Reading {
    watch: LogWatch,
    /// Completes when the host is not in use any more.
    left: BoxFuture<'static, &'static str>,
    changed: Pin<Box<OwnedNotified>>,
    follow: bool,
    /// Where it begins, and once something was read, where it goes on.
    at: StartAt,
    phase: Phase,
    /// The stream state that the viewer knows.
    said: StreamState,
}

enum Phase {
    /// The stream's numbering is not known yet.
    Waiting,
    /// The beginning is told; a gap may have to be said before the first chunk.
    Started(Option<GapMark>, ReadPosition),
    /// Reading.
    Reading(ReadPosition),
    /// The last news is told.
    Ending(End),
    /// So is the end.
    Over,
}

/// What a viewer is told next.
#[derive(Debug)]
pub(super) enum News {
    /// Before the first chunk.
    Start(Start),
    /// A frame with chunks, shared by all viewers.
    Chunks(ByteString),
    /// Chunks are missing here.
    Gap(GapMark),
    /// The stream's condition: `live`, `delayed` or `ended`, and why.
    State(&'static str, String),
    /// The log cannot be had.
    Failed { code: &'static str, message: String },
    /// Nothing comes any more.
    End(End),
}

/// Why nothing comes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The container was removed.
    Removed,
    /// The host is not in use any more.
    HostLeft,
    /// Everything was sent, and the viewer does not follow.
    Complete,
    /// The log cannot be had.
    Failed,
}

impl Reading {
    /// Begins to watch a log.
    pub(super) async fn open(
        app: &App,
        host: &HostId,
        container: &ContainerId,
        at: StartAt,
        follow: bool,
    ) -> Result<Self, ApiError> {
        let watch = app.logs.watch(host, container).await?;
        Ok(Self::of(watch, app.directory.left(host).boxed(), at, follow))
    }

    fn of(watch: LogWatch, left: BoxFuture<'static, &'static str>, at: StartAt, follow: bool) -> Self {
        Self {
            left,
            changed: Box::pin(watch.ring().changed()),
            watch,
            follow,
            at,
            phase: Phase::Waiting,
            said: StreamState::Opening,
        }
    }

    /// Where another reading goes on from what was read.
    pub(super) const fn at(&self) -> StartAt {
        self.at
    }

    /// What is next; pending until there is something, and for ever behind the end.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<News> {
        if let Phase::Ending(end) = self.phase {
            self.phase = Phase::Over;
            return Poll::Ready(News::End(end));
        }
        if matches!(self.phase, Phase::Over) {
            return Poll::Pending;
        }
        if let Poll::Ready(reason) = self.left.poll_unpin(context) {
            self.phase = Phase::Ending(End::HostLeft);
            return Poll::Ready(News::State("ended", reason.to_owned()));
        }
        // Registered before the ring is read, so that no change is missed.
        while self.changed.poll_unpin(context).is_ready() {
            self.changed = Box::pin(self.watch.ring().changed());
        }
        if matches!(self.phase, Phase::Waiting)
            && let Some(start) = self.watch.ring().start(self.at)
        {
            self.phase = Phase::Started(start.gap, start.position);
            return Poll::Ready(News::Start(start));
        }
        if let Phase::Started(gap, position) = self.phase {
            self.phase = Phase::Reading(position);
            if let Some(mark) = gap {
                return Poll::Ready(News::Gap(mark));
            }
        }
        if let Some(news) = self.read() {
            return Poll::Ready(news);
        }
        let state = self.watch.ring().state();
        // A state speaks of everything before it: what came since the last look goes first.
        match self.read() {
            Some(news) => Poll::Ready(news),
            None => self.caught_up(state),
        }
    }

    fn read(&mut self) -> Option<News> {
        let Phase::Reading(position) = &mut self.phase else { return None };
        match self.watch.ring().read(position) {
            Read::Frame(frame) => {
                self.at = StartAt::After(position.seen());
                Some(News::Chunks(frame))
            }
            Read::Gap(mark) => Some(News::Gap(mark)),
            Read::CaughtUp => None,
        }
    }

    /// Everything was sent: says what condition the stream is in, if that is news.
    fn caught_up(&mut self, state: StreamState) -> Poll<News> {
        let is_news = state != self.said;
        let has_started = matches!(self.phase, Phase::Reading(_));
        let news = match state.clone() {
            StreamState::Failed { code, message } => {
                self.phase = Phase::Ending(End::Failed);
                News::Failed { code, message }
            }
            StreamState::Removed => {
                self.phase = Phase::Ending(End::Removed);
                News::State("ended", "the container was removed".to_owned())
            }
            StreamState::Delayed(reason) if is_news => News::State("delayed", reason),
            StreamState::Ended(reason) if is_news && has_started => {
                if !self.follow {
                    self.phase = Phase::Ending(End::Complete);
                }
                News::State("ended", reason)
            }
            StreamState::Live | StreamState::Ended(_) if has_started && !self.follow => {
                self.phase = Phase::Over;
                News::End(End::Complete)
            }
            StreamState::Live if is_news && has_started => News::State("live", String::new()),
            // What is not told now may have to be told after the beginning.
            _ => return Poll::Pending,
        };
        self.said = state;
        Poll::Ready(news)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, poll_fn};

    use dockline_domain::log::Epoch;
    use dockline_fanout::{
        LogBegin, LogFeed, LogPublisher,
        memory::{MemoryFanout, MemoryOptions},
    };
    use dockline_lease::{Lease, memory::MemoryLease};

    use super::*;

    #[tokio::test]
    async fn a_condition_that_came_before_the_beginning_is_told_behind_it() {
        let host: HostId = "local".parse().expect("a host");
        let container: ContainerId = "a".repeat(64).parse().expect("an ID");
        let (fanout, lease) = (MemoryFanout::new(MemoryOptions::default()), MemoryLease::default());
        let leader = lease.campaign(&host).await.expect("a term");
        let begin = async |epoch| {
            let begin = LogBegin { epoch: Epoch(epoch), tty: false, gap: None };
            fanout.begin(&leader, &container, begin).await.expect("begun");
        };
        let live = async || fanout.set_state(&leader, &container, StreamState::Live).await.expect("live");
        begin(1).await;
        live().await;
        // A new numbering: what the engine has stored of it is still being read.
        begin(2).await;
        let watch = fanout.watch(&host, &container).await.expect("a watch");
        let mut reading = Reading::of(watch, pending().boxed(), StartAt::Tail(100), true);
        let mut next = || poll_fn(|context| reading.poll_next(context)).now_or_never();
        assert!(next().is_none(), "its beginning is not known");
        live().await;
        assert!(matches!(next(), Some(News::Start(start)) if start.epoch == Epoch(2)));
        assert!(matches!(next(), Some(News::State("live", _))), "the viewer does not know that it is live");
        // What is known is not told again.
        live().await;
        assert!(next().is_none());
    }
}
