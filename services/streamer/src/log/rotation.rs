//! What engines do wrong while a log rotates, and how it is noticed.
//!
//! Seen on real engines (20.10 and 28.5, `json-file`): the follower of 20.10 sends chunks again when a
//! file ends; both skip whole files when the writer is faster than they are. The stream itself tells
//! neither. So, only for logs that rotate:
//!
//! - a chunk that was seen before is a repetition. Nanosecond stamps make whole lines unique; equal
//!   pieces of one long line are counted against the stored log;
//! - a step at which the follower can have skipped something, as time stamps tell ([`super::pace`]), is looked into:
//!   the stored log shows which chunk really comes before the new one. What is still stored is recovered; where
//!   the order cannot be proven, a gap is marked.
//!
//! This judges by time stamps and proves nothing: with one file only, the stored log never shows both sides of a
//! rotation. So where a writer fills files faster than a follower can look at them, every suspicion is a marker, also
//! where nothing was lost.

use std::collections::VecDeque;

use dockline_docker::{Engine, Result};
use dockline_domain::{
    ContainerId,
    log::{Chunk, ChunkHash, Recent},
};
use tokio::time::{Instant, sleep_until};

use super::{
    pace::Pace,
    window::{self, StoredWindow},
};
use crate::clock;

/// The most chunks that are remembered to recognize repetitions.
const MOST_REMEMBERED: usize = 32_768;
/// How many stored chunks are looked at.
const LOOK_AT: u32 = 2_000;
/// So many of the chunks from the one looked for on are kept: they are expected next.
const EXPECT: usize = 256;
/// How many more than the equal ones already seen are looked at when a piece of a long line comes again.
const LOOK_AHEAD: u32 = 64;

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
    pace: Pace,
    /// How many more pieces of a long line that equal this one are stored, when it was last looked.
    proven: Option<(ChunkHash, usize)>,
    /// The newest chunk and what is stored right behind it, as the last look showed it.
    expected: VecDeque<Chunk>,
    /// Looks take at most half of the time: the next one is not before this.
    next_look: Option<Instant>,
}

impl RotationGuard {
    pub(super) fn new(file_bytes: u64) -> Self {
        Self { pace: Pace::new(file_bytes), proven: None, expected: VecDeque::new(), next_look: None }
    }

    /// How many chunks back a repetition can reach: the lines of one file, bounded.
    pub(super) fn repeats_within(&self) -> usize {
        usize::try_from(self.pace.most_lines_of_a_file()).unwrap_or(usize::MAX).min(MOST_REMEMBERED)
    }

