//! What engines do wrong while a log rotates, and how it is noticed.
//!
//! Seen on real engines (20.10 and 28.5, `json-file`): the follower of 20.10 sends chunks again when a
//! file ends; both skip whole files when the writer is faster than they are. The stream itself tells
//! neither. So, only for logs that rotate:
//!
//! - a chunk that was seen before is a repetition. Nanosecond stamps make whole lines unique; equal
//!   pieces of one long line are counted against the stored log;
//! - a pause as long as the writer needs for a quarter of a file, seen by a follower that was late, is
//!   looked into: the stored log shows which chunk really comes before the new one. What is still stored
//!   is recovered; where the order cannot be proven, a gap is marked.
//!
//! This judges by time stamps and proves nothing: with one file only, the stored log never shows both sides of a
//! rotation. So where a writer fills files faster than a follower can look at them, every suspicion is a marker, also
//! where nothing was lost; and a loss at the very moment at which a slow writer becomes a fast one can be missed.

use std::{
    collections::VecDeque,
    time::{SystemTime, UNIX_EPOCH},
};

use dockline_docker::{Engine, Result};
use dockline_domain::{
    ContainerId,
    log::{Chunk, ChunkHash, Recent},
};
use tokio::time::Instant;

use super::window::{self, StoredWindow};

/// How many chunks the writer's speed is measured over.
const SPEED_OVER: usize = 32;
/// The usual pause is the median.
const USUAL: usize = 2;
/// The writer's full speed is that of the shortest of so many pauses: where every second file is lost, the median is
/// the losses' own length, and hides them.
const SHORTEST: usize = 8;
/// What `json-file` adds to a chunk: keys, stream, time, newline.
const ENTRY_OVERHEAD: u64 = 75;
/// A pause is suspicious from this many of the writer's shortest on,
const SUSPICIOUS_PAUSE: i64 = 4;
/// and when it could hide one of so many parts of a file.
const SUSPICIOUS_PART: i128 = 4;
/// A waiting follower wakes up within this time, in nanoseconds.
const WAKE_UP: i64 = 1_000_000;
/// A file that lasts less than this at the writer's full speed, in nanoseconds, can come and go between two looks of a
/// follower that is not late by any usual measure.
const FLEETING_FILE: i64 = 5_000_000;
/// More delay than this says nothing more, in nanoseconds.
const MAX_DELAY: i64 = 60_000_000_000;
/// The most chunks that are remembered to recognize repetitions.
const MOST_REMEMBERED: usize = 32_768;
/// How many stored chunks are looked at.
const LOOK_AT: u32 = 2_000;
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
    file_bytes: u64,
    /// Of the last chunks: nanoseconds since the one before, and bytes in the file.
    written: VecDeque<(i64, u64)>,
    /// How many more pieces of a long line that equal this one are stored, when it was last looked.
    proven: Option<(ChunkHash, usize)>,
    /// Looks take at most half of the time: the next one is not before this.
    next_look: Option<Instant>,
    /// Receipt less time stamp, in nanoseconds: the least ever, which is clock offset and bare way, and
    /// that of the chunk before.
    least_delay: i64,
    last_delay: Option<i64>,
}

impl RotationGuard {
    pub(super) fn new(file_bytes: u64) -> Self {
        Self {
            file_bytes,
            written: VecDeque::new(),
            proven: None,
            next_look: None,
            least_delay: i64::MAX,
            last_delay: None,
        }
    }

