use crate::{
    Timestamp,
    log::{Chunk, ChunkHash, Stream},
};

/// Where a numbering stands in the engine's log, in terms that survive a new reading of that log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The number of the last chunk.
    pub last: u64,
    /// The time stamp of the anchor: the last chunk that was later than every chunk before it.
    pub anchor_ts: Timestamp,
    /// The anchor's hash.
    pub anchor_hash: ChunkHash,
    /// How many chunks lie from the anchor to the last one, both included.
    pub since_anchor: u64,
    /// The last chunk's hash.
    pub last_hash: ChunkHash,
    /// A time from which a re-reading surely contains the anchor and every line still open: the least
    /// time stamp among them, less one second for a clock that stepped back.
    pub rewind_to: Timestamp,
    /// Whether chunk 1 of the epoch was the first chunk that the engine's log held.
    pub begun_at_log_start: bool,
}

/// Follows a log chunk by chunk and gives its [`Cursor`] when asked; hashing waits until then.
#[derive(Debug, Clone)]
pub struct CursorTracker {
    begun_at_log_start: bool,
    last: u64,
    since_anchor: u64,
    anchor: Option<Chunk>,
    newest: Option<Chunk>,
    least_since_anchor: Timestamp,
    open_stdout: Option<Timestamp>,
    open_stderr: Option<Timestamp>,
}

impl CursorTracker {
    /// A tracker before the first chunk of an epoch.
    #[must_use]
    pub const fn new(begun_at_log_start: bool) -> Self {
        Self {
            begun_at_log_start,
            last: 0,
            since_anchor: 0,
            anchor: None,
            newest: None,
            least_since_anchor: Timestamp(i64::MAX),
            open_stdout: None,
            open_stderr: None,
        }
    }

    /// A tracker that goes on from `cursor`, rebuilt from `seen`: chunks of the log up to and including the
    /// cursor's last one, its anchor among them.
    #[must_use]
    pub fn resume(cursor: &Cursor, seen: &[Chunk]) -> Self {
        let mut tracker = Self::new(cursor.begun_at_log_start);
        for chunk in seen {
            tracker.push(chunk);
        }
        tracker.last = cursor.last;
        tracker.since_anchor = cursor.since_anchor;
        // A line that is open since before `seen` is not lost: its begin is not before `rewind_to`.
        tracker.least_since_anchor = tracker.least_since_anchor.min(cursor.rewind_to.plus_seconds(1));
        tracker
    }

    /// Takes the next chunk and returns its number.
    pub fn push(&mut self, chunk: &Chunk) -> u64 {
        let is_later = self.anchor.as_ref().is_none_or(|anchor| chunk.ts > anchor.ts);
        if is_later {
            self.anchor = Some(chunk.clone());
            self.since_anchor = 1;
            self.least_since_anchor = chunk.ts;
        } else {
            self.since_anchor += 1;
            self.least_since_anchor = self.least_since_anchor.min(chunk.ts);
        }
        let open = match chunk.stream {
            Stream::Stdout => &mut self.open_stdout,
            Stream::Stderr => &mut self.open_stderr,
        };
        if chunk.is_partial() {
            open.get_or_insert(chunk.ts);
        } else {
            *open = None;
        }
        self.newest = Some(chunk.clone());
        self.last += 1;
        self.last
    }

    /// The number of the last chunk; 0 before the first.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// The last chunk.
    #[must_use]
    pub const fn newest(&self) -> Option<&Chunk> {
        self.newest.as_ref()
    }

    /// Says that the epoch did not begin where the engine's log begins after all.
    pub const fn not_from_log_start(&mut self) {
        self.begun_at_log_start = false;
    }

    /// The cursor after the last chunk; `None` before the first.
    #[must_use]
    pub fn cursor(&self) -> Option<Cursor> {
        let (anchor, newest) = (self.anchor.as_ref()?, self.newest.as_ref()?);
        let open = [self.open_stdout, self.open_stderr].into_iter().flatten().min();
        let least = open.map_or(self.least_since_anchor, |ts| ts.min(self.least_since_anchor));
        Some(Cursor {
            last: self.last,
            anchor_ts: anchor.ts,
            anchor_hash: anchor.hash(),
            since_anchor: self.since_anchor,
            last_hash: newest.hash(),
            rewind_to: least.minus_seconds(1),
            begun_at_log_start: self.begun_at_log_start,
        })
    }
}
