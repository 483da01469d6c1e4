//! What crosses Redis, as bytes. A version first: two releases run side by side during an upgrade.
//!
//! A batch carries the WebSocket frame as every viewer gets it, and in front of it what a ring needs to cut it:
//! replicas copy, they do not parse. All numbers are little-endian.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use bytestring::ByteString;
use dockline_domain::{
    Timestamp,
    log::{ChunkHash, Cursor, Epoch},
};

use crate::{
    LOG_FRAME_BEGINS, LogBatch, StreamState,
    batch::{ChunkSpan, Parts},
};

const VERSION: u8 = 1;
/// More chunks than a batch can have: a foreign frame must not make us allocate.
const MOST_CHUNKS: u32 = 1 << 16;

/// What a log's channel carries.
#[derive(Debug)]
pub(super) enum Message {
    Batch(LogBatch),
    State(StreamState),
    /// Something else happened to the log: read the store.
    Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Batch = 1,
    State = 2,
    Look = 3,
}

/// Bytes that are not of this program or of a release it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Foreign(&'static str);

pub(super) fn look() -> Bytes {
    Bytes::from_static(&[VERSION, Kind::Look as u8])
}

pub(super) fn encode_state(state: &StreamState) -> Vec<u8> {
    let (tag, code, text) = match state {
        StreamState::Opening => (b'o', "", ""),
        StreamState::Live => (b'l', "", ""),
        StreamState::Delayed(reason) => (b'd', "", reason.as_str()),
        StreamState::Ended(reason) => (b'e', "", reason.as_str()),
        StreamState::Removed => (b'r', "", ""),
        StreamState::Failed { code, message } => (b'f', *code, message.as_str()),
    };
    [&[VERSION, Kind::State as u8, tag], code.as_bytes(), b"\0", text.as_bytes()].concat()
}

pub(super) fn encode_batch(batch: &LogBatch) -> Bytes {
    let Parts { epoch, first, chunks, frame, cursor } = batch.parts();
    let mut out = BytesMut::with_capacity(96 + chunks.len() * 13 + frame.len());
    out.put_slice(&[VERSION, Kind::Batch as u8]);
    out.put_u64_le(epoch.0);
    out.put_u64_le(first);
    put_cursor(&mut out, cursor);
    out.put_u32_le(u32::try_from(chunks.len()).unwrap_or(u32::MAX));
    for span in chunks {
        out.put_u32_le(span.begins);
        out.put_u8(span.ends_line.into());
        out.put_i64_le(span.ts.0);
    }
    out.put_slice(frame.as_bytes());
    out.freeze()
}

pub(super) fn decode(mut bytes: Bytes) -> Result<Message, Foreign> {
    if bytes.is_empty() {
        return Ok(Message::Look);
    }
    need(&bytes, 2)?;
    if bytes.get_u8() != VERSION {
        return Err(Foreign("of another version"));
    }
    match bytes.get_u8() {
        kind if kind == Kind::Batch as u8 => batch(bytes).map(Message::Batch),
        kind if kind == Kind::State as u8 => state(bytes).map(Message::State),
        kind if kind == Kind::Look as u8 => Ok(Message::Look),
        _ => Err(Foreign("of an unknown kind")),
    }
}

fn batch(mut bytes: Bytes) -> Result<LogBatch, Foreign> {
    need(&bytes, 16)?;
    let (epoch, first) = (Epoch(bytes.get_u64_le()), bytes.get_u64_le());
    let cursor = get_cursor(&mut bytes)?;
    need(&bytes, 4)?;
    let count = bytes.get_u32_le();
    if count == 0 || count > MOST_CHUNKS {
        return Err(Foreign("an impossible number of chunks"));
    }
    need(&bytes, count as usize * 13)?;
    let chunks: Box<[ChunkSpan]> = (0..count)
        .map(|_| ChunkSpan {
            begins: bytes.get_u32_le(),
            ends_line: bytes.get_u8() != 0,
            ts: Timestamp(bytes.get_i64_le()),
        })
        .collect();
    let frame = ByteString::try_from(bytes).map_err(|_| Foreign("not UTF-8"))?;
    let in_order = chunks.windows(2).all(|pair| pair[0].begins < pair[1].begins);
    let inside = chunks.iter().all(|span| frame.is_char_boundary(span.begins as usize));
    if !frame.starts_with(LOG_FRAME_BEGINS) {
        return Err(Foreign("no log frame"));
    }
    if !in_order || !inside || first.checked_add(u64::from(count)).is_none() {
        return Err(Foreign("chunks outside the frame"));
    }
    Ok(LogBatch::of_parts(epoch, first, chunks, frame, cursor))
}

