//! The engine's log API read directly: the baseline of everything that Dockline adds.

use anyhow::{Context, Result};
use dockline_testkit::TestEngine;
use tokio::net::UnixStream;

use crate::http_body;

/// Reads a container's log from the engine; `query` goes on behind `stdout=1&stderr=1`.
pub(crate) async fn read(
    engine: &TestEngine,
    container: &str,
    query: &str,
    mut each: impl FnMut(&Frames),
) -> Result<Frames> {
    let socket = UnixStream::connect(engine.socket()).await.context("connect to the engine")?;
    let path = format!("/containers/{container}/logs?stdout=1&stderr=1{query}");
    let mut frames = Frames::default();
    http_body::get(socket, &path, "", |piece| {
        frames.feed(piece);
        each(&frames);
    })
    .await?;
    Ok(frames)
}

/// The engine's frames, counted: 8 bytes of header, the last four of which are the payload's length, and the payload.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    header: [u8; 8],
    header_have: usize,
    left: usize,
    /// Complete lines, or parts of them where the engine cut a long one.
    pub(crate) lines: u64,
    /// Payload alone.
    pub(crate) bytes: u64,
}

impl Frames {
    fn feed(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            if self.left == 0 {
                let taken = (8 - self.header_have).min(piece.len());
                let (header, rest) = piece.split_at(taken);
                self.header[self.header_have..self.header_have + taken].copy_from_slice(header);
                self.header_have += taken;
                piece = rest;
                if self.header_have == 8 {
                    let [.., a, b, c, d] = self.header;
                    self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                    self.header_have = 0;
                    self.lines += u64::from(self.left == 0);
                }
                continue;
            }
            let taken = self.left.min(piece.len());
            piece = &piece[taken..];
            self.left -= taken;
            self.bytes += taken as u64;
            self.lines += u64::from(self.left == 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_frames_in_pieces_of_any_size() {
        let stream =
            b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x01\n\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x02x\n";
        for size in 1..=stream.len() {
            let mut frames = Frames::default();
            stream.chunks(size).for_each(|piece| frames.feed(piece));
            assert_eq!((frames.lines, frames.bytes), (4, 6), "in pieces of {size}");
        }
    }
}
