//! Server frames of a WebSocket (RFC 6455, section 5.2), skimmed: a viewer that only counts must cost far less than the
//! server that feeds it, so no payload is copied that nobody looks at.

/// How much of a text is kept when its reader does not want all of it: enough to tell what it is, and a whole ping.
const HEAD: usize = 128;

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;

/// What was skimmed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame<'a> {
    /// A text of this length; all of it, or its beginning.
    Text(&'a [u8], u64),
    /// To be answered with the same bytes.
    Ping(&'a [u8]),
    /// The end, with its code.
    Close(u16),
}

/// Finds the frames in what a socket brings, wherever the pieces begin and end.
#[derive(Debug)]
pub(crate) struct Skimmer {
    header: [u8; 10],
    header_have: usize,
    /// The payload's length, once its header is complete.
    length: Option<u64>,
    left: u64,
    kept: Vec<u8>,
    keep: usize,
}

impl Skimmer {
    /// Keeps all of each text, or only its beginning.
    pub(crate) const fn new(whole: bool) -> Self {
        let keep = if whole { usize::MAX } else { HEAD };
        Self { header: [0; 10], header_have: 0, length: None, left: 0, kept: Vec::new(), keep }
    }

    /// Takes a piece and tells each frame that it completes.
    pub(crate) fn feed(&mut self, mut piece: &[u8], mut tell: impl FnMut(Frame<'_>)) {
        loop {
            let Some(length) = self.length else {
                let Some((&byte, rest)) = piece.split_first() else { return };
                piece = rest;
                self.take_header(byte);
                continue;
            };
            let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
            let (payload, rest) = piece.split_at(here);
            let wanted = self.keep.saturating_sub(self.kept.len()).min(here);
            self.kept.extend_from_slice(&payload[..wanted]);
            self.left -= here as u64;
            piece = rest;
            if self.left > 0 {
                return;
            }
            match self.header[0] & 0x0f {
                TEXT => tell(Frame::Text(&self.kept, length)),
                PING => tell(Frame::Ping(&self.kept)),
                CLOSE => {
                    let code = self.kept.first_chunk::<2>().map_or(1005, |code| u16::from_be_bytes(*code));
                    tell(Frame::Close(code));
                }
                _ => {}
            }
            self.kept.clear();
            self.header_have = 0;
            self.length = None;
        }
    }

    fn take_header(&mut self, byte: u8) {
        self.header[self.header_have] = byte;
        self.header_have += 1;
        let needed = match (self.header_have, self.header[1]) {
            (0 | 1, _) => return,
            (_, 127) => 10,
            (_, 126) => 4,
            _ => 2,
        };
        if self.header_have == needed {
            let length = match needed {
                2 => u64::from(self.header[1] & 0x7f),
                _ => self.header[2..needed].iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
            };
            self.length = Some(length);
            self.left = length;
        }
    }
}

/// The answer to a ping. Clients must mask what they send; a mask of zeros changes nothing.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap_or(0).min(125);
    let mut frame = vec![0x8a, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(&payload[..usize::from(length)]);
    frame
}

/// The header of an unmasked text.
pub(crate) fn text_header(length: u64) -> Vec<u8> {
    let mut header = vec![0x81, 127];
    header.extend_from_slice(&length.to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Vec<u8> {
        let long = vec![b'x'; 70_000];
        let mut bytes = vec![0x81, 2, b'h', b'i', 0x89, 1, b'p', 0x81, 126, 0, 200];
        bytes.extend([b'y'; 200]);
        bytes.extend(text_header(long.len() as u64));
        bytes.extend(&long);
        bytes.extend([0x81, 0, 0x88, 2, 0x03, 0xe8]);
        bytes
    }

    fn skim(whole: bool, size: usize) -> Vec<String> {
        let mut skimmer = Skimmer::new(whole);
        let mut found = Vec::new();
        for piece in stream().chunks(size) {
            skimmer.feed(piece, |frame| {
                found.push(match frame {
                    Frame::Text(kept, length) => format!("text {} of {length}", kept.len()),
                    Frame::Ping(payload) => format!("ping {payload:?}"),
                    Frame::Close(code) => format!("close {code}"),
                });
            });
        }
        found
    }

    #[test]
    fn finds_frames_in_pieces_of_any_size() {
        let heads = [
            "text 2 of 2",
            "ping [112]",
            "text 128 of 200",
            "text 128 of 70000",
            "text 0 of 0",
            "close 1000",
        ];
        let wholes = [
            "text 2 of 2",
            "ping [112]",
            "text 200 of 200",
            "text 70000 of 70000",
            "text 0 of 0",
            "close 1000",
        ];
        for size in [1, 2, 3, 7, 1_000, 100_000] {
            assert_eq!(skim(false, size), heads, "in pieces of {size}");
            assert_eq!(skim(true, size), wholes, "in pieces of {size}");
        }
    }

    #[test]
    fn a_pong_is_masked_and_carries_the_pings_bytes() {
        assert_eq!(pong(b"ab"), [0x8a, 0x82, 0, 0, 0, 0, b'a', b'b']);
    }
}
