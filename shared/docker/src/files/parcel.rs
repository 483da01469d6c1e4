//! One file as a tar.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use tokio_tar::{EntryType, Header};

use super::NewFile;
use crate::archive::{END, file_header, padding, put_header};

/// What comes before a file's content, and what comes after it.
pub async fn parcel(file: &NewFile) -> (Bytes, Bytes) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut before = exact_time(now);
    let header = file_header(EntryType::Regular, file.size, file.owner, now.as_secs());
    if let Err(error) = put_header(&mut before, header, &file.name, None).await {
        unreachable!("memory takes everything: {error}");
    }
    let mut after = padding(file.size).to_vec();
    after.extend_from_slice(&END);
    (before.into(), after.into())
}

/// The time to the nanosecond, in an extended header: files that are changed twice in a second must differ.
fn exact_time(now: Duration) -> Vec<u8> {
    let text = format!(" mtime={}.{:09}\n", now.as_secs(), now.subsec_nanos());
    // The record begins with its length, these two digits included.
    let record = format!("{}{text}", text.len() + 2);
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XHeader);
    header.set_size(record.len() as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(now.as_secs());
    if let Some(ustar) = header.as_ustar_mut() {
        ustar.name[..9].copy_from_slice(b"PaxHeader");
    }
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend_from_slice(record.as_bytes());
    bytes.extend_from_slice(padding(record.len() as u64));
    bytes
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::Owner;

    #[tokio::test]
    async fn a_parcel_is_a_tar_of_one_file() {
        let name = format!("{}.txt", "n".repeat(180));
        let owner = Owner { uid: 7, gid: 8, mode: 0o640 };
        let (before, after) = parcel(&NewFile { name: name.clone(), size: 5, owner }).await;
        let whole = [&before[..], b"hello", &after[..]].concat();
        assert_eq!(whole.len() % 512, 0);
        let mut archive = tokio_tar::Archive::new(&whole[..]);
        let mut entries = archive.entries().expect("entries");
        let mut entry = entries.next().await.expect("an entry").expect("valid");
        assert_eq!(entry.path_bytes().expect("a name").as_ref(), format!("./{name}").as_bytes());
        assert_eq!((entry.header().uid().ok(), entry.header().mode().ok()), (Some(7), Some(0o640)));
        let extensions = entry.pax_extensions().await.expect("valid").expect("there");
        let keys: Vec<_> = extensions.map(|one| one.expect("valid").key_bytes().to_vec()).collect();
        assert_eq!(keys, [b"mtime"]);
        let mut text = String::new();
        entry.read_to_string(&mut text).await.expect("text");
        assert_eq!(text, "hello");
        assert!(entries.next().await.is_none());
    }
}
