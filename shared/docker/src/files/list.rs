//! What is in a folder.
//!
//! No engine has a way to ask that. Its archive of a folder holds everything below it too, so it tells the folder's own
//! entries only to who reads all of it: gigabytes, for the top of a container. So the first part of the archive is read,
//! which is the whole of most folders. Where that is not enough and the container runs, its own `find` names the entries
//! and the engine is asked about each. Where there is no `find`, or the container is stopped, the archive is read on, to a
//! bound in bytes and in time; then the listing says that it is not whole.

use std::{collections::BTreeMap, io, time::Duration};

use bollard::{
    exec::{StartExecOptions, StartExecResults},
    models::ExecConfig,
};
use dockline_contract::rest::{FileEntry, FileKind};
use dockline_domain::{ContainerId, ContainerPath};
use futures::{StreamExt, stream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tar::{Archive, Entry, EntryType};
use tokio_util::io::StreamReader;

use super::{Content, FileStat, Files, Listing};
use crate::{DockerEngine, Error, Result};

const OPERATION: &str = "list the folder";
/// How much of the archive is read before `find` is tried.
const FIRST: u64 = 8 << 20;
/// How much of the archive is read at most.
const MOST: u64 = 2 << 30;
/// How long a listing may take.
const DEADLINE: Duration = Duration::from_secs(20);
/// How long `find` may take.
const FIND: Duration = Duration::from_secs(5);
/// The most entries that are listed.
const MAX_ENTRIES: usize = 5_000;
/// The most that `find` may print.
const MAX_NAMES: usize = 1 << 20;
/// How many entries the engine is asked about at a time.
const AT_ONCE: usize = 8;

impl DockerEngine {
    pub(super) async fn list_folder(&self, id: &ContainerId, folder: &ContainerPath) -> Result<Listing> {
        let by = Instant::now() + DEADLINE;
        let mut reading = Reading::new(self.read_archive(id, folder).await?, folder)?;
        if reading.until(FIRST, by).await? {
            return Ok(reading.listing(false));
        }
        // As long as an archive is open, an engine lets nobody else look into the container.
        drop(reading);
        if let Some(listing) = self.found(id, folder).await {
            return Ok(listing);
        }
        let mut reading = Reading::new(self.read_archive(id, folder).await?, folder)?;
        let whole = reading.until(MOST, by).await?;
        Ok(reading.listing(!whole))
    }

    /// What `find` in the container names; `None` when it cannot.
    async fn found(&self, id: &ContainerId, folder: &ContainerPath) -> Option<Listing> {
        let names = timeout(FIND, self.find(id, folder)).await.ok()??;
        let truncated = names.len() > MAX_ENTRIES;
        let asked = names.into_iter().take(MAX_ENTRIES).map(|name| async move {
            let path = folder.join(&name).ok()?;
            Some((name, self.stat_file(id, &path).await))
        });
        let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
        let mut entries = Vec::new();
        for (name, answer) in answers.into_iter().flatten() {
            match answer {
                Ok(stat) => entries.push(entry_of(name, &stat)),
                // It is gone meanwhile, or its name is no UTF-8.
                Err(Error::Missing { .. }) => {}
                Err(_) => return None,
            }
        }
        Some(Listing { entries, truncated })
    }

    async fn find(&self, id: &ContainerId, folder: &ContainerPath) -> Option<Vec<String>> {
        // With a slash at its end a path is a folder, also where a link was put in its place.
        let below = format!("{}/", folder.as_str().trim_end_matches('/'));
        let words = ["find", &below, "-mindepth", "1", "-maxdepth", "1", "-print0"];
        let config = ExecConfig {
            attach_stdout: Some(true),
            cmd: Some(words.map(str::to_owned).to_vec()),
            user: Some("0".to_owned()),
            ..ExecConfig::default()
        };
        let docker = self.docker().ok()?;
        let exec = docker.create_exec(id.as_str(), config).await.ok()?.id;
        let started = docker.start_exec(&exec, None::<StartExecOptions>).await.ok()?;
        let StartExecResults::Attached { mut output, .. } = started else { return None };
        let mut printed = Vec::new();
        while let Some(piece) = output.next().await {
            printed.extend_from_slice(&piece.ok()?.into_bytes());
            if printed.len() > MAX_NAMES {
                return None;
            }
        }
        if docker.inspect_exec(&exec).await.ok()?.exit_code != Some(0) {
            return None;
        }
        let names = printed.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let last = |path: &[u8]| String::from_utf8_lossy(path).rsplit('/').next().map(str::to_owned);
        Some(names.filter_map(last).collect())
    }
}

/// An archive that is being read for the entries of its first folder.
struct Reading {
    entries: tokio_tar::Entries<StreamReader<Content, bytes::Bytes>>,
    folder: ContainerPath,
    /// The folder's own name in the archive.
    top: Option<String>,
    found: BTreeMap<String, FileEntry>,
    read: u64,
}

impl Reading {
    fn new(content: Content, folder: &ContainerPath) -> Result<Self> {
        let entries = Archive::new(StreamReader::new(content)).entries().map_err(|error| failed(&error))?;
        Ok(Self { entries, folder: folder.clone(), top: None, found: BTreeMap::new(), read: 0 })
    }

    /// Reads on until so much is read; whether the archive has come to its end.
    async fn until(&mut self, most: u64, by: Instant) -> Result<bool> {
        while self.read < most && self.found.len() <= MAX_ENTRIES {
            let entry = match timeout_at(by, self.entries.next()).await {
                Err(_) => return Ok(false),
                Ok(None) => return Ok(true),
                Ok(Some(entry)) => entry.map_err(|error| failed(&error))?,
            };
            self.read = self.read.saturating_add(512).saturating_add(entry.effective_size());
            self.take(&entry)?;
        }
        Ok(false)
    }

    fn take(&mut self, entry: &Entry<Archive<StreamReader<Content, bytes::Bytes>>>) -> Result<()> {
        let bytes = entry.path_bytes().map_err(|error| failed(&error))?;
        let path = String::from_utf8_lossy(&bytes);
        let path = path.trim_start_matches("./").trim_matches('/');
        let Some(top) = &self.top else {
            if entry.header().entry_type() != EntryType::Directory {
                return Err(Error::Conflict { message: format!("{} is no folder", self.folder) });
            }
            self.top = Some(path.trim_end_matches('.').trim_end_matches('/').to_owned());
            return Ok(());
        };
        let below = if top.is_empty() { Some(path) } else { path.strip_prefix(top.as_str()) };
        let Some(name) = below.map(|name| name.trim_start_matches('/')) else { return Ok(()) };
        if !name.is_empty() && !name.contains('/') {
            let told = told(name, entry).map_err(|error| failed(&error))?;
            self.found.insert(name.to_owned(), told);
        }
        Ok(())
    }

    fn listing(self, truncated: bool) -> Listing {
        Listing { entries: self.found.into_values().collect(), truncated }
    }
}

fn told(name: &str, entry: &Entry<Archive<StreamReader<Content, bytes::Bytes>>>) -> io::Result<FileEntry> {
    let header = entry.header();
    let link = entry.link_name_bytes()?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let kind = match header.entry_type() {
        // A hard link is a file whose content came before.
        EntryType::Regular | EntryType::Continuous | EntryType::Link | EntryType::GNUSparse => FileKind::File,
        EntryType::Directory => FileKind::Folder,
        EntryType::Symlink => FileKind::Link,
        _ => FileKind::Other,
    };
    Ok(FileEntry {
        name: name.to_owned(),
        kind,
        size: entry.effective_size(),
        mode: mode(header.mode()? & 0o7777),
        modified_at: moment(i128::from(header.mtime()?) * 1_000_000_000),
        link_target: link.filter(|_| kind == FileKind::Link),
    })
}

fn entry_of(name: String, stat: &FileStat) -> FileEntry {
    FileEntry {
        name,
        kind: stat.kind,
        size: if stat.kind == FileKind::File { stat.size } else { 0 },
        mode: mode(stat.mode),
        modified_at: moment(stat.modified_ns),
        link_target: stat.leads_to.as_ref().filter(|_| stat.kind == FileKind::Link).map(ToString::to_string),
    }
}

fn mode(bits: u32) -> String {
    format!("{bits:04o}")
}

fn moment(nanoseconds: i128) -> Option<String> {
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).ok()?.format(&Rfc3339).ok()
}

fn failed(error: &io::Error) -> Error {
    Error::Engine { operation: OPERATION, message: error.to_string() }
}
