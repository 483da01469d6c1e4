//! Where in a ring a viewer begins, or goes on.

use dockline_domain::log::{Epoch, GapReason, Position};

use super::{GapMark, Inner, Numbering, Read, ReadPosition, StartAt, StreamState};

impl Inner {
    /// Whether a viewer's place can be told already.
    pub(super) fn knows(&self, numbering: Numbering, at: StartAt) -> bool {
        match at {
            StartAt::After(seen) if seen.epoch == numbering.epoch && seen.n > numbering.last => {
                // Seen at another replica, which is ahead of this one: this ring is being read, or is cut off.
                self.is_filled && !matches!(self.state, StreamState::Delayed(_))
            }
            StartAt::After(seen) => self.is_filled || self.holds_epoch(seen.epoch),
            _ => self.is_filled,
        }
    }

    fn holds_epoch(&self, epoch: Epoch) -> bool {
        self.numbering.is_some_and(|numbering| numbering.epoch == epoch)
            || self.batches().any(|(_, batch)| batch.epoch() == epoch)
    }

    pub(super) fn place(&self, numbering: Numbering, at: StartAt) -> (ReadPosition, Option<GapMark>) {
        let epoch = numbering.epoch;
        let oldest = ReadPosition { item: self.base, chunk: 0, epoch };
        match at {
            StartAt::Oldest => (oldest, None),
            StartAt::Tail(lines) => {
                let mut lines = lines;
                for (item, batch) in self.batches().rev() {
                    if let Some(chunk) = batch.tail(&mut lines) {
                        return (ReadPosition { item, chunk, epoch: batch.epoch() }, None);
                    }
                }
                (oldest, None)
            }
            StartAt::Since(since) => {
                for (item, batch) in self.batches() {
                    if let Some(chunk) = batch.first_since(since) {
                        return (ReadPosition { item, chunk, epoch: batch.epoch() }, None);
                    }
                }
                (ReadPosition { item: self.end(), chunk: 0, epoch }, None)
            }
            StartAt::After(seen) => self.resume(numbering, seen),
        }
    }

    fn resume(&self, numbering: Numbering, seen: Position) -> (ReadPosition, Option<GapMark>) {
        let Position { epoch, n } = seen;
        let mut last_of_epoch = None;
        for (item, batch) in self.batches().filter(|(_, batch)| batch.epoch() == epoch) {
            last_of_epoch = Some((item, batch.last()));
            if batch.last() > n {
                let position = ReadPosition { item, chunk: n + 1, epoch };
                let missing = batch.first() > n + 1;
                let gap = missing.then(|| GapMark {
                    epoch,
                    from: n + 1,
                    to: batch.first() - 1,
                    reason: GapReason::SlowViewer,
                });
                return (position, gap);
            }
        }
        match last_of_epoch {
            // Everything of that epoch was seen; what follows it (a gap mark, a new epoch) was not.
            Some((item, last)) if last == n => (ReadPosition { item: item + 1, chunk: n + 1, epoch }, None),
            None if epoch == numbering.epoch && n == numbering.last => {
                (ReadPosition { item: self.end(), chunk: n + 1, epoch }, None)
            }
            // A position that this log never had: say so, and show what there is.
            _ => {
                let gap = GapMark { epoch, from: n.saturating_add(1), to: n, reason: GapReason::StateLost };
                (ReadPosition { item: self.base, chunk: 0, epoch: numbering.epoch }, Some(gap))
            }
        }
    }

    /// A viewer fell behind the oldest item: tells it what it missed and moves it there.
    pub(super) fn catch_up(&self, position: &mut ReadPosition) -> Read {
        let (epoch, from) = (position.epoch, position.chunk);
        position.item = self.base;
        let first = self.batches().next().map(|(_, batch)| (batch.epoch(), batch.first()));
        let to = match first {
            Some((first_epoch, first)) if first_epoch == epoch => first.saturating_sub(1),
            _ => self.numbering.filter(|n| n.epoch == epoch).map_or(from.saturating_sub(1), |n| n.last),
        };
        position.chunk = to + 1;
        Read::Gap(GapMark { epoch, from, to, reason: GapReason::SlowViewer })
    }
}
