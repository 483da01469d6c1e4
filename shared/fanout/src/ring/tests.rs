use bytes::Bytes;
use dockline_contract::ws::LogFrame;
use dockline_domain::{
    Timestamp,
    log::{Chunk, CursorTracker, Position, Stream},
};

use super::*;
use crate::BatchBuilder;

const EPOCH: Epoch = Epoch(7);

struct Writer {
    ring: Ring,
    tracker: CursorTracker,
    epoch: Epoch,
}

impl Writer {
    fn new(limits: RingLimits) -> Self {
        let ring = Ring::new(limits);
        ring.begin(EPOCH, false, None);
        ring.set_state(StreamState::Live);
        Self { ring, tracker: CursorTracker::new(true), epoch: EPOCH }
    }

    fn write(&mut self, texts: &[&str]) {
        let mut builder = BatchBuilder::new(self.epoch, self.tracker.last() + 1);
        for text in texts {
            let ts = Timestamp(i64::try_from(self.tracker.last()).expect("small"));
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            let chunk = Chunk { stream: Stream::Stdout, ts, bytes };
            self.tracker.push(&chunk);
            builder.push(&chunk);
        }
        let cursor = self.tracker.cursor().expect("chunks");
        self.ring.append(builder.finish(cursor).expect("chunks"));
    }

    fn new_epoch(&mut self, reason: GapReason) {
        self.epoch = Epoch(self.epoch.0 + 1);
        self.tracker = CursorTracker::new(false);
        self.ring.begin(self.epoch, false, Some(reason));
        self.ring.set_state(StreamState::Live);
    }

    /// Reads to the end: `n` for a chunk, `-from..to reason` for a gap.
    fn read_all(&self, position: &mut ReadPosition) -> Vec<String> {
        let mut seen = Vec::new();
        loop {
            match self.ring.read(position) {
                Read::CaughtUp => return seen,
                Read::Gap(gap) => seen.push(format!("-{}..{} {}", gap.from, gap.to, gap.reason.as_str())),
                Read::Frame(frame) => match serde_json::from_str(&frame).expect("a log frame") {
                    LogFrame::Log { chunks, .. } => seen.extend(chunks.iter().map(|c| c.n.to_string())),
                    other => panic!("{other:?}"),
                },
            }
        }
    }

    fn start(&self, at: StartAt) -> Start {
        self.ring.start(at).expect("filled")
    }

    fn from(&self, at: StartAt) -> Vec<String> {
        self.read_all(&mut self.start(at).position)
    }
}

#[test]
fn tail_counts_lines_not_chunks() {
    let mut writer = Writer::new(RingLimits::default());
    writer.write(&["a\n", "b1", "b2", "b3\n"]);
    writer.write(&["c\n", "d"]);
    assert_eq!(writer.from(StartAt::Tail(1)), ["5", "6"]);
    assert_eq!(writer.from(StartAt::Tail(2)), ["2", "3", "4", "5", "6"]);
    assert_eq!(writer.from(StartAt::Tail(0)), ["6"]);
    assert_eq!(writer.from(StartAt::Tail(99)).len(), 6);
    assert_eq!(writer.from(StartAt::Since(Timestamp(4))), ["5", "6"]);
    assert_eq!(writer.from(StartAt::Since(Timestamp(99))), [""; 0]);
}

#[test]
fn a_position_resumes_at_the_next_chunk() {
    let mut writer = Writer::new(RingLimits::default());
    writer.write(&["a\n", "b\n", "c\n"]);
    writer.write(&["d\n"]);
    for n in 0..=4_u64 {
        let expected: Vec<_> = (n + 1..=4).map(|n| n.to_string()).collect();
        assert_eq!(writer.from(StartAt::After(Position { epoch: EPOCH, n })), expected, "after {n}");
    }
    let start = writer.start(StartAt::After(Position { epoch: EPOCH, n: 9 }));
    assert_eq!(start.gap.map(|gap| gap.reason), Some(GapReason::StateLost));
    let start = writer.start(StartAt::After(Position { epoch: Epoch(1), n: 2 }));
    assert_eq!(start.gap.map(|gap| (gap.epoch, gap.from, gap.to)), Some((Epoch(1), 3, 2)));
    assert_eq!((start.epoch, start.oldest, start.next), (EPOCH, 1, 5));
}

