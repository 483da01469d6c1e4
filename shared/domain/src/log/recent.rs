use std::collections::{HashMap, VecDeque};

use crate::log::{Chunk, ChunkHash};

/// The last chunks of a log that this process itself has numbered.
///
/// A [`Cursor`](crate::log::Cursor) must be small enough to be stored with every batch; the process that
/// made it remembers more, and can find its place even in a log of a few lines that rotates every second.
#[derive(Debug, Clone)]
pub struct Recent {
    capacity: usize,
    order: VecDeque<(ChunkHash, bool)>,
    counts: HashMap<ChunkHash, usize>,
}

impl Recent {
    /// Remembers up to `capacity` chunks.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, order: VecDeque::new(), counts: HashMap::new() }
    }

    /// Remembers at least `capacity` chunks from now on.
    pub fn grow(&mut self, capacity: usize) {
        self.capacity = self.capacity.max(capacity);
    }

    /// Takes the next chunk of the log.
    pub fn push(&mut self, chunk: &Chunk) {
        if self.order.len() == self.capacity
            && let Some((oldest, _)) = self.order.pop_front()
            && let Some(count) = self.counts.get_mut(&oldest)
        {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&oldest);
            }
        }
        let hash = chunk.hash();
        self.order.push_back((hash, chunk.is_partial()));
        *self.counts.entry(hash).or_default() += 1;
    }

    /// Forgets everything: what follows has nothing to do with what was before.
    pub fn clear(&mut self) {
        self.order.clear();
        self.counts.clear();
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How often the chunk is among those remembered.
    #[must_use]
    pub fn count(&self, hash: ChunkHash) -> usize {
        self.counts.get(&hash).copied().unwrap_or_default()
    }

    /// Whether `hash` is the newest chunk.
    #[must_use]
    pub fn is_newest(&self, hash: ChunkHash) -> bool {
        self.order.back().is_some_and(|(newest, _)| *newest == hash)
    }

    /// Finds the index behind the newest remembered chunk in `window`.
    ///
    /// Everything that overlaps must be equal, and the place must be the only one. Nanosecond stamps
    /// make a whole line unique; the pieces of one long line share a stamp, so a newest chunk that is
    /// such a piece counts only together with a chunk outside its line.
    #[must_use]
    pub fn locate(&self, window: &[Chunk]) -> Option<usize> {
        let (newest, newest_is_partial) = *self.order.back()?;
        let hashes: Vec<_> = window.iter().map(Chunk::hash).collect();
        let mut places = (0..hashes.len()).filter(|index| {
            hashes[*index] == newest
                && self
                    .order
                    .iter()
                    .rev()
                    .zip(hashes[..=*index].iter().rev())
                    .all(|((mine, _), theirs)| mine == theirs)
        });
        let index = places.next()?;
        if places.next().is_some() {
            return None;
        }
        let before = self.order.iter().rev().nth(1);
        let is_piece = newest_is_partial || before.is_some_and(|(_, partial)| *partial);
        let line = window[index].ts;
        let reaches_another_line = window[..index].iter().any(|chunk| chunk.ts != line);
        (!is_piece || reaches_another_line).then_some(index + 1)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{Timestamp, log::Stream};

    fn chunk(ts: i64, text: &'static str) -> Chunk {
        Chunk { stream: Stream::Stdout, ts: Timestamp(ts), bytes: Bytes::from_static(text.as_bytes()) }
    }

    fn remember(chunks: &[Chunk]) -> Recent {
        let mut recent = Recent::new(4);
        for chunk in chunks {
            recent.push(chunk);
        }
        recent
    }

    #[test]
    fn a_short_rotated_window_is_enough() {
        let log: Vec<_> = (0..10).map(|i| chunk(i, "x\n")).collect();
        let recent = remember(&log[..7]);
        assert_eq!(recent.locate(&log[6..]), Some(1));
        assert_eq!(recent.locate(&log[2..]), Some(5));
        assert_eq!(recent.locate(&log[7..]), None, "the newest chunk was rotated away");
    }

    #[test]
    fn an_overlap_that_differs_is_no_match() {
        let log: Vec<_> = (0..5).map(|i| chunk(i, "x\n")).collect();
        let recent = remember(&log);
        let other = [chunk(99, "y\n"), log[4].clone()];
        assert_eq!(recent.locate(&other), None);
    }

    #[test]
    fn equal_pieces_of_one_line_are_ambiguous_alone() {
        let line = [chunk(1, "start\n"), chunk(5, "aa"), chunk(5, "aa"), chunk(5, "aa"), chunk(5, "end\n")];
        let recent = remember(&line[..3]);
        assert_eq!(recent.locate(&line), Some(3));
        assert_eq!(recent.locate(&line[2..]), None);
        assert_eq!(recent.locate(&line[3..]), None);
    }

    #[test]
    fn old_chunks_are_forgotten() {
        let log: Vec<_> = (0..6).map(|i| chunk(i, "x\n")).collect();
        let recent = remember(&log);
        assert_eq!(recent.count(log[1].hash()), 0);
        assert_eq!(recent.count(log[2].hash()), 1);
        assert!(recent.is_newest(log[5].hash()));
    }
}