fn state(bytes: Bytes) -> Result<StreamState, Foreign> {
    let (tag, rest) = bytes.split_first().ok_or(Foreign("cut off"))?;
    let rest = std::str::from_utf8(rest).map_err(|_| Foreign("not UTF-8"))?;
    let (code, text) = rest.split_once('\0').ok_or(Foreign("cut off"))?;
    Ok(match tag {
        b'o' => StreamState::Opening,
        b'l' => StreamState::Live,
        b'd' => StreamState::Delayed(text.to_owned()),
        b'e' => StreamState::Ended(text.to_owned()),
        b'r' => StreamState::Removed,
        b'f' => StreamState::Failed {
            code: if code == "logs_unreadable" { "logs_unreadable" } else { "stream_failed" },
            message: text.to_owned(),
        },
        _ => return Err(Foreign("an unknown state")),
    })
}

/// A cursor by itself, as the scripts store and compare it.
pub(super) fn encode_cursor(cursor: &Cursor) -> Vec<u8> {
    let mut out = BytesMut::with_capacity(CURSOR_BYTES);
    put_cursor(&mut out, cursor);
    out.to_vec()
}

pub(super) fn decode_cursor(bytes: Vec<u8>) -> Result<Cursor, Foreign> {
    get_cursor(&mut Bytes::from(bytes))
}

const CURSOR_BYTES: usize = 6 * 8 + 1;

fn put_cursor(out: &mut BytesMut, cursor: &Cursor) {
    out.put_u64_le(cursor.last);
    out.put_i64_le(cursor.anchor_ts.0);
    out.put_u64_le(cursor.anchor_hash.0);
    out.put_u64_le(cursor.since_anchor);
    out.put_u64_le(cursor.last_hash.0);
    out.put_i64_le(cursor.rewind_to.0);
    out.put_u8(cursor.begun_at_log_start.into());
}

fn get_cursor(bytes: &mut Bytes) -> Result<Cursor, Foreign> {
    need(bytes, CURSOR_BYTES)?;
    Ok(Cursor {
        last: bytes.get_u64_le(),
        anchor_ts: Timestamp(bytes.get_i64_le()),
        anchor_hash: ChunkHash(bytes.get_u64_le()),
        since_anchor: bytes.get_u64_le(),
        last_hash: ChunkHash(bytes.get_u64_le()),
        rewind_to: Timestamp(bytes.get_i64_le()),
        begun_at_log_start: bytes.get_u8() != 0,
    })
}

fn need(bytes: &Bytes, count: usize) -> Result<(), Foreign> {
    if bytes.len() < count { Err(Foreign("cut off")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use dockline_domain::log::{Chunk, CursorTracker, Stream};

    use super::*;
    use crate::BatchBuilder;

    fn example() -> LogBatch {
        let mut tracker = CursorTracker::new(true);
        let mut builder = BatchBuilder::new(Epoch(7), 1);
        for n in 0..5_i64 {
            let text = if n == 3 {
                Bytes::from_static(b"\xff\xfe\n")
            } else {
                Bytes::from(format!("zeile ä {n}\n"))
            };
            let chunk = Chunk { stream: Stream::Stdout, ts: Timestamp(1_000 + n), bytes: text };
            tracker.push(&chunk);
            builder.push(&chunk);
        }
        builder.finish(tracker.cursor().expect("a cursor")).expect("a batch")
    }

    #[test]
    fn a_batch_comes_through_as_it_was() {
        let batch = example();
        let Ok(Message::Batch(back)) = decode(encode_batch(&batch)) else { panic!("no batch") };
        assert_eq!((back.epoch(), back.first(), back.last()), (batch.epoch(), 1, 5));
        assert_eq!(back.cursor(), batch.cursor());
        for first in 1..=6 {
            assert_eq!(back.frame_from(first), batch.frame_from(first));
        }
        assert_eq!(decode_cursor(encode_cursor(batch.cursor())), Ok(*batch.cursor()));
    }

    #[test]
    fn states_come_through() {
        for state in [
            StreamState::Opening,
            StreamState::Live,
            StreamState::Delayed("gone".to_owned()),
            StreamState::Ended("exited with code 0".to_owned()),
            StreamState::Removed,
            StreamState::Failed { code: "logs_unreadable", message: "driver none".to_owned() },
        ] {
            let Ok(Message::State(back)) = decode(encode_state(&state).into()) else { panic!("no state") };
            assert_eq!(back, state);
        }
    }

    #[test]
    fn cut_and_foreign_bytes_are_refused_and_never_panic() {
        let whole = encode_batch(&example());
        for end in 2..whole.len() {
            // A frame cut inside its text is still text; cut anywhere before, it is refused.
            let _refused_or_not = decode(whole.slice(..end));
        }
        assert!(decode(whole.slice(..40)).is_err());
        assert!(decode(Bytes::from_static(b"hello")).is_err());
        assert!(decode(Bytes::from_static(&[VERSION, 9])).is_err());
        for at in 0..whole.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut bytes = whole.to_vec();
                bytes[at] ^= flip;
                if let Ok(Message::Batch(batch)) = decode(bytes.into()) {
                    let _any = batch.frame_from(batch.first() + 1);
                }
            }
        }
    }
}