    /// How many chunks back a repetition can reach: the lines of one file, bounded.
    pub(super) fn repeats_within(&self) -> usize {
        usize::try_from(self.file_bytes / ENTRY_OVERHEAD).unwrap_or(usize::MAX).min(MOST_REMEMBERED)
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
        let is_behind = self.was_behind(now(), chunk);
        let is_suspicious = is_behind && newest.is_some_and(|newest| self.could_hide_a_file(newest, chunk));
        self.wrote(newest, chunk);
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

    fn wrote(&mut self, newest: Option<&Chunk>, chunk: &Chunk) {
        let Some(newest) = newest else { return };
        if self.written.len() == SPEED_OVER {
            self.written.pop_front();
        }
        let pause = chunk.ts.0.saturating_sub(newest.ts.0).max(1);
        self.written.push_back((pause, chunk.bytes.len() as u64 + ENTRY_OVERHEAD));
    }

    /// Whether the follower was so late with this chunk or the one before that a whole file could have
    /// gone by. One that waits for the next line sees it at once and skips nothing.
    fn was_behind(&mut self, received: i64, chunk: &Chunk) -> bool {
        let delay = received.saturating_sub(chunk.ts.0);
        self.least_delay = self.least_delay.min(delay);
        let before = self.last_delay.replace(delay).unwrap_or(delay);
        let late = |delay: i64| delay.saturating_sub(self.least_delay).clamp(0, MAX_DELAY);
        let late = late(delay) + late(before) + WAKE_UP;
        // Usually at the usual pace: a busy machine hands steady lines over in bunches.
        let fits =
            |nanos, one_of| self.written_within(nanos, self.pause_of(one_of)) >= i128::from(self.file_bytes);
        let full_speed = fits(FLEETING_FILE, SHORTEST);
        fits(late, if full_speed { SHORTEST } else { USUAL })
    }

    /// Bytes that the writer fills in a time with such pauses between chunks; 0 before enough is known.
    fn written_within(&self, nanos: i64, pause: Option<i64>) -> i128 {
        let Some(pause) = pause else { return 0 };
        let bytes: u64 = self.written.iter().map(|(_, bytes)| bytes).sum();
        i128::from(nanos) * i128::from(bytes) / (i128::from(pause) * self.written.len() as i128)
    }

    /// The pause between two chunks that one of so many undercuts, which jumps do not move. `None` before enough
    /// is known.
    fn pause_of(&self, one_of: usize) -> Option<i64> {
        if self.written.len() < SPEED_OVER / 4 {
            return None;
        }
        let mut pauses: Vec<i64> = self.written.iter().map(|(pause, _)| *pause).collect();
        let (_, pause, _) = pauses.select_nth_unstable(self.written.len() / one_of);
        Some(*pause)
    }

    /// Whether the writer could have filled a good part of a file between two chunks, at its full speed.
    fn could_hide_a_file(&self, newest: &Chunk, chunk: &Chunk) -> bool {
        let pause = chunk.ts.0.saturating_sub(newest.ts.0);
        let shortest = self.pause_of(SHORTEST);
        shortest.is_some_and(|shortest| pause >= SUSPICIOUS_PAUSE * shortest)
            && self.written_within(pause, shortest) * SUSPICIOUS_PART >= i128::from(self.file_bytes)
    }

    async fn look(
        &mut self,
        engine: &dyn Engine,
        id: &ContainerId,
        recent: &Recent,
        newest: &Chunk,
        chunk: &Chunk,
    ) -> Result<Verdict> {
        let begun = Instant::now();
        if self.next_look.is_some_and(|next| begun < next) {
            // The writer is faster than we can look: what cannot be proven is marked.
            return Ok(Verdict { gap: true, ..Verdict::default() });
        }
        let stored = window::read_last(engine, id, LOOK_AT).await?;
        self.next_look = Some(Instant::now() + begun.elapsed());
        Ok(compare(&stored.chunks, recent, newest, chunk))
    }
}

/// Our clock, in nanoseconds since 1970; only differences to itself count.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
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
            let verdict = guard.judge(&*fake, &id, &recent, newest.as_ref(), &piece).await.expect("judged");
            assert_eq!(verdict, Verdict::default());
            recent.push(&piece);
            newest = Some(piece.clone());
        }
        let verdict = guard.judge(&*fake, &id, &recent, newest.as_ref(), &piece).await.expect("judged");
        assert!(verdict.is_repeat, "nothing new is stored");
    }

    #[test]
    fn only_a_pause_that_could_hide_a_part_of_a_file_is_suspicious() {
        let mut guard = RotationGuard::new(1_024);
        for n in 0..32 {
            guard.wrote(Some(&chunk(n * 1_000)), &chunk((n + 1) * 1_000));
        }
        let newest = chunk(32_000);
        // About 85 bytes a microsecond: a quarter of a file is three chunks, but four pauses are usual.
        assert!(!guard.could_hide_a_file(&newest, &chunk(35_000)));
        assert!(guard.could_hide_a_file(&newest, &chunk(37_000)));
        assert!(!guard.could_hide_a_file(&newest, &chunk(30_000)));
        // One long pause does not change what is usual.
        guard.wrote(Some(&chunk(32_000)), &chunk(9_000_000));
        assert!(guard.could_hide_a_file(&chunk(9_000_000), &chunk(9_005_000)));
    }

    #[test]
    fn only_a_follower_that_is_late_can_have_skipped() {
        let mut guard = RotationGuard::new(1_024);
        for n in 0..32 {
            guard.wrote(Some(&chunk(n * 10_000_000)), &chunk((n + 1) * 10_000_000));
        }
        // A line every 10 ms: a file lasts about 120 ms.
        let at = |seconds: i64| seconds * 1_000_000_000;
        assert!(!guard.was_behind(at(1) + 5_000, &chunk(at(1))));
        assert!(!guard.was_behind(at(2) + 9_000_000, &chunk(at(2))));
        assert!(guard.was_behind(at(3) + 200_000_000, &chunk(at(3))));
        // And the one behind it, since the late one may have been the last before the skip.
        assert!(guard.was_behind(at(4) + 5_000, &chunk(at(4))));
        assert!(!guard.was_behind(at(5) + 5_000, &chunk(at(5))));
    }

    #[test]
    fn files_that_last_shorter_than_a_look_make_every_follower_late() {
        let mut guard = RotationGuard::new(1_024);
        // Pairs of lines 2 µs apart, 2 ms between the pairs, as where files are lost: at the usual pause a file lasts
        // 24 ms, at full speed 24 µs.
        for n in 0..32_i64 {
            let at = n / 2 * 2_000_000 + n % 2 * 2_000;
            let next = (n + 1) / 2 * 2_000_000 + (n + 1) % 2 * 2_000;
            guard.wrote(Some(&chunk(at)), &chunk(next));
        }
        assert!(guard.was_behind(1_000_005_000, &chunk(1_000_000_000)));
    }
}