    /// `was_stored`: the chunk was in the log when the stream was asked for.
    pub(super) async fn judge(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        recent: &Recent,
        newest: Option<&Chunk>,
        chunk: &Chunk,
        was_stored: bool,
    ) -> Result<Verdict> {
        let hash = chunk.hash();
        let seen = recent.count(hash);
        if seen > 0 && self.is_repeat(engine, id, newest, chunk, hash, seen).await? {
            return Ok(Verdict { is_repeat: true, ..Verdict::default() });
        }
        let Some(newest) = newest else { return Ok(Verdict::default()) };
        let is_suspicious = self.pace.step(newest, chunk, (!was_stored).then(clock::now));
        if let Some(skipped) = self.skipped(newest, chunk) {
            if is_suspicious {
                self.pace.looked(skipped.is_empty());
            }
            return Ok(Verdict { recovered: skipped, ..Verdict::default() });
        }
        if is_suspicious {
            self.look(engine, id, recent, newest, chunk).await
        } else {
            Ok(Verdict::default())
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
        // Pieces of one long line carry one stamp, so equal ones tell nothing by themselves.
        if self.proven.is_none_or(|(proven, left)| proven != hash || left == 0) {
            let count = u32::try_from(seen).unwrap_or(LOOK_AT).saturating_add(LOOK_AHEAD).min(LOOK_AT);
            let stored = window::read_last(engine, id, count).await?;
            let unseen = unseen_pieces(&stored, hash, seen);
            self.proven = Some((hash, unseen));
        }
        match &mut self.proven {
            Some((_, left)) if *left > 0 => {
                *left -= 1;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// What the follower skipped between these, if the last look showed both. `None` if nobody knows.
    fn skipped(&mut self, newest: &Chunk, chunk: &Chunk) -> Option<Vec<Chunk>> {
        let is_behind_newest = self.expected.front() == Some(newest);
        let place = self.expected.iter().skip(1).position(|one| one == chunk);
        let Some(place) = place.filter(|_| is_behind_newest) else {
            self.expected.clear();
            return None;
        };
        Some(self.expected.drain(..=place).skip(1).collect())
    }

    async fn look(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        recent: &Recent,
        newest: &Chunk,
        chunk: &Chunk,
    ) -> Result<Verdict> {
        if let Some(next) = self.next_look.filter(|next| Instant::now() < *next) {
            if !self.pace.may_wait() {
                // The writer is faster than we can look: what cannot be proven is marked.
                return Ok(Verdict { gap: true, ..Verdict::default() });
            }
            sleep_until(next).await;
        }
        let begun = Instant::now();
        let stored = window::read_last(engine, id, LOOK_AT).await?.chunks;
        let (verdict, from_chunk) = compare(&stored, recent, newest, chunk);
        self.expected = from_chunk.iter().take(EXPECT).cloned().collect();
        let earns_trust = self.pace.looked(verdict == Verdict::default());
        self.next_look = (!earns_trust).then(|| Instant::now() + begun.elapsed());
        Ok(verdict)
    }
}

/// How many stored pieces with this hash were not seen yet. A follower sends only what is stored, so 0 means
/// that the engine repeats itself; but only a window that shows what came before them can say 0.
fn unseen_pieces(stored: &StoredWindow, hash: ChunkHash, seen: usize) -> usize {
    let count = stored.chunks.iter().filter(|one| one.hash() == hash).count();
    let shows_the_first =
        stored.is_whole || stored.chunks.first().is_some_and(|oldest| oldest.hash() != hash);
    let is_proof = count > 0 && shows_the_first;
    count.saturating_sub(seen).max(usize::from(!is_proof))
}

/// What the stored log says about the step from `newest` to `chunk`, and what it has from `chunk` on.
fn compare<'a>(
    stored: &'a [Chunk],
    recent: &Recent,
    newest: &Chunk,
    chunk: &Chunk,
) -> (Verdict, &'a [Chunk]) {
    let Some(place) = stored.iter().position(|one| one == chunk) else {
        return (Verdict { gap: true, ..Verdict::default() }, &[]);
    };
    let (before, from_chunk) = stored.split_at(place);
    let verdict = match before.iter().rposition(|one| one == newest) {
        Some(index) => Verdict { recovered: before[index + 1..].to_vec(), ..Verdict::default() },
        None => {
            let unseen = |one: &&Chunk| recent.count(one.hash()) == 0;
            let recovered: Vec<_> = before.iter().filter(unseen).cloned().collect();
            Verdict { gap: true, recovered, ..Verdict::default() }
        }
    };
    (verdict, from_chunk)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dockline_docker::fake::FakeEngine;
    use dockline_domain::{HostId, Timestamp, log::Stream};

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
        let gap = Verdict { gap: true, ..Verdict::default() };
        // Nothing between them: no loss.
        assert_eq!(compare(&log[..6], &recent, newest, &log[4]), (Verdict::default(), &log[4..6]));
        // The follower skipped chunks that are still stored.
        let recovered = Verdict { recovered: log[4..7].to_vec(), ..Verdict::default() };
        assert_eq!(compare(&log, &recent, newest, &log[7]), (recovered, &log[7..]));
        // What came before is rotated away.
        let partly = Verdict { gap: true, recovered: log[6..7].to_vec(), ..Verdict::default() };
        assert_eq!(compare(&log[6..], &recent, newest, &log[7]), (partly, &log[7..]));
        // Even the new chunk is rotated away.
        assert_eq!(compare(&log[9..], &recent, newest, &log[7]), (gap, &[][..]));
    }

    #[test]
    fn one_look_shows_what_comes_next() {
        let log: Vec<_> = (0..6).map(chunk).collect();
        let mut guard = RotationGuard::new(1_000);
        let look = || log[..5].iter().cloned().collect();
        guard.expected = look();
        assert_eq!(guard.skipped(&log[0], &log[1]), Some(Vec::new()));
        assert_eq!(guard.skipped(&log[1], &log[4]), Some(log[2..4].to_vec()));
        assert_eq!(guard.skipped(&log[4], &log[5]), None, "written after the look");
        // What comes from elsewhere ends what is known, and so does what was published otherwise meanwhile.
        guard.expected = look();
        assert_eq!((guard.skipped(&log[0], &chunk(9)), guard.skipped(&log[0], &log[1])), (None, None));
        guard.expected = look();
        assert_eq!(guard.skipped(&log[2], &log[3]), None);
    }

    #[test]
    fn equal_pieces_of_a_long_line_are_counted_against_what_is_stored() {
        let piece = Chunk { bytes: Bytes::from_static(b"yyyy"), ..chunk(1) };
        let hash = piece.hash();
        let window = |before: &[Chunk], pieces: usize, is_whole| StoredWindow {
            chunks: before.iter().cloned().chain(std::iter::repeat_n(piece.clone(), pieces)).collect(),
            is_whole,
        };
        let before = [chunk(0)];
        assert_eq!(unseen_pieces(&window(&before, 5, false), hash, 2), 3);
        assert_eq!(unseen_pieces(&window(&before, 5, false), hash, 5), 0, "a repetition");
        assert_eq!(unseen_pieces(&window(&[], 5, true), hash, 5), 0, "a repetition");
        // The first ones may lie before the window, or be rotated away: nothing is dropped without proof.
        assert_eq!(unseen_pieces(&window(&[], 5, false), hash, 9), 1);
        assert_eq!(unseen_pieces(&window(&before, 0, true), hash, 1), 1);
    }

    #[tokio::test]
    async fn pieces_written_after_the_look_are_no_repetitions() {
        let fake = FakeEngine::new("local".parse::<HostId>().expect("a host"));
        let id = fake.add("long", &[]);
        let piece = Chunk { bytes: Bytes::from_static(b"yyyy"), ..chunk(1) };
        let (mut guard, mut recent) = (RotationGuard::new(1 << 20), Recent::new(1_024));
        let mut newest = None;
        // The writer is always just one piece ahead of the follower.
        for _ in 0..64 {
            fake.write(&id, piece.clone());
            let verdict =
                guard.judge(&*fake, &id, &recent, newest.as_ref(), &piece, false).await.expect("judged");
            assert_eq!(verdict, Verdict::default());
            recent.push(&piece);
            newest = Some(piece.clone());
        }
        let verdict =
            guard.judge(&*fake, &id, &recent, newest.as_ref(), &piece, false).await.expect("judged");
        assert!(verdict.is_repeat, "nothing new is stored");
    }

    #[tokio::test]
    async fn the_stored_log_earns_trust_and_loses_it() {
        let fake = FakeEngine::new("local".parse::<HostId>().expect("a host"));
        let id = fake.add("slow", &[]);
        let line = |n: i64| chunk(n * 10_000_000);
        let mut guard = RotationGuard::new(1_000);
        let (mut recent, mut newest) = (Recent::new(1_024), None);
        for n in 0..8 {
            fake.write(&id, line(n));
            let verdict =
                guard.judge(&*fake, &id, &recent, newest.as_ref(), &line(n), false).await.expect("judged");
            assert_eq!(verdict, Verdict::default());
            recent.push(&line(n));
            newest = Some(line(n));
        }
        // A burst, whose lines are gone already.
        let lost = Chunk { ts: Timestamp(line(7).ts.0 + 500_000), ..line(8) };
        let verdict = guard.judge(&*fake, &id, &recent, newest.as_ref(), &lost, false).await.expect("judged");
        assert!(verdict.gap);
    }
}
