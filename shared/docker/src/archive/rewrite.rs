use std::io;

use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tar::{Archive, Entry, EntryType};

use super::{
    Bounds, Reason, Refusal, Unusable,
    metered::{Meter, Metered},
    names::{Kind, Names, check_target, plain},
    write::{END, file_header, put_header, put_padding},
};
use crate::Owner;

/// How much is copied at a time.
const PIECE: usize = 64 << 10;
/// How much of a name is told.
const SHOWN: usize = 200;

/// Reads a tar and writes what is in it anew: the entries, their bytes, and what it was written into.
pub(super) async fn rewrite<R, W>(from: R, into: W, bounds: Bounds) -> Result<Rewritten<W>, Unusable>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send,
{
    let (reader, meter) = Metered::new(from);
    let mut archive = Archive::new(reader);
    let mut work = Rewriting { into, meter, names: Names::new(bounds), bounds, bytes: 0, top: None };
    let mut entries = archive.entries().map_err(|error| work.failed(&error, None))?;
    loop {
        work.meter.allow_description();
        let entry = match entries.next().await {
            None => break,
            Some(Ok(entry)) => entry,
            Some(Err(error)) => return Err(work.failed(&error, None)),
        };
        if work.meter.compressed() {
            return Err(refused(Reason::Compressed));
        }
        let name = shown(&entry);
        work.take(entry).await.map_err(|unusable| unusable.of(&name))?;
    }
    // One block of zeros was read, or the source has ended where an entry could have begun.
    if work.meter.ended() {
        return Err(refused(if work.names.entries() == 0 { Reason::Empty } else { Reason::Truncated }));
    }
    drop(entries);
    if let Ok(mut rest) = archive.into_inner() {
        work.only_zeros(&mut rest).await?;
    }
    if work.names.entries() == 0 {
        return Err(refused(Reason::Empty));
    }
    work.into.write_all(&END).await.map_err(Unusable::of_spool)?;
    Ok(Rewritten { entries: work.names.entries(), bytes: work.bytes, top: work.top, into: work.into })
}

/// What was written, and into what.
pub(super) struct Rewritten<W> {
    pub(super) entries: u64,
    pub(super) bytes: u64,
    pub(super) top: Option<Owner>,
    pub(super) into: W,
}

struct Rewriting<W> {
    into: W,
    meter: Meter,
    names: Names,
    bounds: Bounds,
    bytes: u64,
    top: Option<Owner>,
}

impl<W: AsyncWrite + Unpin + Send> Rewriting<W> {
    async fn take<R: AsyncRead + Unpin + Send>(
        &mut self,
        mut entry: Entry<Archive<Metered<R>>>,
    ) -> Result<(), Unusable> {
        let kind = entry.header().entry_type();
        if kind.is_pax_global_extensions() {
            return self.global(&mut entry).await;
        }
        self.names.count().map_err(refused)?;
        self.one_size(&mut entry).await?;
        let name = plain(&entry.path_bytes().map_err(|error| malformed(&error))?).map_err(refused)?;
        let size = entry.effective_size();
        match kind {
            EntryType::Regular | EntryType::Continuous => self.file(entry, &name, size).await,
            _ if size > 0 && !matches!(kind, EntryType::GNUSparse) => Err(refused(Reason::UnexpectedContent)),
            // The folder itself: engines pass over it, and mostly its owner and mode are its own affair.
            EntryType::Directory if name.is_empty() => {
                self.top = Some(owner(&entry)?);
                Ok(())
            }
            EntryType::Directory => {
                self.names.add(&name, Kind::Folder).map_err(refused)?;
                self.put(&entry, &format!("{name}/"), None, 0).await
            }
            EntryType::Symlink => {
                let target = link_target(&entry)?;
                let target = check_target(&name, &target).map_err(refused)?;
                self.names.add(&name, Kind::Link).map_err(refused)?;
                self.put(&entry, &name, Some(&target), 0).await
            }
            EntryType::Link => {
                let target = plain(&link_target(&entry)?).map_err(|reason| match reason {
                    Reason::AbsoluteName | Reason::ParentName => refused(Reason::LeavingLink),
                    other => refused(other),
                })?;
                if !self.names.is_file(&target) {
                    return Err(refused(Reason::DanglingHardLink));
                }
                self.names.add(&name, Kind::File).map_err(refused)?;
                self.put(&entry, &name, Some(&format!("./{target}")), 0).await
            }
            EntryType::Char | EntryType::Block => Err(refused(Reason::Device)),
            EntryType::Fifo => Err(refused(Reason::Pipe)),
            EntryType::GNUSparse => Err(refused(Reason::Sparse)),
            other => Err(refused(Reason::UnknownKind(other.as_byte()))),
        }
    }

