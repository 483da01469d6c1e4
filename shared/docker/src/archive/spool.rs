//! Where archives lie while they are checked: files without a name, on a disk that all of a process share.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    fs::File,
    io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// The unit in which disk is given out, in bytes.
const MIB: u64 = 1 << 20;

/// How much of the disk all archives together may take that are being checked. Clones share it.
#[derive(Debug, Clone)]
pub struct SpoolBudget {
    /// MiB that nobody has.
    free: Arc<Semaphore>,
    mib: u32,
}

/// A part of a [`SpoolBudget`], given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    budget: SpoolBudget,
    permits: OwnedSemaphorePermit,
}

/// Why there is no disk for an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDisk {
    /// Others have it at the moment.
    #[error("other uploads have the disk for archives")]
    Taken,
    /// All of it would not do.
    #[error("it takes more disk than all uploads may have together, which is {limit} bytes")]
    TooLarge {
        /// What all of them may have, in bytes.
        limit: u64,
    },
    /// It was promised, and the disk is full all the same.
    #[error("the disk for archives is full")]
    Full,
}

impl SpoolBudget {
    /// So many MiB.
    #[must_use]
    pub fn new(mib: u32) -> Self {
        // On every machine that there is a number of 32 bits fits.
        let permits = usize::try_from(mib).unwrap_or(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(permits)), mib }
    }

    /// Disk for an archive of this size in bytes, at once or not at all. One whose size nobody tells begins with a MiB. What is
    /// written anew may be larger than what came: then more is taken, as long as there is some.
    ///
    /// # Errors
    /// [`NoDisk::Taken`] when it has to be tried again later, and [`NoDisk::TooLarge`] when that would not help.
    pub fn reserve(&self, announced: Option<u64>) -> Result<Reservation, NoDisk> {
        let permits = self.take(announced.unwrap_or(MIB).div_ceil(MIB).max(1), 0)?;
        Ok(Reservation { budget: self.clone(), permits })
    }

    /// So many MiB for somebody who has some already.
    fn take(&self, more: u64, has: u64) -> Result<OwnedSemaphorePermit, NoDisk> {
        let too_large = NoDisk::TooLarge { limit: u64::from(self.mib) * MIB };
        let Ok(more) = u32::try_from(more) else { return Err(too_large) };
        if u64::from(more) + has > u64::from(self.mib) {
            return Err(too_large);
        }
        Arc::clone(&self.free).try_acquire_many_owned(more).map_err(|_| NoDisk::Taken)
    }
}

impl Reservation {
    /// Sees to it that so many bytes are covered.
    fn cover(&mut self, bytes: u64) -> Result<(), NoDisk> {
        let (wanted, has) = (bytes.div_ceil(MIB), self.permits.num_permits() as u64);
        if wanted > has {
            self.permits.merge(self.budget.take(wanted - has, has)?);
        }
        Ok(())
    }
}

/// A file without a name that is never larger than what is reserved for it.
pub(super) struct Spool {
    file: File,
    reservation: Reservation,
    bytes: u64,
}

impl Spool {
    pub(super) async fn new(reservation: Reservation) -> io::Result<Self> {
        let file = tokio::task::spawn_blocking(tempfile::tempfile).await.map_err(io::Error::other)??;
        Ok(Self { file: File::from_std(file), reservation, bytes: 0 })
    }
}

impl AsyncWrite for Spool {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.reservation.cover(this.bytes + bytes.len() as u64).map_err(io::Error::other)?;
        let written = ready!(Pin::new(&mut this.file).poll_write(cx, bytes))?;
        this.bytes += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().file).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().file).poll_shutdown(cx)
    }
}

impl AsyncRead for Spool {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().file).poll_read(cx, buffer)
    }
}

impl AsyncSeek for Spool {
    fn start_seek(self: Pin<&mut Self>, to: io::SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.get_mut().file).start_seek(to)
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.get_mut().file).poll_complete(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    #[test]
    fn disk_is_given_out_once_and_comes_back() {
        let budget = SpoolBudget::new(4);
        let first = budget.reserve(Some(3 * MIB)).expect("there is some");
        assert_eq!(budget.reserve(Some(MIB + 1)).err(), Some(NoDisk::Taken));
        let second = budget.reserve(None).expect("one is left");
        assert_eq!(budget.reserve(Some(0)).err(), Some(NoDisk::Taken), "an empty one is a file as well");
        drop(first);
        assert!(budget.clone().reserve(Some(3 * MIB)).is_ok());
        drop(second);
        for much in [4 * MIB + 1, u64::MAX] {
            assert_eq!(budget.reserve(Some(much)).err(), Some(NoDisk::TooLarge { limit: 4 * MIB }));
        }
        assert!(budget.reserve(Some(4 * MIB)).is_ok());
    }

    #[tokio::test]
    async fn a_file_takes_more_as_it_grows_and_no_more_than_there_is() {
        let budget = SpoolBudget::new(3);
        let mut spool = Spool::new(budget.reserve(None).expect("there is some")).await.expect("a file");
        spool.write_all(&vec![0; 2 << 20]).await.expect("it grows");
        let other = budget.reserve(Some(MIB)).expect("one is left");
        let reason = |error: io::Error| error.downcast::<NoDisk>().expect("told apart from the disk's own");
        assert_eq!(reason(spool.write_all(&[0]).await.expect_err("none is left")), NoDisk::Taken);
        drop(other);
        spool.write_all(&vec![0; 1 << 20]).await.expect("there is some again");
        let most = NoDisk::TooLarge { limit: 3 * MIB };
        assert_eq!(reason(spool.write_all(&[0]).await.expect_err("that was all")), most);
        drop(spool);
        assert!(budget.reserve(Some(3 * MIB)).is_ok(), "all of it is back");
    }
}
