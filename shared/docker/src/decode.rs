//! The engine's log format, decoded into chunks with bounded memory.
//!
//! Two framings exist, and which one applies is known from the container's `Config.Tty`, never guessed
//! from the bytes:
//!
//! - **multiplexed** (no terminal): an 8-byte header (stream, three zeros, big-endian length), then the
//!   time stamp, a space and the message;
//! - **raw** (terminal): time stamp, space, message, again and again with no length anywhere. A message
//!   ends at its `\n` or after [`ENGINE_CHUNK`] bytes; the engine stamps every message, pieces of one
//!   long line included, so at each boundary exactly one stamp is stripped.
//!
//! A message is passed on as soon as its last byte is here; nothing waits for a line's end.

use bytes::{Buf, Bytes, BytesMut};
use dockline_domain::{
    Timestamp,
    log::{Chunk, Stream},
};

/// The size at which the engine cuts a long line (`defaultBufSize` in moby's `daemon/logger/copier.go`).
pub const ENGINE_CHUNK: usize = 16 * 1024;

/// The largest multiplexed frame that is believed. Drivers with larger pieces than [`ENGINE_CHUNK`]
/// exist (up to 1 MiB); anything beyond is a broken stream.
pub const MAX_FRAME: usize = 4 * 1024 * 1024;

/// Length of `2006-01-02T15:04:05.000000000Z`, which the engine always prints in full.
const STAMP: usize = 30;
const HEADER: usize = 8;

/// The stream stopped making sense; it must be closed and opened again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A frame header with an unknown stream number or a length beyond [`MAX_FRAME`].
    #[error("a log frame's header makes no sense: stream {stream}, {length} bytes")]
    Header {
        /// As read.
        stream: u8,
        /// As read, in bytes.
        length: usize,
    },
    /// The engine reported a failure inside the stream.
    #[error("the engine broke off: {0}")]
    Engine(String),
}

/// How a container's log is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Without a terminal.
    Multiplexed,
    /// With a terminal.
    Raw,
}

/// Turns the bytes of a log response into chunks.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    buffer: BytesMut,
    /// The last time stamp seen, for messages that (against the rule) carry none.
    last_ts: Timestamp,
    /// Raw framing: whether a message's stamp was read and its content is due.
    in_message: bool,
    /// Raw framing: how much of the buffer is known to hold no `\n`.
    scanned: usize,
}

impl Decoder {
    /// A decoder at the start of a response.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self { framing, buffer: BytesMut::new(), last_ts: Timestamp(0), in_message: false, scanned: 0 }
    }

    /// Takes bytes as they come from the engine.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole chunk, or `None` until more bytes are pushed.
    ///
    /// # Errors
    /// [`Malformed`] when the stream cannot be followed any further.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, Malformed> {
        match self.framing {
            Framing::Multiplexed => self.next_multiplexed(),
            Framing::Raw => Ok(self.next_raw()),
        }
    }

    /// What is left at the end of the response: in raw framing a message without its end.
    pub fn finish(&mut self) -> Option<Chunk> {
        let left = self.framing == Framing::Raw && self.in_message && !self.buffer.is_empty();
        left.then(|| self.take_raw(self.buffer.len()))
    }

    fn next_multiplexed(&mut self) -> Result<Option<Chunk>, Malformed> {
        let Some((stream, mut payload)) = take_frame(&mut self.buffer)? else { return Ok(None) };
        if let Some((ts, used)) = stamp(&payload) {
            self.last_ts = ts;
            payload.advance(used);
        }
        Ok(Some(Chunk { stream, ts: self.last_ts, bytes: payload }))
    }

    fn next_raw(&mut self) -> Option<Chunk> {
        if !self.in_message {
            if self.buffer.len() <= STAMP && looks_like_stamp(&self.buffer) {
                return None;
            }
            if let Some((ts, used)) = stamp(&self.buffer) {
                self.last_ts = ts;
                self.buffer.advance(used);
            }
            self.in_message = true;
            self.scanned = 0;
        }
        let limit = self.buffer.len().min(ENGINE_CHUNK);
        let end = memchr::memchr(b'\n', &self.buffer[self.scanned..limit]).map(|at| self.scanned + at + 1);
        if let Some(end) = end {
            return Some(self.take_raw(end));
        }
        self.scanned = limit;
        // A line of exactly the engine's chunk size has its `\n` in a message of its own.
        (limit == ENGINE_CHUNK).then(|| self.take_raw(ENGINE_CHUNK))
    }

    fn take_raw(&mut self, length: usize) -> Chunk {
        self.in_message = false;
        self.scanned = 0;
        let bytes = self.buffer.split_to(length).freeze();
        Chunk { stream: Stream::Stdout, ts: self.last_ts, bytes }
    }
}

