use crate::log::{Chunk, Cursor};

/// How many chunks must precede the anchor, all of them earlier, before a match counts as proof.
///
/// A chunk with the anchor's time stamp and hash may be its twin (two equal lines within one
/// nanosecond). Behind 64 strictly earlier chunks it is the first chunk of its time stamp, which is
/// what the anchor is by definition.
pub const MIN_EARLIER_CHUNKS: usize = 64;

/// A run of consecutive chunks read from the engine's log, up to some moment.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// The chunks, in the log's order.
    pub chunks: &'a [Chunk],
    /// Whether the window begins with the first chunk that the engine's log holds.
    pub is_whole_log: bool,
}

/// Where a numbering goes on in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// Index into the window of the first chunk that has not been numbered; may equal its length.
    pub next: usize,
}

/// Finds the place in `window` where the numbering that `cursor` describes goes on.
///
/// `None` means "not provably here": the caller reads a larger window, and in the end begins a new
/// epoch with a gap marker. Never guesses: a wrong answer would lose or repeat lines silently.
#[must_use]
pub fn locate(window: Window<'_>, cursor: &Cursor) -> Option<Located> {
    let chunks = window.chunks;
    let anchor =
        chunks.iter().position(|chunk| chunk.ts == cursor.anchor_ts && chunk.hash() == cursor.anchor_hash)?;

    // In a log that is there from its first chunk on, the anchor's index is known exactly.
    let index_proves = window.is_whole_log
        && cursor.begun_at_log_start
        && u64::try_from(anchor) == Ok(cursor.last - cursor.since_anchor);
    let predecessors_prove =
        anchor >= MIN_EARLIER_CHUNKS && chunks[..anchor].iter().all(|chunk| chunk.ts < cursor.anchor_ts);
    if !index_proves && !predecessors_prove {
        return None;
    }

    let last = anchor + usize::try_from(cursor.since_anchor).ok()? - 1;
    (chunks.get(last)?.hash() == cursor.last_hash).then_some(Located { next: last + 1 })
}

#[cfg(test)]
mod tests {
    //! The properties are those of the reference model: random logs with ties, twins, lines out of
    //! order, partial lines and rotation.

    use bytes::Bytes;
    use proptest::{prelude::*, sample::Index};

    use super::*;
    use crate::{
        Timestamp,
        log::{CursorTracker, Stream},
    };

    fn chunk(ts: i64, stream: Stream, text: &str) -> Chunk {
        Chunk { stream, ts: Timestamp(ts), bytes: Bytes::copy_from_slice(text.as_bytes()) }
    }

    /// One step of the log writer: how far the clock moves, which stream, what is written.
    #[derive(Debug, Clone)]
    struct Step {
        clock: i64,
        late_by: i64,
        stderr: bool,
        text: &'static str,
        begins_partial: bool,
        ends_line: bool,
    }

    fn step() -> impl Strategy<Value = Step> {
        (
            prop::sample::select(vec![0, 0, 0, 1, 1, 5]),
            prop::sample::select(vec![0, 0, 0, 1, 2]),
            any::<bool>(),
            prop::sample::select(vec!["a", "b"]),
            prop::bool::weighted(0.15),
            any::<bool>(),
        )
            .prop_map(|(clock, late_by, stderr, text, begins_partial, ends_line)| Step {
                clock,
                late_by,
                stderr,
                text,
                begins_partial,
                ends_line,
            })
    }

    fn write(steps: &[Step]) -> Vec<Chunk> {
        let mut now = 1_000;
        let mut open: [Option<i64>; 2] = [None, None];
        steps
            .iter()
            .map(|step| {
                now += step.clock;
                let stream = if step.stderr { Stream::Stderr } else { Stream::Stdout };
                let slot = &mut open[usize::from(step.stderr)];
                if let Some(ts) = *slot {
                    if step.ends_line {
                        *slot = None;
                    }
                    let end = if step.ends_line { "\n" } else { "" };
                    chunk(ts, stream, &format!("{}{end}", step.text))
                } else if step.begins_partial {
                    *slot = Some(now);
                    chunk(now, stream, "p")
                } else {
                    chunk(now - step.late_by, stream, &format!("{}\n", step.text))
                }
            })
            .collect()
    }

