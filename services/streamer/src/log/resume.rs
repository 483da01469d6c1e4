//! Finding the place where the published log ends, and catching up from there.

use dockline_domain::log::{Cursor, CursorTracker, Epoch, Located, Window, locate};
use tracing::debug;

use super::{Fail, LogReader, Packer, window};

/// How many chunks are read at first: more than a ring's guaranteed history.
pub(super) const FIRST_WINDOW: u32 = 2_000;
/// Larger windows, tried one after the other.
const LARGER_WINDOWS: [u32; 2] = [16_000, 64_000];

pub(super) enum Resumed {
    /// Everything stored is published; the numbering goes on.
    At {
        packer: Box<Packer>,
        /// Whether the last [`FIRST_WINDOW`] chunks were the whole log.
        is_whole: bool,
    },
    /// The place is not provable any more.
    Lost,
}

impl LogReader {
    /// Reads what is stored, finds the chunk behind `cursor` in it, and publishes everything from
    /// there on. Bounded readings, unlike a follower, say where the stored log ends.
    pub(super) async fn resume(&mut self, epoch: Epoch, cursor: &Cursor) -> Result<Resumed, Fail> {
        let engine = &*self.session.host.engine;
        for count in std::iter::once(FIRST_WINDOW).chain(LARGER_WINDOWS) {
            self.session.metrics.log_request();
            let stored = window::read_last(engine, &self.container, count).await?;
            if let Some(next) = self.place(&stored, cursor) {
                let is_whole = stored.is_whole && count == FIRST_WINDOW;
                let packer = self.catch_up(epoch, cursor, &stored.chunks, next).await?;
                return Ok(Resumed::At { packer: Box::new(packer), is_whole });
            }
            if stored.is_whole {
                debug!(container = self.container.short(), "the place is not in the whole stored log");
                return Ok(Resumed::Lost);
            }
        }
        self.session.metrics.log_request();
        let stored = window::read_since(engine, &self.container, cursor.rewind_to).await?;
        match self.place(&stored, cursor) {
            Some(next) => {
                let packer = self.catch_up(epoch, cursor, &stored.chunks, next).await?;
                Ok(Resumed::At { packer: Box::new(packer), is_whole: false })
            }
            None => Ok(Resumed::Lost),
        }
    }

    /// The index of the first chunk that was not published.
    fn place(&self, stored: &window::StoredWindow, cursor: &Cursor) -> Option<usize> {
        let by_cursor = || {
            let window = Window { chunks: &stored.chunks, is_whole_log: stored.is_whole };
            locate(window, cursor).map(|Located { next }| next)
        };
        self.recent.locate(&stored.chunks).or_else(by_cursor)
    }

    async fn catch_up(
        &mut self,
        epoch: Epoch,
        cursor: &Cursor,
        stored: &[dockline_domain::log::Chunk],
        next: usize,
    ) -> Result<Packer, Fail> {
        let (seen, missed) = stored.split_at(next);
        let mut packer = Packer::resume(epoch, CursorTracker::resume(cursor, seen));
        if self.recent.is_empty() {
            for chunk in &seen[seen.len().saturating_sub(super::REMEMBERED)..] {
                self.recent.push(chunk);
            }
        }
        for chunk in missed {
            packer.push(chunk);
            self.recent.push(chunk);
            if packer.is_full() {
                packer.flush(&self.session, &self.container).await?;
            }
        }
        packer.flush(&self.session, &self.container).await?;
        Ok(packer)
    }
}
