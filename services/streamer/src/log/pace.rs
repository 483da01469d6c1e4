//! How fast the writer of a log that rotates is, and so whether the engine's follower can have skipped a file.
//!
//! Time stamps tell it. A pause as long as the writer needs for a quarter of a file, seen by a follower that was late,
//! is suspicious. A file that lasts shorter than a follower needs to wake up makes every follower late; and where files
//! are lost one after the other, time stamps do not even show how fast the writer is. So a log with files that small is
//! distrusted, every pause that could hide a rotation is suspicious, until the stored log has proven the order a few
//! times in a row.

use std::collections::VecDeque;

use dockline_domain::{Timestamp, log::Chunk};

/// What `json-file` adds to a chunk: keys, stream, time, newline.
const ENTRY_OVERHEAD: u64 = 75;
/// How many lines the writer's speed is measured over.
const SPEED_OVER: usize = 32;
/// Before so many are known, and
const SPEED_FROM: usize = SPEED_OVER / 4;
/// where a pause is shorter than the usual one by this factor (a slow writer may have become a fast one),
const BURST: i64 = 4;
/// the writer is taken to be as fast as an engine can write: the least nanoseconds between two lines, and for a byte.
/// (Seen: 1.2 µs, and 60 to 100 MB/s.)
const FASTEST_LINE: i64 = 1_000;
const FASTEST_BYTE: i64 = 8;
/// The usual pause is the median.
const USUAL: usize = 2;
/// A writer is at full speed when one of so many pauses is that short. Not the median: where every second file is
/// lost, that is the losses' own length. Not the least: a busy machine hands some of a slow writer's lines over at once.
const FULL_SPEED: usize = 8;
/// A pause is suspicious from this many of the writer's shortest on,
const SUSPICIOUS_PAUSE: i64 = 4;
/// and when it could hide one of so many parts of a file.
const SUSPICIOUS_PART: i128 = 4;
/// In this time, in nanoseconds, no engine rotates a file. (In 7,000 losses of both engines, on a quiet and on a busy
/// machine, no pause was shorter than 36 µs.)
const LEAST_LOSS: i64 = 15_000;
/// A waiting follower wakes up within this time, in nanoseconds.
const WAKE_UP: i64 = 1_000_000;
/// A file that lasts less than this, in nanoseconds, can come and go between two looks of a follower that is not late
/// by any measure: it sees the end of one file and the beginning of another at once.
const FLEETING_FILE: i64 = 5_000_000;
/// A log of such files is trusted when the stored log has proven the order so many times in a row.
const TRUSTED: u32 = 3;
/// A chunk can wait for its look where lines are so far apart, in nanoseconds,
const SLOW: i64 = 1_000_000;
/// and while it is not later than this.
const LATEST: i64 = 250_000_000;
/// More delay than this says nothing more, in nanoseconds.
const MAX_DELAY: i64 = 60_000_000_000;

/// What is known of a log's writer and of the follower.
pub(super) struct Pace {
    file_bytes: u64,
    /// Of the last lines: nanoseconds since the one before, and bytes in the file.
    written: VecDeque<(i64, u64)>,
    /// How many times in a row the stored log has proven the order; at most [`TRUSTED`].
    trust: u32,
    /// Receipt less time stamp, in nanoseconds: the least ever, which is clock offset and bare way, and
    /// that of the chunk before.
    least_delay: i64,
    last_delay: Option<i64>,
}

impl Pace {
    pub(super) fn new(file_bytes: u64) -> Self {
        Self { file_bytes, written: VecDeque::new(), trust: 0, least_delay: i64::MAX, last_delay: None }
    }

    pub(super) fn most_lines_of_a_file(&self) -> u64 {
        self.file_bytes / ENTRY_OVERHEAD
    }

    /// Takes note of a chunk behind another one. Returns whether the follower can have skipped something between them.
    /// `received` is by our clock; `None` for what was stored when the stream was asked for: that is read from one file
    /// after the other, and nothing skipped, however late it is read.
    pub(super) fn step(&mut self, newest: &Chunk, chunk: &Chunk, received: Option<Timestamp>) -> bool {
        let pause = chunk.ts.0.saturating_sub(newest.ts.0);
        let bytes = chunk.bytes.len() as u64 + ENTRY_OVERHEAD;
        let late = received.map(|received| self.late(received, chunk));
        let is_suspicious = late.is_some_and(|late| self.is_suspicious(late, pause, bytes));
        self.wrote(pause, bytes);
        is_suspicious
    }