    async fn file<R: AsyncRead + Unpin + Send>(
        &mut self,
        mut entry: Entry<Archive<Metered<R>>>,
        name: &str,
        size: u64,
    ) -> Result<(), Unusable> {
        if name.is_empty() {
            return Err(refused(Reason::ImpossibleName));
        }
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > self.bounds.bytes {
            return Err(refused(Reason::TooManyBytes(self.bounds.bytes)));
        }
        self.names.add(name, Kind::File).map_err(refused)?;
        self.put(&entry, name, None, size).await?;
        self.meter.allow(size);
        let mut left = size;
        let mut piece = vec![0; PIECE];
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let read =
                entry.read(&mut piece[..most]).await.map_err(|error| self.failed(&error, Some(left)))?;
            if read == 0 {
                return Err(refused(Reason::Truncated));
            }
            self.into.write_all(&piece[..read]).await.map_err(Unusable::of_spool)?;
            left -= read as u64;
        }
        put_padding(&mut self.into, size).await.map_err(Unusable::of_spool)
    }

    async fn put<R: AsyncRead + Unpin>(
        &mut self,
        entry: &Entry<Archive<Metered<R>>>,
        name: &str,
        link: Option<&str>,
        size: u64,
    ) -> Result<(), Unusable> {
        let (said, owner) = (entry.header(), owner(entry)?);
        let mtime = said.mtime().map_err(|error| malformed(&error))?;
        // Regular files alone keep their kind: the other one for them is a relic.
        let kind = match said.entry_type() {
            EntryType::Continuous => EntryType::Regular,
            other => other,
        };
        let header = file_header(kind, size, owner, mtime);
        put_header(&mut self.into, header, name, link).await.map_err(Unusable::of_spool)
    }

    /// Sizes and holes that an extended header tells beside the header itself.
    async fn one_size<R: AsyncRead + Unpin>(
        &self,
        entry: &mut Entry<Archive<Metered<R>>>,
    ) -> Result<(), Unusable> {
        let plain = entry.header().raw_entry_size().map_err(|error| malformed(&error))?;
        let Some(extensions) = entry.pax_extensions().await.map_err(|error| malformed(&error))? else {
            return Ok(());
        };
        for extension in extensions {
            let extension = extension.map_err(|error| malformed(&error))?;
            let key = extension.key_bytes();
            if key == b"size" && extension.value_bytes() != plain.to_string().as_bytes() {
                return Err(refused(Reason::TwoSizes));
            }
            if key.starts_with(b"GNU.sparse") {
                return Err(refused(Reason::Sparse));
            }
        }
        Ok(())
    }

    /// A header for all that follow: remarks are passed over, and what would change entries is refused.
    async fn global<R: AsyncRead + Unpin>(
        &mut self,
        entry: &mut Entry<Archive<Metered<R>>>,
    ) -> Result<(), Unusable> {
        self.names.count().map_err(refused)?;
        let mut text = Vec::new();
        entry.read_to_end(&mut text).await.map_err(|error| self.failed(&error, None))?;
        let records = String::from_utf8_lossy(&text);
        let harmless = records
            .lines()
            .filter(|line| !line.is_empty())
            .all(|line| line.split_once(' ').is_some_and(|(_, record)| record.starts_with("comment=")));
        if harmless { Ok(()) } else { Err(refused(Reason::GlobalHeader)) }
    }

    /// After its end an archive may only be filled up.
    async fn only_zeros<R: AsyncRead + Unpin>(&self, rest: &mut Metered<R>) -> Result<(), Unusable> {
        self.meter.allow_description();
        let mut piece = vec![0; PIECE];
        loop {
            let read = rest.read(&mut piece).await.map_err(|error| match self.failed(&error, None) {
                Unusable::Refused(_) => refused(Reason::TrailingData),
                other => other,
            })?;
            if read == 0 {
                return Ok(());
            }
            if piece[..read].iter().any(|byte| *byte != 0) {
                return Err(refused(Reason::TrailingData));
            }
        }
    }

    /// What an error of the parser's means: the source broke off, wanted too much, or makes no sense.
    fn failed(&self, error: &io::Error, missing: Option<u64>) -> Unusable {
        if self.meter.broken() {
            return Unusable::Upload(io::Error::new(error.kind(), error.to_string()));
        }
        refused(if self.meter.compressed() {
            Reason::Compressed
        } else if self.meter.overdrawn() {
            Reason::LongDescription
        } else if self.meter.ended() || missing.is_some() {
            Reason::Truncated
        } else {
            Reason::Malformed(words(error))
        })
    }
}

impl Unusable {
    /// Names the entry that is at fault.
    fn of(self, name: &str) -> Self {
        match self {
            Self::Refused(Refusal { entry: None, reason }) => {
                Self::Refused(Refusal { entry: Some(name.to_owned()), reason })
            }
            other => other,
        }
    }
}

fn shown<R: AsyncRead + Unpin>(entry: &Entry<Archive<R>>) -> String {
    let bytes = entry.path_bytes().unwrap_or_default();
    String::from_utf8_lossy(&bytes).chars().take(SHOWN).collect()
}

fn owner<R: AsyncRead + Unpin>(entry: &Entry<Archive<R>>) -> Result<Owner, Unusable> {
    let said = entry.header();
    let number = |value: io::Result<u64>| value.map_err(|error| malformed(&error));
    let owner = Owner {
        uid: number(said.uid())?,
        gid: number(said.gid())?,
        mode: said.mode().map_err(|error| malformed(&error))?,
    };
    // A number that tar's own fields cannot hold is none that Linux knows.
    if owner.uid > u64::from(u32::MAX) || owner.gid > u64::from(u32::MAX) {
        return Err(refused(Reason::Malformed("an owner's number".to_owned())));
    }
    Ok(owner)
}

fn link_target<R: AsyncRead + Unpin>(entry: &Entry<Archive<R>>) -> Result<Vec<u8>, Unusable> {
    let target = entry.link_name_bytes().map_err(|error| malformed(&error))?;
    target.map(|bytes| bytes.into_owned()).ok_or_else(|| refused(Reason::ImpossibleName))
}

fn refused(reason: Reason) -> Unusable {
    Unusable::Refused(Refusal { entry: None, reason })
}

fn malformed(error: &io::Error) -> Unusable {
    refused(Reason::Malformed(words(error)))
}

/// The innermost words of an error: those around it say only that something could not be read.
fn words(error: &io::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
