use std::collections::VecDeque;

use bytes::Bytes;
use dockline_docker::ExecPiece;
use dockline_domain::log::Stream;

/// What is kept of a program's output, in bytes: some thousand lines, or the last screens of an editor.
const CAPACITY: usize = 256 * 1024;

/// The last of what a program printed, to be shown again.
///
/// The bytes are copied: a small piece of what came from the engine would keep the whole buffer that it came in.
#[derive(Debug, Default)]
pub(super) struct Scrollback {
    /// Neighbours differ in their output.
    runs: VecDeque<(Stream, VecDeque<u8>)>,
    length: usize,
}

impl Scrollback {
    pub(super) fn push(&mut self, piece: &ExecPiece) {
        match self.runs.back_mut() {
            Some((stream, run)) if *stream == piece.stream => run.extend(&piece.bytes),
            _ => self.runs.push_back((piece.stream, piece.bytes.iter().copied().collect())),
        }
        self.length += piece.bytes.len();
        while self.length > CAPACITY {
            let excess = self.length - CAPACITY;
            let Some((_, run)) = self.runs.front_mut() else { break };
            if run.len() <= excess {
                self.length -= run.len();
                self.runs.pop_front();
            } else {
                run.drain(..excess);
                self.length = CAPACITY;
            }
        }
    }

    pub(super) fn pieces(&self) -> Vec<ExecPiece> {
        let piece = |(stream, run): &(Stream, VecDeque<u8>)| {
            let (front, back) = run.as_slices();
            ExecPiece { stream: *stream, bytes: Bytes::from([front, back].concat()) }
        };
        self.runs.iter().map(piece).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(stream: Stream, bytes: &[u8]) -> ExecPiece {
        ExecPiece { stream, bytes: Bytes::copy_from_slice(bytes) }
    }

    #[test]
    fn outputs_stay_apart_and_in_order() {
        let mut seen = Scrollback::default();
        for (stream, text) in
            [(Stream::Stdout, "a"), (Stream::Stdout, "b"), (Stream::Stderr, "c"), (Stream::Stdout, "d")]
        {
            seen.push(&piece(stream, text.as_bytes()));
        }
        let wanted = [piece(Stream::Stdout, b"ab"), piece(Stream::Stderr, b"c"), piece(Stream::Stdout, b"d")];
        assert_eq!(seen.pieces(), wanted);
    }

    #[test]
    fn the_oldest_goes_first_and_the_rest_is_bounded() {
        let mut seen = Scrollback::default();
        seen.push(&piece(Stream::Stderr, &[b'x'; 1_000]));
        for number in 0..100_000_u32 {
            seen.push(&piece(Stream::Stdout, format!("{number}\n").as_bytes()));
        }
        let pieces = seen.pieces();
        assert_eq!(pieces.len(), 1, "the other output is forgotten");
        assert_eq!(pieces[0].bytes.len(), CAPACITY);
        assert!(pieces[0].bytes.ends_with(b"99998\n99999\n"));
        seen.push(&piece(Stream::Stdout, &vec![b'y'; 3 * CAPACITY]));
        assert_eq!(seen.pieces()[0].bytes.len(), CAPACITY);
    }
}