    /// The stored log has proven the order, or could not. Returns whether this log has to earn trust.
    pub(super) fn looked(&mut self, is_proof: bool) -> bool {
        let earns = is_proof && self.trust < TRUSTED;
        self.trust = if is_proof { TRUSTED.min(self.trust + 1) } else { 0 };
        earns
    }

    /// Whether a look that is not due yet can be waited for: the writer is slow, and we are not late.
    pub(super) fn may_wait(&self) -> bool {
        let late = self.last_delay.map_or(0, |delay| delay.saturating_sub(self.least_delay));
        late < LATEST && self.pause_of(USUAL).is_some_and(|usual| usual >= SLOW)
    }

    fn is_suspicious(&self, late: i64, pause: i64, bytes: u64) -> bool {
        pause >= LEAST_LOSS
            && self.could_hide_a_file(pause, bytes)
            && (self.is_distrusted(bytes) || self.was_behind(late, pause, bytes))
    }

    fn wrote(&mut self, pause: i64, bytes: u64) {
        match self.written.back_mut() {
            // Pieces of one line carry one stamp.
            Some((_, line)) if pause == 0 => *line += bytes,
            _ => {
                if self.written.len() == SPEED_OVER {
                    self.written.pop_front();
                }
                self.written.push_back((pause.max(1), bytes));
            }
        }
        if self.trust > 0 && self.full_speed(bytes).is_some() {
            self.trust = 0;
        }
    }

    /// The pause between lines of a writer that is fast enough for fleeting files.
    fn full_speed(&self, bytes: u64) -> Option<i64> {
        self.pause_of(FULL_SPEED).filter(|pace| self.fills_a_file(FLEETING_FILE, *pace, bytes))
    }

    /// By how many nanoseconds the follower was late with this chunk and the one before, together.
    fn late(&mut self, received: Timestamp, chunk: &Chunk) -> i64 {
        let delay = received.0.saturating_sub(chunk.ts.0);
        self.least_delay = self.least_delay.min(delay);
        let before = self.last_delay.replace(delay).unwrap_or(delay);
        let late = |delay: i64| delay.saturating_sub(self.least_delay).clamp(0, MAX_DELAY);
        late(delay) + late(before)
    }

    /// Whether the follower was so late that a whole file could have gone by. One that waits for the next line sees it
    /// at once and skips nothing.
    fn was_behind(&self, late: i64, pause: i64, bytes: u64) -> bool {
        // At the usual pace where it is not full speed: a busy machine hands steady lines over in bunches.
        let usual = || self.pause_of(USUAL).filter(|_| !self.may_be_a_burst(pause));
        let pace = self.full_speed(bytes).or_else(usual).unwrap_or_else(|| self.fastest(bytes));
        self.fills_a_file(late + WAKE_UP, pace, bytes)
    }

    /// Whether the writer could have filled a good part of a file in this pause, at its full speed.
    fn could_hide_a_file(&self, pause: i64, bytes: u64) -> bool {
        let fastest = self.fastest(bytes);
        let could =
            |pace| self.written_within(pause, pace, bytes) * SUSPICIOUS_PART >= i128::from(self.file_bytes);
        if self.is_distrusted(bytes) || self.may_be_a_burst(pause) {
            return could(fastest);
        }
        let shortest = self.written.iter().map(|(pause, _)| *pause).min().unwrap_or(fastest).max(fastest);
        pause >= SUSPICIOUS_PAUSE * shortest && could(shortest)
    }

    /// Whether files could be lost one after the other, and nothing says yet that they are not.
    fn is_distrusted(&self, bytes: u64) -> bool {
        self.trust < TRUSTED && self.fills_a_file(FLEETING_FILE, self.fastest(bytes), bytes)
    }

    /// Whether what is known of the writer's pace says nothing about this pause.
    fn may_be_a_burst(&self, pause: i64) -> bool {
        self.pause_of(USUAL).is_none_or(|usual| pause.saturating_mul(BURST) < usual)
    }

