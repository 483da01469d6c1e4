//! What engines do wrong while a log rotates, and how it is noticed.
//!
//! Seen on real engines (20.10 and 28.5, `json-file`): the follower of 20.10 sends chunks again when a
//! file ends; both skip whole files when the writer is faster than they are. The stream itself tells
//! neither. So, only for logs that rotate:
//!
//! - a chunk that was seen before is a repetition. Nanosecond stamps make whole lines unique; equal
//!   pieces of one long line are counted against the stored log;
//! - a pause as long as the writer needs for half a file is looked into: the stored log shows which
//!   chunk really comes before the new one. What is still stored is recovered; where the order cannot
//!   be proven, a gap is marked.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use dockline_docker::{Engine, Result};
use dockline_domain::{
    ContainerId, Timestamp,
    log::{Chunk, ChunkHash, Recent},
};
use tokio::time::Instant;

use super::window;

/// How many chunks the writer's speed is measured over.
const SPEED_OVER: usize = 32;
/// What `json-file` adds to a chunk: keys, stream, time, newline.
const ENTRY_OVERHEAD: u64 = 75;
/// How many stored chunks are looked at.
const LOOK_AT: u32 = 2_000;
/// Between two looks at the stored log at least this much time passes.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// What is to be done with a chunk.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The engine sent it before.
    pub(super) is_repeat: bool,
    /// Chunks are missing before it (before `recovered`), and nobody knows how many.
    pub(super) gap: bool,
    /// Chunks that the engine's follower skipped but that are still stored.
    pub(super) recovered: Vec<Chunk>,
}

pub(super) struct RotationGuard {
    file_bytes: u64,
    written: VecDeque<(Timestamp, u64)>,
    /// How many more equal pieces of a long line the stored log proves.
    proven: HashMap<ChunkHash, usize>,
    last_look: Option<Instant>,
}

impl RotationGuard {
    pub(super) fn new(file_bytes: u64) -> Self {
        Self { file_bytes, written: VecDeque::new(), proven: HashMap::new(), last_look: None }
    }

    pub(super) async fn judge(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        recent: &Recent,
        newest: Option<&Chunk>,
        chunk: &Chunk,
    ) -> Result<Verdict> {
        let hash = chunk.hash();
        let seen = recent.count(hash);
        if seen > 0 && self.is_repeat(engine, id, newest, chunk, hash, seen).await? {
            return Ok(Verdict { is_repeat: true, ..Verdict::default() });
        }
        let is_suspicious = newest.is_some_and(|newest| self.could_hide_a_file(newest, chunk));
        self.wrote(chunk);
        match newest {
            Some(newest) if is_suspicious => self.look(engine, id, recent, newest, chunk).await,
            _ => Ok(Verdict::default()),
        }
    }

    async fn is_repeat(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        newest: Option<&Chunk>,
        chunk: &Chunk,
        hash: ChunkHash,
        seen: usize,
    ) -> Result<bool> {
        let continues = newest.is_some_and(|before| before.stream == chunk.stream && before.is_partial());
        if !chunk.is_partial() && !continues {
            return Ok(true);
        }
        if !self.proven.contains_key(&hash) {
            let stored = window::read_last(engine, id, LOOK_AT).await?;
            let count = stored.chunks.iter().filter(|one| one.hash() == hash).count();
            self.proven.clear();
            self.proven.insert(hash, count.saturating_sub(seen));
        }
        match self.proven.get_mut(&hash) {
            Some(left) if *left > 0 => {
                *left -= 1;
                Ok(false)
            }
            _ => {
                self.proven.remove(&hash);
                Ok(true)
            }
        }
    }

    fn wrote(&mut self, chunk: &Chunk) {
        if self.written.len() == SPEED_OVER {
            self.written.pop_front();
        }
        self.written.push_back((chunk.ts, chunk.bytes.len() as u64 + ENTRY_OVERHEAD));
    }