/// Takes the next whole multiplexed frame from the buffer: of a log, or of what a program prints.
pub(crate) fn take_frame(buffer: &mut BytesMut) -> Result<Option<(Stream, Bytes)>, Malformed> {
    if buffer.len() < HEADER {
        return Ok(None);
    }
    let stream = buffer[0];
    let length = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]) as usize;
    if stream > 3 || buffer[1..4] != [0, 0, 0] || length > MAX_FRAME {
        return Err(Malformed::Header { stream, length });
    }
    if buffer.len() < HEADER + length {
        return Ok(None);
    }
    buffer.advance(HEADER);
    let payload = buffer.split_to(length).freeze();
    match stream {
        2 => Ok(Some((Stream::Stderr, payload))),
        3 => Err(Malformed::Engine(String::from_utf8_lossy(&payload).trim().to_owned())),
        _ => Ok(Some((Stream::Stdout, payload))),
    }
}

/// The time stamp that a message begins with, and its length with the space behind it.
fn stamp(message: &[u8]) -> Option<(Timestamp, usize)> {
    // Fixed length in every engine; shorter or longer forms are tried so that others work too.
    let space = memchr::memchr(b' ', &message[..message.len().min(STAMP + 6)])?;
    Timestamp::parse(&message[..space]).map(|ts| (ts, space + 1))
}