    fn cursor_after(chunks: &[Chunk]) -> Cursor {
        let mut tracker = CursorTracker::new(true);
        for chunk in chunks {
            tracker.push(chunk);
        }
        tracker.cursor().expect("at least one chunk")
    }

    /// Whether the log's own content makes the place ambiguous: a suffix that looks like the whole
    /// would be indistinguishable to any reader. The model counts one such case in 60,000 logs.
    fn first_chunks_rotated_to_a_twin(log: &[Chunk], rotated: usize, cursor: &Cursor) -> bool {
        let place = usize::try_from(cursor.last - cursor.since_anchor).expect("small");
        log.get(rotated + place)
            .is_some_and(|c| rotated > 0 && c.ts == cursor.anchor_ts && c.hash() == cursor.anchor_hash)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        /// Whatever the log and wherever the break: the place found is the true one.
        #[test]
        fn never_wrong(
            steps in prop::collection::vec(step(), 5..400),
            cut in any::<Index>(),
            rotated in prop::option::weighted(0.34, any::<Index>()),
            tail in prop::sample::select(vec![80_usize, 640]),
        ) {
            let log = write(&steps);
            let seen = cut.index(log.len()) + 1;
            let cursor = cursor_after(&log[..seen]);
            let rotated = rotated.map_or(0, |index| index.index(log.len() + 1));
            let visible = &log[rotated..];
            let chunks = &visible[visible.len().saturating_sub(tail)..];
            let window = Window { chunks, is_whole_log: visible.len() < tail };
            if let Some(located) = locate(window, &cursor) {
                prop_assume!(!first_chunks_rotated_to_a_twin(&log, rotated, &cursor));
                prop_assert_eq!(&chunks[located.next..], &log[seen..]);
            }
        }

        /// Without rotation a log that is read whole is always located.
        #[test]
        fn always_found_in_a_whole_log(
            steps in prop::collection::vec(step(), 1..400),
            cut in any::<Index>(),
        ) {
            let log = write(&steps);
            let seen = cut.index(log.len()) + 1;
            let cursor = cursor_after(&log[..seen]);
            let located = locate(Window { chunks: &log, is_whole_log: true }, &cursor);
            prop_assert_eq!(located, Some(Located { next: seen }));
        }

        /// A cut-off window with enough earlier chunks is enough, when the clock moves.
        #[test]
        fn found_in_a_tail_of_a_long_log(count in 200_usize..600, back in 0_usize..100) {
            let log: Vec<_> = (0..count)
                .map(|i| chunk(i64::try_from(i).expect("small") * 10, Stream::Stdout, "same\n"))
                .collect();
            let seen = count - back;
            let cursor = cursor_after(&log[..seen]);
            let chunks = &log[count - 190..];
            let located = locate(Window { chunks, is_whole_log: false }, &cursor);
            let next = located.map(|place| place.next);
            prop_assert_eq!(next, Some(seen - (count - 190)));
        }
    }

    #[test]
    fn a_twin_of_the_anchor_is_not_taken_for_it() {
        // The anchor was rotated away; its twin of the same nanosecond is all that is left.
        let log = [
            chunk(5, Stream::Stdout, "x\n"),
            chunk(7, Stream::Stdout, "a\n"),
            chunk(7, Stream::Stdout, "a\n"),
        ];
        let cursor = cursor_after(&log[..2]);
        assert_eq!(locate(Window { chunks: &log[2..], is_whole_log: true }, &cursor), None);
        assert_eq!(locate(Window { chunks: &log[2..], is_whole_log: false }, &cursor), None);
    }

    #[test]
    fn an_anchor_without_its_last_chunk_is_refused() {
        let log = [chunk(5, Stream::Stdout, "x\n"), chunk(5, Stream::Stdout, "y\n")];
        let cursor = cursor_after(&log);
        assert_eq!(locate(Window { chunks: &log[..1], is_whole_log: true }, &cursor), None);
    }
}
