//! Archives from outside: what is refused, by which reason, and what goes through.

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use dockline_docker::archive::{Bounds, NoDisk, Reason, Reservation, SpoolBudget, Unusable, check};
use dockline_testkit::{TarHeader, hostile_archives, tar, tar_file};
use futures::{StreamExt, TryStreamExt, stream};

/// In pieces that end in the middle of everything.
fn upload(bytes: &[u8]) -> dockline_docker::Content {
    let pieces: Vec<_> = bytes.chunks(333).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

fn disk() -> Result<Reservation> {
    Ok(SpoolBudget::new(64).reserve(None)?)
}

async fn refusal(bytes: &[u8], bounds: Bounds) -> Result<dockline_docker::archive::Refusal> {
    match check(upload(bytes), disk()?, bounds).await {
        Err(Unusable::Refused(refusal)) => Ok(refusal),
        Err(other) => bail!("not refused, but {other}"),
        Ok(checked) => bail!("let through: {checked:?}"),
    }
}

#[tokio::test]
async fn hostile_archives_are_refused_each_by_its_reason() -> Result<()> {
    let corpus = hostile_archives();
    ensure!(corpus.len() >= 40, "{}", corpus.len());
    let mut failures = Vec::new();
    for one in corpus {
        match refusal(&one.bytes, Bounds::default()).await {
            Ok(refusal) if refusal.to_string().contains(one.reason) => {}
            Ok(refusal) => failures.push(format!("{}: {refusal}, and not `{}`", one.name, one.reason)),
            Err(error) => failures.push(format!("{}: {error}", one.name)),
        }
    }
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

#[tokio::test]
async fn bounds_are_kept() -> Result<()> {
    let small = Bounds { entries: 3, bytes: 100, names: 50 };
    let many: Vec<_> = (0..4).map(|n| tar_file(&format!("f{n}"), b"")).collect();
    ensure!(refusal(&tar(&many), small).await?.reason == Reason::TooManyEntries(3));
    let large = [tar_file("a", &[0; 60]), tar_file("b", &[0; 60])];
    let refused = refusal(&tar(&large), small).await?;
    ensure!(
        refused.reason == Reason::TooManyBytes(100) && refused.entry.as_deref() == Some("b"),
        "{refused}"
    );
    // Folders that are only implied count by their names too: one entry makes hundreds of them.
    let deep = tar_file(&"d/".repeat(40), b"");
    ensure!(refusal(&tar(&[deep]), small).await?.reason == Reason::TooManyNames(50));
    Ok(())
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_no_refusal() -> Result<()> {
    let whole = tar(&[tar_file("a", &[b'x'; 5_000])]);
    let broken =
        stream::iter([Ok(Bytes::copy_from_slice(&whole[..2_000])), Err(std::io::Error::other("gone"))]);
    let unusable =
        check(broken.boxed(), disk()?, Bounds::default()).await.err().context("it was let through")?;
    ensure!(matches!(unusable, Unusable::Upload(_)), "{unusable:?}");
    Ok(())
}

#[tokio::test]
async fn the_disk_of_an_archive_is_bounded_and_given_back() -> Result<()> {
    let budget = SpoolBudget::new(2);
    let sent = tar(&[tar_file("a", &[b'x'; 1_500_000])]);
    let checked = check(upload(&sent), budget.reserve(None)?, Bounds::default()).await?;
    ensure!(budget.reserve(None).err() == Some(NoDisk::Taken), "it has both MiB");
    checked.into_content().try_collect::<Vec<_>>().await?;
    ensure!(budget.reserve(Some(2 << 20)).is_ok(), "it was read to its end");
    // One that tells a smaller size than it has, beside another one.
    let other = budget.reserve(Some(1 << 20))?;
    let unusable = check(upload(&sent), budget.reserve(Some(10))?, Bounds::default()).await.err();
    ensure!(matches!(unusable, Some(Unusable::NoDisk(NoDisk::Taken))), "{unusable:?}");
    drop(other);
    ensure!(budget.reserve(Some(2 << 20)).is_ok(), "nothing of a refused one stays");
    Ok(())
}

#[tokio::test]
async fn what_goes_through_is_written_anew() -> Result<()> {
    let long = format!("{}/file", ["n".repeat(100).as_str(), "m".repeat(100).as_str()].join("/"));
    let pax = |record: &str| {
        let mut bytes = TarHeader::new(b"PaxHeader", b'x', record.len() as u64).bytes();
        let mut content = record.as_bytes().to_vec();
        content.resize(512, 0);
        bytes.append(&mut content);
        bytes
    };
    let path = format!("{} path={long}\n", long.len() + 10);
    let sent = tar(&[
        TarHeader::new(b"./", b'5', 0).bytes(),
        TarHeader::new(b"dir/", b'5', 0).field(100, b"0000750\0").bytes(),
        tar_file("./dir/./hello", b"hello"),
        TarHeader::new(b"dir/link", b'2', 0).link(b"../top").bytes(),
        TarHeader::new(b"hard", b'1', 0).link(b"dir/hello").bytes(),
        pax(&path),
        tar_file("short", &[b'x'; 600]),
        tar_file("\u{1F433}", b""),
    ]);
    let checked = check(upload(&sent), disk()?, Bounds::default()).await?;
    ensure!((checked.entries, checked.bytes) == (7, 605), "{checked:?}");
    let written: Vec<u8> = checked
        .into_content()
        .try_fold(Vec::new(), |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        })
        .await?;
    let mut archive = tokio_tar::Archive::new(&written[..]);
    let mut entries = archive.entries()?;
    let mut seen = Vec::new();
    while let Some(entry) = entries.next().await {
        let entry = entry?;
        let link = entry.link_name_bytes()?.map(|link| String::from_utf8_lossy(&link).into_owned());
        let name = String::from_utf8_lossy(&entry.path_bytes()?).into_owned();
        seen.push((name, entry.effective_size(), entry.header().mode()?, link.unwrap_or_default()));
    }
    let wanted = [
        ("./dir/", 0, 0o750, ""),
        ("./dir/hello", 5, 0o644, ""),
        ("./dir/link", 0, 0o644, "../top"),
        ("./hard", 0, 0o644, "./dir/hello"),
        (&format!("./{long}"), 600, 0o644, ""),
        ("./\u{1F433}", 0, 0o644, ""),
    ];
    let wanted = wanted.map(|(name, size, mode, link)| (name.to_owned(), size, mode, link.to_owned()));
    ensure!(seen == wanted, "{seen:?}");
    Ok(())
}