    fn fills_a_file(&self, nanos: i64, pause: i64, bytes: u64) -> bool {
        self.written_within(nanos, pause, bytes) >= i128::from(self.file_bytes)
    }

    /// Bytes that the writer fills in a time with such pauses between lines of the usual size.
    fn written_within(&self, nanos: i64, pause: i64, bytes: u64) -> i128 {
        i128::from(nanos) * i128::from(self.line(bytes)) / i128::from(pause)
    }

    /// The least pause of any writer between lines of the usual size.
    fn fastest(&self, bytes: u64) -> i64 {
        let line = i64::try_from(self.line(bytes)).unwrap_or(i64::MAX);
        line.saturating_mul(FASTEST_BYTE).max(FASTEST_LINE)
    }

    /// The average size of a line in the file, with one more of so many bytes.
    fn line(&self, bytes: u64) -> u64 {
        let known: u64 = self.written.iter().map(|(_, bytes)| bytes).sum();
        (known + bytes) / (self.written.len() as u64 + 1)
    }

    /// The pause between two lines that one of so many undercuts, which jumps do not move. `None` before enough
    /// is known.
    fn pause_of(&self, one_of: usize) -> Option<i64> {
        let enough = if self.trust < TRUSTED { SPEED_FROM } else { 1 };
        if self.written.len() < enough {
            return None;
        }
        let mut pauses: Vec<i64> = self.written.iter().map(|(pause, _)| *pause).collect();
        let (_, pause, _) = pauses.select_nth_unstable(self.written.len() / one_of);
        Some(*pause)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dockline_domain::log::Stream;

    use super::*;

    const BYTES: u64 = 85;
    const MILLISECOND: i64 = 1_000_000;

    /// One that knows a writer with such pauses between lines of 85 bytes in the file.
    fn known(file_bytes: u64, trust: u32, pauses: impl IntoIterator<Item = i64>) -> Pace {
        let mut pace = Pace::new(file_bytes);
        for pause in pauses {
            pace.wrote(pause, BYTES);
        }
        Pace { trust, ..pace }
    }

    fn is_suspicious(pace: &Pace, pause: i64) -> bool {
        pace.is_suspicious(0, pause, BYTES)
    }

    #[test]
    fn only_a_pause_that_could_hide_a_part_of_a_file_is_suspicious() {
        // A line every 5 µs: a quarter of the file are 59 lines.
        let mut pace = known(20_000, TRUSTED, [5_000; 32]);
        assert!(!pace.could_hide_a_file(290_000, BYTES));
        assert!(pace.could_hide_a_file(300_000, BYTES));
        assert!(!pace.could_hide_a_file(-300_000, BYTES), "the engine's clock was set back");
        // One long pause does not change what is usual.
        pace.wrote(9 * MILLISECOND, BYTES);
        pace.trust = TRUSTED;
        assert!(pace.could_hide_a_file(300_000, BYTES));
        // A large file is not hidden in a pause between bursts.
        let large = known(10_000_000, 0, [2_000; 32]);
        assert!(!large.could_hide_a_file(50 * MILLISECOND, BYTES));
        assert!(large.could_hide_a_file(60 * MILLISECOND, BYTES));
    }

    #[test]
    fn only_a_follower_that_is_late_can_have_skipped() {
        // A line every 10 ms: a file lasts about 120 ms.
        let mut pace = known(1_000, TRUSTED, [10 * MILLISECOND; 32]);
        let mut behind = |seconds: i64, delay: i64| {
            let ts = Timestamp(seconds * 1_000_000_000);
            let chunk = Chunk { stream: Stream::Stdout, ts, bytes: Bytes::new() };
            let late = pace.late(Timestamp(ts.0 + delay), &chunk);
            pace.was_behind(late, 10 * MILLISECOND, BYTES)
        };
        assert!(!behind(1, 5_000));
        assert!(!behind(2, 9 * MILLISECOND));
        assert!(behind(3, 200 * MILLISECOND));
        // And the one behind it, since the late one may have been the last before the skip.
        assert!(behind(4, 5_000));
        assert!(!behind(5, 5_000));
    }

    #[test]
    fn what_was_stored_is_never_suspicious() {
        let (mut pace, line) = (
            Pace::new(1_000),
            Chunk { stream: Stream::Stdout, ts: Timestamp(0), bytes: Bytes::from_static(b"line\n") },
        );
        let next = Chunk { ts: Timestamp(MILLISECOND), ..line.clone() };
        assert!(!pace.step(&line, &next, None));
        assert!(pace.step(&line, &next, Some(next.ts)));
    }

    #[test]
    fn files_that_last_shorter_than_a_look_are_distrusted() {
        // Nothing is known.
        assert!(is_suspicious(&Pace::new(1_000), 30_000));
        assert!(!is_suspicious(&Pace::new(1_000), 3_000));
        // Pairs of lines 2 µs apart, 2 ms between the pairs, as where files are lost, although all seemed well before.
        let mut pairs = known(1_000, TRUSTED, [10 * MILLISECOND; 32]);
        for n in 0..32 {
            pairs.wrote(if n % 2 == 0 { 2_000 } else { 2 * MILLISECOND }, BYTES);
        }
        assert!(is_suspicious(&pairs, 30_000));
        // Nothing but losses: nothing tells how fast the writer is.
        assert!(is_suspicious(&known(1_000, 0, [4 * MILLISECOND; 32]), 30_000));
        assert!(
            !is_suspicious(&known(1_000, TRUSTED, [4 * MILLISECOND; 32]), 4 * MILLISECOND),
            "a slow writer"
        );
        // Larger files are looked at in time, unless somebody is late.
        let large = known(1_000_000, 0, (0..32).map(|n| if n % 4 == 0 { 400 } else { 40 * MILLISECOND }));
        assert!(!is_suspicious(&large, 40 * MILLISECOND));
        assert!(large.is_suspicious(4 * MILLISECOND, 40 * MILLISECOND, BYTES));
        assert!(!is_suspicious(&known(1_000_000, 0, [2_000; 32]), 30 * MILLISECOND));
        assert!(!is_suspicious(&Pace::new(10_000_000), 50 * MILLISECOND));
    }

    #[test]
    fn only_the_lines_of_a_slow_writer_wait_for_a_look() {
        let slow = known(1_000, 0, [10 * MILLISECOND; 32]);
        assert!(slow.may_wait());
        assert!(!Pace { least_delay: 0, last_delay: Some(300 * MILLISECOND), ..slow }.may_wait(), "late");
        assert!(!known(1_000, 0, [2_000; 32]).may_wait());
        assert!(!Pace::new(1_000).may_wait());
    }

    #[test]
    fn proofs_earn_trust_and_a_doubt_takes_it() {
        let mut pace = known(1_000, 0, [10 * MILLISECOND; 32]);
        assert_eq!([(); 4].map(|()| pace.looked(true)), [true, true, true, false]);
        assert!(!is_suspicious(&pace, 10 * MILLISECOND));
        let few = known(1_000, TRUSTED, [10 * MILLISECOND; 3]);
        assert!(!is_suspicious(&few, 10 * MILLISECOND), "the proofs were slow lines");
        assert!(!pace.looked(false));
        assert!(is_suspicious(&pace, 10 * MILLISECOND));
    }

    #[test]
    fn a_slow_writer_may_become_a_fast_one() {
        let slow = known(1_000, TRUSTED, [10 * MILLISECOND; 32]);
        assert!(is_suspicious(&slow, 30_000));
        assert!(!is_suspicious(&slow, 3_000), "too short for a file");
        assert!(!is_suspicious(&slow, 10 * MILLISECOND), "no burst");
        // Nobody fills a large file before a follower wakes up.
        assert!(!is_suspicious(&known(10_000_000, 0, [10 * MILLISECOND; 32]), 30_000));
    }

    #[test]
    fn pieces_of_a_long_line_are_no_sign_of_speed() {
        let mut pace = Pace { trust: TRUSTED, ..Pace::new(10_000_000) };
        for _ in 0..32 {
            pace.wrote(100 * MILLISECOND, 16_384);
            pace.wrote(0, 16_384);
        }
        assert_eq!((pace.trust, pace.line(32_768)), (TRUSTED, 32_768));
        assert!(!pace.is_suspicious(0, 100 * MILLISECOND, 16_384));
    }
}
