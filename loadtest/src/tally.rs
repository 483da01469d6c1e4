//! What many viewers count together.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::viewer::Sink;

/// A chunk's beginning. Quotation marks in a line's own text are escaped, so it occurs nowhere else.
const CHUNK: &[u8] = b"{\"n\":";

/// Counters of a crowd.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Viewers that were told where the log begins.
    started: AtomicU64,
    frames: AtomicU64,
    bytes: AtomicU64,
    gaps: AtomicU64,
    /// Counted by those alone who look at the whole text.
    lines: AtomicU64,
}

/// The counters at one moment, or what was added between two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    /// Frames with lines.
    pub(crate) frames: f64,
    /// Their bytes, without WebSocket headers.
    pub(crate) bytes: f64,
    /// Times that a viewer was told that it had missed lines.
    pub(crate) gaps: f64,
    /// Lines, where whole texts were looked at.
    pub(crate) lines: f64,
}

impl Tally {
    /// How many viewers have begun.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Relaxed)
    }

    /// The counters now.
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Relaxed) as f64;
        Counts {
            frames: read(&self.frames),
            bytes: read(&self.bytes),
            gaps: read(&self.gaps),
            lines: read(&self.lines),
        }
    }

    fn take(&self, kept: &[u8], length: u64) {
        if kept.starts_with(br#"{"type":"log""#) {
            self.frames.fetch_add(1, Relaxed);
            self.bytes.fetch_add(length, Relaxed);
        } else if kept.starts_with(br#"{"type":"gap""#) {
            self.gaps.fetch_add(1, Relaxed);
        } else if kept.starts_with(br#"{"type":"start""#) {
            self.started.fetch_add(1, Relaxed);
        }
    }
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            frames: self.frames - before.frames,
            bytes: self.bytes - before.bytes,
            gaps: self.gaps - before.gaps,
            lines: self.lines - before.lines,
        }
    }
}

/// Counts frames and bytes and looks at nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Skim(pub(crate) Arc<Tally>);

impl Sink for Skim {
    const WHOLE: bool = false;

    fn text(&mut self, kept: &[u8], length: u64, _arrived: i64) -> ControlFlow<()> {
        self.0.take(kept, length);
        ControlFlow::Continue(())
    }
}

/// Counts lines too: one of these tells how many bytes a line takes on the wire.
#[derive(Debug, Clone)]
pub(crate) struct Witness(pub(crate) Arc<Tally>);

impl Sink for Witness {
    const WHOLE: bool = true;

    fn text(&mut self, kept: &[u8], length: u64, _arrived: i64) -> ControlFlow<()> {
        self.0.lines.fetch_add(lines_of(kept) as u64, Relaxed);
        self.0.take(kept, length);
        ControlFlow::Continue(())
    }
}

/// How many lines a frame holds.
pub(crate) fn lines_of(frame: &[u8]) -> usize {
    memchr::memmem::find_iter(frame, CHUNK).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_frames_and_gaps() {
        let tally = Arc::new(Tally::default());
        let mut witness = Witness(Arc::clone(&tally));
        let log = br#"{"type":"log","epoch":"e","chunks":[{"n":1,"s":1,"t":"x","d":"{\"n\":\n"},{"n":2,"s":1,"t":"x","d":"\n"}]}"#;
        for text in [
            br#"{"type":"start"}"#.as_slice(),
            log,
            br#"{"type":"gap","from":3}"#,
            br#"{"type":"heartbeat"}"#,
        ] {
            assert!(witness.text(text, text.len() as u64, 0).is_continue());
        }
        let counts = tally.counts();
        assert_eq!((tally.started(), counts.lines, counts.frames, counts.gaps), (1, 2.0, 1.0, 1.0));
        assert_eq!(counts.bytes, log.len() as f64);
    }
}