/// Whether the bytes could still become a time stamp when more arrive.
fn looks_like_stamp(start: &[u8]) -> bool {
    start.iter().zip(b"dddd-dd-ddTdd:dd:dd.dddddddddZ ").all(|(byte, shape)| match shape {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// Decodes a whole response at once, for short reads and tests.
///
/// # Errors
/// As [`Decoder::next_chunk`].
pub fn decode_all(framing: Framing, response: &Bytes) -> Result<Vec<Chunk>, Malformed> {
    let mut decoder = Decoder::new(framing);
    decoder.push(response);
    let mut chunks = Vec::new();
    while let Some(chunk) = decoder.next_chunk()? {
        chunks.push(chunk);
    }
    chunks.extend(decoder.finish());
    Ok(chunks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const T1: &str = "2026-11-24T10:00:00.000000001Z";
    const T2: &str = "2026-11-24T10:00:00.000000002Z";

    fn frame(stream: u8, ts: &str, text: &[u8]) -> Vec<u8> {
        let length = u32::try_from(ts.len() + 1 + text.len()).expect("small");
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend(length.to_be_bytes());
        bytes.extend(ts.as_bytes());
        bytes.push(b' ');
        bytes.extend(text);
        bytes
    }

    fn raw(ts: &str, text: &[u8]) -> Vec<u8> {
        [ts.as_bytes(), b" ", text].concat()
    }

    fn decode_in_pieces(framing: Framing, bytes: &[u8], piece: usize) -> Vec<Chunk> {
        let mut decoder = Decoder::new(framing);
        let mut chunks = Vec::new();
        for part in bytes.chunks(piece) {
            decoder.push(part);
            while let Some(chunk) = decoder.next_chunk().expect("well-formed") {
                chunks.push(chunk);
            }
        }
        chunks.extend(decoder.finish());
        chunks
    }

    #[test]
    fn multiplexed_frames_keep_stream_stamp_and_bytes() {
        let bytes = [frame(1, T1, b"a\n"), frame(2, T2, b"\xff\0b\n"), frame(1, T2, b"\n")].concat();
        for piece in [1, 3, 1_000] {
            let chunks = decode_in_pieces(Framing::Multiplexed, &bytes, piece);
            let seen: Vec<_> =
                chunks.iter().map(|c| (c.stream.number(), c.ts.0 % 10, &c.bytes[..])).collect();
            assert_eq!(seen, [(1, 1, &b"a\n"[..]), (2, 2, &b"\xff\0b\n"[..]), (1, 2, &b"\n"[..])]);
        }
    }

    #[test]
    fn impossible_headers_and_engine_errors_end_the_stream() {
        let mut decoder = Decoder::new(Framing::Multiplexed);
        decoder.push(&[9, 0, 0, 0, 0, 0, 0, 1, b'x']);
        assert_eq!(decoder.next_chunk(), Err(Malformed::Header { stream: 9, length: 1 }));
        let mut decoder = Decoder::new(Framing::Multiplexed);
        decoder.push(&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        assert!(matches!(decoder.next_chunk(), Err(Malformed::Header { .. })));
        let mut decoder = Decoder::new(Framing::Multiplexed);
        decoder.push(&[3, 0, 0, 0, 0, 0, 0, 3, b'e', b'o', b'f']);
        assert_eq!(decoder.next_chunk(), Err(Malformed::Engine("eof".into())));
    }

    #[test]
    fn raw_messages_end_at_newline_or_at_the_engines_chunk_size() {
        for extra in [-1_i32, 0, 1] {
            let size =
                usize::try_from(i32::try_from(ENGINE_CHUNK).expect("small") + extra).expect("positive");
            let line = [vec![b'x'; size], b"\n".to_vec()].concat();
            let (head, tail) = line.split_at(ENGINE_CHUNK.min(line.len()));
            let mut bytes = raw(T1, head);
            if !tail.is_empty() {
                bytes.extend(raw(T1, tail));
            }
            bytes.extend(raw(T2, b"next\n"));
            for piece in [7, 1_000, 100_000] {
                let chunks = decode_in_pieces(Framing::Raw, &bytes, piece);
                let content: Vec<u8> = chunks.iter().flat_map(|c| c.bytes.to_vec()).collect();
                assert_eq!(content, [&line[..], b"next\n"].concat(), "size {size}, pieces of {piece}");
                assert_eq!(chunks.last().expect("one").ts.0 % 10, 2);
            }
        }
    }

    #[test]
    fn a_raw_message_is_passed_on_at_once_and_a_cut_one_at_the_end() {
        let mut decoder = Decoder::new(Framing::Raw);
        decoder.push(&raw(T1, b"10%\r20%\r"));
        assert_eq!(decoder.next_chunk(), Ok(None));
        decoder.push(b"done\n");
        assert_eq!(&decoder.next_chunk().expect("ok").expect("chunk").bytes[..], b"10%\r20%\rdone\n");
        decoder.push(&raw(T2, b"no end"));
        assert_eq!(decoder.next_chunk(), Ok(None));
        assert_eq!(&decoder.finish().expect("rest").bytes[..], b"no end");
    }

    proptest! {
        /// How the bytes are cut on their way changes nothing.
        #[test]
        fn cutting_changes_nothing(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
            piece in 1_usize..50,
        ) {
            let lines: Vec<Vec<u8>> = lines
                .into_iter()
                .map(|mut line| { line.retain(|b| *b != b'\n'); line.push(b'\n'); line })
                .collect();
            let multiplexed: Vec<u8> = lines.iter().flat_map(|line| frame(1, T1, line)).collect();
            let raw: Vec<u8> = lines.iter().flat_map(|line| raw(T1, line)).collect();
            for (framing, bytes) in [(Framing::Multiplexed, multiplexed), (Framing::Raw, raw)] {
                let chunks = decode_in_pieces(framing, &bytes, piece);
                let seen: Vec<Vec<u8>> = chunks.iter().map(|c| c.bytes.to_vec()).collect();
                prop_assert_eq!(&seen, &lines);
            }
        }

        /// Hostile bytes neither panic nor grow memory beyond what was pushed.
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..4_096), piece in 1_usize..200) {
            for framing in [Framing::Multiplexed, Framing::Raw] {
                let mut decoder = Decoder::new(framing);
                for part in bytes.chunks(piece) {
                    decoder.push(part);
                    while let Ok(Some(_)) = decoder.next_chunk() {}
                }
                let _rest = decoder.finish();
            }
        }
    }
}
