/// The last bytes of a stream that comes in pieces: a text may begin in one piece and end in the next.
#[derive(Debug, Default)]
pub(super) struct Recent(Vec<u8>);

/// No text that is looked for is longer.
const KEPT: usize = 256;

impl Recent {
    /// How often the text ends in this piece.
    pub(super) fn count(&self, text: &[u8], piece: &[u8]) -> u64 {
        let before = text.len().saturating_sub(1).min(self.0.len());
        let joined = [&self.0[self.0.len() - before..], piece].concat();
        joined.windows(text.len()).filter(|window| *window == text).count() as u64
    }

    /// Takes the piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.0.extend_from_slice(&piece[piece.len().saturating_sub(KEPT)..]);
        self.0.drain(..self.0.len().saturating_sub(KEPT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_once_wherever_the_pieces_end() {
        let stream = b"xxFENCEDyyFENFENCEDFENCE";
        for size in 1..stream.len() {
            let mut recent = Recent::default();
            let mut count = 0;
            for piece in stream.chunks(size) {
                count += recent.count(b"FENCED", piece);
                recent.push(piece);
            }
            assert_eq!(count, 2, "in pieces of {size}");
        }
    }
}
