use std::io::Write;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use bytestring::ByteString;
use dockline_domain::{
    Timestamp,
    log::{Chunk, Cursor, Epoch},
};

/// How the frame of every batch begins. Who shows several logs together puts what tells them apart behind it, and so sends
/// the frame on without encoding anything again.
pub const LOG_FRAME_BEGINS: &str = r#"{"type":"log","#;

/// Consecutive chunks of one epoch, encoded once for every viewer of every replica.
#[derive(Debug, Clone)]
pub struct LogBatch {
    epoch: Epoch,
    first: u64,
    chunks: Box<[ChunkSpan]>,
    frame: ByteString,
    cursor: Cursor,
}

/// One chunk's place inside the frame, and what a start position is chosen by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkSpan {
    /// Where the chunk's JSON begins in the frame.
    pub(crate) begins: u32,
    pub(crate) ends_line: bool,
    pub(crate) ts: Timestamp,
}

/// A batch as it is written to the wire.
pub(crate) struct Parts<'a> {
    pub(crate) epoch: Epoch,
    pub(crate) first: u64,
    pub(crate) chunks: &'a [ChunkSpan],
    pub(crate) frame: &'a str,
    pub(crate) cursor: &'a Cursor,
}

impl LogBatch {
    /// The numbering.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The number of the first chunk.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The number of the last chunk.
    #[must_use]
    pub const fn last(&self) -> u64 {
        self.first + self.chunks.len() as u64 - 1
    }

    /// How many chunks.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Never: a batch holds at least one chunk.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// The cursor after the last chunk.
    #[must_use]
    pub const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// Memory held, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.frame.len() + self.chunks.len() * size_of::<ChunkSpan>() + size_of::<Self>()
    }

    /// The WebSocket frame with everything from chunk number `first` on. The whole batch is shared, a
    /// part of it is copied.
    #[must_use]
    pub fn frame_from(&self, first: u64) -> ByteString {
        let skip = usize::try_from(first.saturating_sub(self.first)).unwrap_or(usize::MAX);
        match (skip, self.chunks.get(skip)) {
            (0, _) => self.frame.clone(),
            (_, None) => ByteString::new(),
            (_, Some(span)) => {
                let prefix = self.chunks[0].begins as usize;
                let text: &str = &self.frame;
                ByteString::from([&text[..prefix], &text[span.begins as usize..]].concat())
            }
        }
    }

    pub(crate) fn parts(&self) -> Parts<'_> {
        Parts {
            epoch: self.epoch,
            first: self.first,
            chunks: &self.chunks,
            frame: &self.frame,
            cursor: &self.cursor,
        }
    }

    /// Puts a batch together again. There is at least one chunk, and each begins within the frame.
    pub(crate) const fn of_parts(
        epoch: Epoch,
        first: u64,
        chunks: Box<[ChunkSpan]>,
        frame: ByteString,
        cursor: Cursor,
    ) -> Self {
        Self { epoch, first, chunks, frame, cursor }
    }

    /// The batch without the chunks before number `first`; `None` if nothing remains.
    pub(crate) fn without_before(self, first: u64) -> Option<Self> {
        if first <= self.first {
            return Some(self);
        }
        let skip = usize::try_from(first - self.first).ok().filter(|skip| *skip < self.chunks.len())?;
        let frame = self.frame_from(first);
        let cut = self.chunks[skip].begins - self.chunks[0].begins;
        let moved = |span: &ChunkSpan| ChunkSpan { begins: span.begins - cut, ..*span };
        let chunks = self.chunks[skip..].iter().map(moved).collect();
        Some(Self { first, chunks, frame, ..self })
    }

    /// Walks back over up to `lines` ends of lines. Finds the number of the chunk behind the one that
    /// ends the line before them, or counts `lines` down and finds nothing.
    pub(crate) fn tail(&self, lines: &mut u64) -> Option<u64> {
        for (index, span) in self.chunks.iter().enumerate().rev() {
            if span.ends_line {
                if *lines == 0 {
                    return Some(self.first + index as u64 + 1);
                }
                *lines -= 1;
            }
        }
        None
    }

    /// The number of the first chunk that is not older than `since`.
    pub(crate) fn first_since(&self, since: Timestamp) -> Option<u64> {
        self.chunks.iter().position(|span| span.ts >= since).map(|index| self.first + index as u64)
    }
}

/// Packs chunks into a batch.
#[derive(Debug)]
pub struct BatchBuilder {
    epoch: Epoch,
    first: u64,
    chunks: Vec<ChunkSpan>,
    frame: Vec<u8>,
}

impl BatchBuilder {
    /// A batch whose first chunk will have the number `first`.
    #[must_use]
    pub fn new(epoch: Epoch, first: u64) -> Self {
        let mut frame = Vec::with_capacity(512);
        let head = format!("{LOG_FRAME_BEGINS}\"epoch\":\"{epoch}\",\"chunks\":[");
        frame.extend_from_slice(head.as_bytes());
        Self { epoch, first, chunks: Vec::new(), frame }
    }

    /// Adds the next chunk.
    pub fn push(&mut self, chunk: &Chunk) {
        if !self.chunks.is_empty() {
            self.frame.push(b',');
        }
        let begins = u32::try_from(self.frame.len()).unwrap_or(u32::MAX);
        let number = self.first + self.chunks.len() as u64;
        let is_partial = chunk.is_partial();
        encode(&mut self.frame, number, chunk, is_partial);
        self.chunks.push(ChunkSpan { begins, ends_line: !is_partial, ts: chunk.ts });
    }

    /// How many chunks it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.chunks.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Size of the frame so far, in bytes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.frame.len()
    }

    /// The batch, or `None` if it would be empty. `cursor` is the one after its last chunk.
    #[must_use]
    pub fn finish(mut self, cursor: Cursor) -> Option<LogBatch> {
        if self.chunks.is_empty() {
            return None;
        }
        self.frame.extend_from_slice(b"]}");
        self.frame.shrink_to_fit();
        let frame = ByteString::try_from(self.frame).ok()?;
        Some(LogBatch {
            epoch: self.epoch,
            first: self.first,
            chunks: self.chunks.into_boxed_slice(),
            frame,
            cursor,
        })
    }
}

/// Writes one chunk as JSON. Writing to a `Vec` cannot fail.
fn encode(out: &mut Vec<u8>, number: u64, chunk: &Chunk, is_partial: bool) {
    let stream = chunk.stream.number();
    let _infallible = write!(out, "{{\"n\":{number},\"s\":{stream},\"t\":\"{}\",", chunk.ts);
    match std::str::from_utf8(&chunk.bytes) {
        Ok(text) => {
            out.extend_from_slice(b"\"d\":");
            let _infallible = serde_json::to_writer(&mut *out, text);
        }
        Err(_) => {
            out.extend_from_slice(b"\"b\":\"");
            let text = BASE64.encode(&chunk.bytes);
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
    }
    out.extend_from_slice(if is_partial { b",\"p\":true}" } else { b"}" });
}
