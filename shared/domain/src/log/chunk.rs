use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::Timestamp;

/// Which of the process's outputs a chunk came from. A terminal has only [`Stream::Stdout`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard output.
    Stdout = 1,
    /// Standard error.
    Stderr = 2,
}

impl Stream {
    /// The number on the wire: 1 or 2.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// One message of the engine's log driver: a whole line with its `\n`, or a piece of a longer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The output it came from.
    pub stream: Stream,
    /// The engine's time stamp. All pieces of one line carry that of the first.
    pub ts: Timestamp,
    /// Exactly the bytes that the engine stored.
    pub bytes: Bytes,
}

impl Chunk {
    /// Whether the line goes on in a later chunk of the same stream.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.bytes.last() != Some(&b'\n')
    }

    /// A hash of everything that makes the chunk what it is.
    #[must_use]
    pub fn hash(&self) -> ChunkHash {
        let mut sha = Sha256::new();
        sha.update([self.stream.number()]);
        sha.update(self.ts.0.to_le_bytes());
        sha.update(&self.bytes);
        let digest = sha.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        ChunkHash(u64::from_le_bytes(first))
    }
}

/// The first 64 bits of a chunk's SHA-256: whoever writes the log cannot make two chunks look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChunkHash(pub u64);
