use std::io;

use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio_tar::{EntryType, Header};

/// The unit of a tar, in bytes.
const BLOCK: usize = 512;

/// The header of an entry, without its names.
pub(crate) fn file_header(kind: EntryType, size: u64, owner: crate::Owner, mtime: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(owner.mode & 0o7777);
    header.set_uid(owner.uid);
    header.set_gid(owner.gid);
    header.set_mtime(mtime);
    header
}

/// Writes an entry's header. Names begin with `./`: so no archive begins as a compressed file does.
pub(crate) async fn put_header<W: AsyncWrite + Unpin>(
    into: &mut W,
    mut header: Header,
    name: &str,
    link: Option<&str>,
) -> io::Result<()> {
    let name = format!("./{name}");
    if let Some(gnu) = header.as_gnu_mut() {
        put_name(into, EntryType::GNULongName, &mut gnu.name, name.as_bytes()).await?;
        if let Some(link) = link {
            put_name(into, EntryType::GNULongLink, &mut gnu.linkname, link.as_bytes()).await?;
        }
    }
    header.set_cksum();
    into.write_all(header.as_bytes()).await
}

/// Puts a name into its field, or, where it is too long for that, into an entry before.
async fn put_name<W: AsyncWrite + Unpin>(
    into: &mut W,
    kind: EntryType,
    field: &mut [u8],
    name: &[u8],
) -> io::Result<()> {
    let fits = name.len().min(field.len() - 1);
    field[..fits].copy_from_slice(&name[..fits]);
    if fits == name.len() {
        return Ok(());
    }
    let owner = crate::Owner { uid: 0, gid: 0, mode: 0 };
    let mut long = file_header(kind, name.len() as u64 + 1, owner, 0);
    if let Some(gnu) = long.as_gnu_mut() {
        gnu.name[..13].copy_from_slice(b"././@LongLink");
    }
    long.set_cksum();
    into.write_all(long.as_bytes()).await?;
    into.write_all(name).await?;
    into.write_all(&[0]).await?;
    put_padding(into, name.len() as u64 + 1).await
}

/// Fills the last block of a content up.
pub(super) async fn put_padding<W: AsyncWrite + Unpin>(into: &mut W, size: u64) -> io::Result<()> {
    into.write_all(padding(size)).await
}

/// What fills the last block of a content up.
pub(crate) fn padding(size: u64) -> &'static [u8] {
    static ZEROS: [u8; BLOCK] = [0; BLOCK];
    let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    &ZEROS[..(BLOCK - over) % BLOCK]
}

/// What ends an archive.
pub(crate) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];
