//! Archives from outside: a tar is taken apart entry by entry while it comes, and what is unpacked at an engine is another
//! one, written from what was understood here.
//!
//! So an engine never reads what somebody sent: two readers of one tar may see different files (CVE-2025-62518), and engines
//! unpack what looks compressed. The new tar is kept in a file without a name until the old one has come to its end without
//! fault. A refused archive has therefore changed nothing.

mod metered;
mod names;
mod refusal;
mod rewrite;
mod spool;
mod write;

use std::io::{self, ErrorKind, SeekFrom};

use futures::StreamExt;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio_tar::{Archive, EntryType};
use tokio_util::io::{ReaderStream, StreamReader};

pub use refusal::{Reason, Refusal};
pub use spool::{NoDisk, Reservation, SpoolBudget};
pub(crate) use write::{END, file_header, padding, put_header};

use self::{rewrite::Rewritten, spool::Spool};
use crate::{Content, Owner};

/// How much an archive may hold.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes of all names.
    pub names: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { entries: 100_000, bytes: 4 << 30, names: 16 << 20 }
    }
}

/// An archive that was found harmless, and written anew.
pub struct Checked {
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// Who owns the folder itself, where the archive tells it; it is not among what is unpacked.
    pub top: Option<Owner>,
    spool: Spool,
}

/// Why there is no [`Checked`] archive.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It holds what is not unpacked.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It did not come to its end.
    #[error("it broke off: {0}")]
    Upload(std::io::Error),
    /// There is no room for it here.
    #[error(transparent)]
    NoDisk(#[from] NoDisk),
    /// It could not be kept here.
    #[error("it could not be kept: {0}")]
    Spool(std::io::Error),
}

impl Unusable {
    /// What an error of the file means in which an archive is kept.
    fn of_spool(error: io::Error) -> Self {
        match error.downcast::<NoDisk>() {
            Ok(reason) => Self::NoDisk(reason),
            Err(error) if matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                Self::NoDisk(NoDisk::Full)
            }
            Err(error) => Self::Spool(error),
        }
    }
}

/// How much is read from a file at a time.
const PIECE: usize = 64 << 10;

/// Takes an archive apart, to its end or its first fault, and writes what is in it anew, on the disk that was reserved for it:
/// that is given back when the archive is dropped, or read to its end.
///
/// # Errors
/// [`Unusable`]; nothing is kept then.
pub async fn check(upload: Content, disk: Reservation, bounds: Bounds) -> Result<Checked, Unusable> {
    let spool = Spool::new(disk).await.map_err(Unusable::of_spool)?;
    let Rewritten { entries, bytes, top, into: mut spool } =
        rewrite::rewrite(StreamReader::new(upload), spool, bounds).await?;
    spool.flush().await.map_err(Unusable::of_spool)?;
    spool.seek(SeekFrom::Start(0)).await.map_err(Unusable::of_spool)?;
    Ok(Checked { entries, bytes, top, spool })
}

/// Who owns the folder that an engine's archive of its contents is of: the first entry tells it.
pub async fn top(archive: Content) -> Option<Owner> {
    let first = Archive::new(StreamReader::new(archive)).entries().ok()?.next().await?.ok()?;
    let header = first.header();
    let is_top = header.entry_type() == EntryType::Directory
        && first.path_bytes().is_ok_and(|name| matches!(&*name, b"." | b"./"));
    let owner = || io::Result::Ok(Owner { uid: header.uid()?, gid: header.gid()?, mode: header.mode()? });
    owner().ok().filter(|_| is_top)
}

impl Checked {
    /// The archive as it was written here.
    #[must_use]
    pub fn into_content(self) -> Content {
        ReaderStream::with_capacity(self.spool, PIECE).boxed()
    }
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked")
            .field("entries", &self.entries)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
