use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use dockline_domain::JobId;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File, OpenOptions},
    io::{AsyncReadExt, AsyncWriteExt},
};

use crate::Moment;

/// A file that is being written has changed within this time, whatever writes it.
const STALE: Duration = Duration::from_hours(1);

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// The folder that holds backups: a tar each, under its backup's ID. All processes of a cluster share one.
#[derive(Debug, Clone)]
pub struct BackupFolder(PathBuf);

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

impl BackupFolder {
    /// The folder of this path, made when something is written.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a backup's file: under another name until all of it is on the disk. `attempt` tells writers of the same
    /// backup from each other.
    ///
    /// # Errors
    /// As the content or the disk fails; nothing is left then but what [`BackupFolder::sweep`] removes.
    pub async fn write<B, S>(
        &self,
        id: JobId,
        attempt: u32,
        mut content: S,
        mut told: impl FnMut(u64),
    ) -> io::Result<Stored>
    where
        B: AsRef<[u8]>,
        S: Stream<Item = io::Result<B>> + Unpin,
    {
        self.make().await?;
        let part = Part(self.0.join(format!(".{id}.{attempt}.part")));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&part.0).await?;
        let (mut bytes, mut sha) = (0_u64, Sha256::new());
        while let Some(piece) = content.next().await {
            let piece = piece?;
            file.write_all(piece.as_ref()).await?;
            sha.update(piece.as_ref());
            bytes += piece.as_ref().len() as u64;
            told(bytes);
        }
        file.flush().await?;
        file.sync_all().await?;
        fs::rename(&part.0, self.place(id)).await?;
        // The name is on the disk only with its folder.
        File::open(&self.0).await?.sync_all().await?;
        Ok(Stored { bytes, sha256: hex::encode(sha.finalize()) })
    }

    /// Opens a backup's file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when it is not in this folder, and as the disk fails.
    pub async fn open(&self, id: JobId) -> io::Result<File> {
        File::open(self.place(id)).await
    }

    /// Reads a backup's file for its size and sum.
    ///
    /// # Errors
    /// As [`BackupFolder::open`].
    pub async fn sum(&self, id: JobId) -> io::Result<Stored> {
        let mut file = self.open(id).await?;
        let (mut bytes, mut sha, mut piece) = (0_u64, Sha256::new(), vec![0; PIECE]);
        loop {
            match file.read(&mut piece).await? {
                0 => return Ok(Stored { bytes, sha256: hex::encode(sha.finalize()) }),
                read => {
                    sha.update(&piece[..read]);
                    bytes += read as u64;
                }
            }
        }
    }

    /// Removes a backup's file. One that is not there is a success.
    ///
    /// # Errors
    /// As the disk fails.
    pub async fn remove(&self, id: JobId) -> io::Result<()> {
        absent_is_fine(fs::remove_file(self.place(id)).await)
    }

    /// Removes what writers left behind that did not come to their end, and tells of which backups there are files that are
    /// not being written any more, and when they were.
    ///
    /// # Errors
    /// As the disk fails.
    pub async fn sweep(&self) -> io::Result<Vec<(JobId, Moment)>> {
        let mut entries = match fs::read_dir(&self.0).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut settled = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let Ok(written) = entry.metadata().await.and_then(|data| data.modified()) else { continue };
            if !written.elapsed().is_ok_and(|age| age > STALE) {
                continue;
            }
            if name.starts_with('.') && name.ends_with(".part") {
                absent_is_fine(fs::remove_file(entry.path()).await)?;
            }
            let id = name.strip_suffix(".tar").and_then(|id| id.parse::<JobId>().ok());
            settled.extend(id.map(|id| (id, Moment::from(written))));
        }
        Ok(settled)
    }

    async fn make(&self) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.0).await
    }

    fn place(&self, id: JobId) -> PathBuf {
        self.0.join(format!("{id}.tar"))
    }
}

/// A file under its first name, which goes when it did not get its second.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // After the end it has the other name.
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