#[test]
fn a_slow_viewer_is_told_what_it_missed() {
    let limits = RingLimits { bytes: 1, chunks: 4, hard_bytes: 1 << 20 };
    let mut writer = Writer::new(limits);
    writer.write(&["a\n", "b\n"]);
    let mut position = writer.start(StartAt::Oldest).position;
    assert_eq!(writer.read_all(&mut position), ["1", "2"]);
    for _ in 0..10 {
        writer.write(&["x\n", "y\n"]);
    }
    assert_eq!(writer.read_all(&mut position), ["-3..18 slow_viewer", "19", "20", "21", "22"]);
    let start = writer.start(StartAt::After(Position { epoch: EPOCH, n: 2 }));
    assert_eq!(start.gap.map(|gap| (gap.from, gap.to)), Some((3, 18)));
    assert_eq!(start.oldest, 19);
}

#[test]
fn a_new_epoch_comes_with_its_gap_and_loses_nothing_before_it() {
    let mut writer = Writer::new(RingLimits::default());
    writer.write(&["a\n", "b\n"]);
    let mut live = writer.start(StartAt::Oldest).position;
    assert_eq!(writer.read_all(&mut live), ["1", "2"]);
    writer.write(&["c\n"]);
    writer.new_epoch(GapReason::Rotated);
    writer.write(&["n\n", "o\n"]);
    assert_eq!(writer.read_all(&mut live), ["3", "-4..3 rotated", "1", "2"]);
    let after_c = StartAt::After(Position { epoch: EPOCH, n: 3 });
    assert_eq!(writer.from(after_c), ["-4..3 rotated", "1", "2"]);
    writer.ring.mark_gap(GapReason::EngineLost);
    writer.write(&["p\n"]);
    assert_eq!(writer.read_all(&mut live), ["-3..2 engine_lost", "3"]);
}

#[test]
fn viewers_wait_until_the_stored_log_was_read() {
    let ring = Ring::new(RingLimits::default());
    assert_eq!(ring.start(StartAt::Tail(10)), None);
    ring.begin(EPOCH, true, None);
    assert_eq!(ring.start(StartAt::Tail(10)), None);
    assert!(ring.start(StartAt::After(Position { epoch: EPOCH, n: 0 })).is_some());
    ring.set_state(StreamState::Live);
    let start = ring.start(StartAt::Tail(10)).expect("filled");
    assert!(start.tty);
    assert_eq!((start.oldest, start.next), (1, 1));
}

#[test]
fn a_place_seen_at_another_replica_waits_until_this_one_has_read_so_far() {
    let mut writer = Writer::new(RingLimits::default());
    writer.ring.set_state(StreamState::Opening);
    let seen = StartAt::After(Position { epoch: EPOCH, n: 5 });
    assert_eq!(writer.ring.start(seen), None, "nothing is read yet");
    writer.write(&["1", "2", "3"]);
    assert_eq!(writer.ring.start(seen), None, "still behind");
    writer.write(&["4", "5", "6"]);
    let start = writer.ring.start(seen).expect("known");
    assert_eq!(start.gap, None);
    let mut position = start.position;
    assert_eq!(writer.read_all(&mut position), ["6"]);
    // Cut off from the store: whether anybody ever saw number 9 is not known here.
    writer.ring.set_state(StreamState::Live);
    writer.ring.set_state(StreamState::Delayed("no answer".to_owned()));
    let ahead = StartAt::After(Position { epoch: EPOCH, n: 9 });
    assert_eq!(writer.ring.start(ahead), None);
    writer.ring.set_state(StreamState::Live);
    assert!(writer.ring.start(ahead).expect("live").gap.is_some(), "nobody can have seen it");
}

#[test]
fn binary_and_partial_chunks_are_marked() {
    let mut builder = BatchBuilder::new(EPOCH, 1);
    let mut tracker = CursorTracker::new(true);
    for bytes in [&b"\xff\n"[..], b"half", b"quote\"\n"] {
        let chunk = Chunk { stream: Stream::Stderr, ts: Timestamp(1), bytes: Bytes::copy_from_slice(bytes) };
        tracker.push(&chunk);
        builder.push(&chunk);
    }
    let batch = builder.finish(tracker.cursor().expect("chunks")).expect("chunks");
    assert_eq!(
        &*batch.frame_from(1),
        concat!(
            r#"{"type":"log","epoch":"0000000000000007","chunks":["#,
            r#"{"n":1,"s":2,"t":"1970-01-01T00:00:00.000000001Z","b":"/wo="},"#,
            r#"{"n":2,"s":2,"t":"1970-01-01T00:00:00.000000001Z","d":"half","p":true},"#,
            r#"{"n":3,"s":2,"t":"1970-01-01T00:00:00.000000001Z","d":"quote\"\n"}]}"#
        )
    );
    assert!(batch.frame_from(3).contains(r#""chunks":[{"n":3,"#));
    assert!(batch.frame_from(4).is_empty());
}