    /// Whether the writer could have filled half a file between two chunks, at the speed of the last
    /// ones.
    fn could_hide_a_file(&self, newest: &Chunk, chunk: &Chunk) -> bool {
        let pause = chunk.ts.0.saturating_sub(newest.ts.0);
        let (Some((first, _)), Some((last, _))) = (self.written.front(), self.written.back()) else {
            return false;
        };
        let span = last.0.saturating_sub(first.0);
        let bytes: u64 = self.written.iter().skip(1).map(|(_, bytes)| bytes).sum();
        if pause <= 0 || span <= 0 || bytes == 0 {
            return false;
        }
        // pause / span * bytes >= file / 2, without losing precision to division.
        let hidden = i128::from(pause) * i128::from(bytes) * 2;
        hidden >= i128::from(span) * i128::from(self.file_bytes)
    }

    async fn look(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        recent: &Recent,
        newest: &Chunk,
        chunk: &Chunk,
    ) -> Result<Verdict> {
        if self.last_look.is_some_and(|last| last.elapsed() < LOOK_PAUSE) {
            // The writer is faster than we can look: what cannot be proven is marked.
            return Ok(Verdict { gap: true, ..Verdict::default() });
        }
        let stored = window::read_last(engine, id, LOOK_AT).await?;
        self.last_look = Some(Instant::now());
        Ok(compare(&stored.chunks, recent, newest, chunk))
    }
}

/// What the stored log says about the step from `newest` to `chunk`.
fn compare(stored: &[Chunk], recent: &Recent, newest: &Chunk, chunk: &Chunk) -> Verdict {
    let Some(place) = stored.iter().position(|one| one == chunk) else {
        return Verdict { gap: true, ..Verdict::default() };
    };
    let before = &stored[..place];
    match before.iter().rposition(|one| one == newest) {
        Some(index) => Verdict { recovered: before[index + 1..].to_vec(), ..Verdict::default() },
        None => {
            let unseen = |one: &&Chunk| recent.count(one.hash()) == 0;
            let recovered: Vec<_> = before.iter().filter(unseen).cloned().collect();
            Verdict { gap: true, recovered, ..Verdict::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dockline_domain::log::Stream;

    use super::*;

    fn chunk(n: i64) -> Chunk {
        Chunk { stream: Stream::Stdout, ts: Timestamp(n), bytes: Bytes::from(format!("line {n}\n")) }
    }

    #[test]
    fn the_stored_log_decides() {
        let log: Vec<_> = (0..10).map(chunk).collect();
        let mut recent = Recent::new(100);
        for one in &log[..4] {
            recent.push(one);
        }
        let newest = &log[3];
        // Nothing between them: no loss.
        assert_eq!(compare(&log[..5], &recent, newest, &log[4]), Verdict::default());
        // The follower skipped chunks that are still stored.
        let verdict = compare(&log, &recent, newest, &log[7]);
        assert_eq!((verdict.gap, verdict.recovered), (false, log[4..7].to_vec()));
        // What came before is rotated away.
        let verdict = compare(&log[6..], &recent, newest, &log[7]);
        assert_eq!((verdict.gap, verdict.recovered), (true, log[6..7].to_vec()));
        // Even the new chunk is rotated away.
        assert_eq!(compare(&log[9..], &recent, newest, &log[7]), Verdict { gap: true, ..Verdict::default() });
    }

    #[test]
    fn only_a_pause_that_could_hide_half_a_file_is_suspicious() {
        let mut guard = RotationGuard::new(1_024);
        for n in 0..32 {
            guard.wrote(&chunk(n * 1_000));
        }
        let newest = chunk(31_000);
        // About 85 bytes a microsecond: half a file is six chunks.
        assert!(!guard.could_hide_a_file(&newest, &chunk(33_000)));
        assert!(guard.could_hide_a_file(&newest, &chunk(40_000)));
        assert!(!guard.could_hide_a_file(&newest, &chunk(30_000)));
    }
}
