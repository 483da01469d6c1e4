use std::io;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use dockline_contract::rest::{FileEntry, FileKind};
use dockline_domain::{ContainerId, ContainerPath, access::Grant};
use futures::{StreamExt, TryStreamExt, stream};
use tokio::io::AsyncReadExt;
use tokio_tar::Archive;
use tokio_util::io::StreamReader;

use super::{
    Content, FileStat, Files, HostFolder, Listing, NewFile, OpenFile, Owner, parcel::parcel, real::missing,
};
use crate::{AddMount, Create, Error, Result, create::path_of, fake::FakeEngine};

impl FakeEngine {
    /// Puts a file into a container.
    pub fn put_file(&self, id: &ContainerId, path: &str, content: &[u8]) {
        if let (Some(container), Ok(path)) = (self.lock().containers.get_mut(id.as_str()), path.parse()) {
            container.files.insert(path, Bytes::copy_from_slice(content));
        }
    }

    /// What is in a container's file.
    #[must_use]
    pub fn file(&self, id: &ContainerId, path: &str) -> Option<Bytes> {
        self.lock().containers.get(id.as_str())?.files.get(&path.parse().ok()?).cloned()
    }

    fn has_folder(&self, id: &ContainerId, folder: &ContainerPath) -> bool {
        let state = self.lock();
        let Some(container) = state.containers.get(id.as_str()) else { return false };
        folder.split().is_none()
            || container.files.keys().any(|path| path != folder && path.is_within(folder))
    }
}

#[async_trait]
impl Files for FakeEngine {
    async fn stat_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<FileStat> {
        let size = {
            let state = self.called("stat", id.as_str())?;
            let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
            container.files.get(path).map(Bytes::len)
        };
        let (kind, size) = match size {
            Some(size) => (FileKind::File, size as u64),
            None if self.has_folder(id, path) => (FileKind::Folder, 0),
            None => return Err(missing(path)),
        };
        Ok(FileStat { kind, size, mode: 0o644, modified_ns: 0, leads_to: None })
    }

    async fn list_files(&self, id: &ContainerId, folder: &ContainerPath) -> Result<Listing> {
        let names: Vec<String> = {
            let state = self.called("list files", id.as_str())?;
            let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
            let top = folder.as_str().trim_end_matches('/').len() + 1;
            let below = container.files.keys().filter(|path| *path != folder && path.is_within(folder));
            below.filter_map(|path| path.as_str()[top..].split('/').next().map(str::to_owned)).collect()
        };
        let mut entries: Vec<FileEntry> = Vec::new();
        for name in names {
            let path = folder.join(&name).map_err(|_| missing(folder))?;
            let stat = self.stat_file(id, &path).await?;
            if entries.iter().all(|entry| entry.name != name) {
                let (kind, size, mode) = (stat.kind, stat.size, "0644".to_owned());
                entries.push(FileEntry { name, kind, size, mode, modified_at: None, link_target: None });
            }
        }
        Ok(Listing { entries, truncated: false })
    }

    async fn file_owner(&self, id: &ContainerId, path: &ContainerPath) -> Result<Owner> {
        self.stat_file(id, path).await.map(|stat| Owner { uid: 0, gid: 0, mode: stat.mode })
    }

    async fn read_archive(&self, id: &ContainerId, path: &ContainerPath) -> Result<Content> {
        let content = self.file(id, path.as_str()).ok_or_else(|| missing(path))?;
        let name = path.split().map(|(_, name)| name.to_owned()).unwrap_or_default();
        let owner = self.file_owner(id, path).await?;
        let (before, after) = parcel(&NewFile { name, size: content.len() as u64, owner }).await;
        Ok(stream::iter([Ok(before), Ok(content), Ok(after)]).boxed())
    }

    async fn read_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<OpenFile> {
        drop(self.called("read", id.as_str())?);
        let content = self.file(id, path.as_str()).ok_or_else(|| missing(path))?;
        Ok(OpenFile { size: content.len() as u64, content: stream::iter([Ok(content)]).boxed() })
    }

    async fn write_file(
        &self,
        _grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        file: &NewFile,
        content: Content,
    ) -> Result<()> {
        drop(self.called("write", id.as_str())?);
        let whole: BytesMut = content.try_collect().await.map_err(|error| broken(&error))?;
        let path = folder.join(&file.name).map_err(|_| missing(folder))?;
        self.put_file(id, path.as_str(), &whole);
        Ok(())
    }

    async fn unpack(
        &self,
        _grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        archive: Content,
    ) -> Result<()> {
        drop(self.called("unpack", id.as_str())?);
        let mut archive = Archive::new(StreamReader::new(archive));
        let mut entries = archive.entries().map_err(|error| broken(&error))?;
        while let Some(entry) = entries.next().await {
            let mut entry = entry.map_err(|error| broken(&error))?;
            let name =
                String::from_utf8_lossy(&entry.path_bytes().map_err(|error| broken(&error))?).into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).await.map_err(|error| broken(&error))?;
            let path = folder.join(&name).map_err(|_| missing(folder))?;
            if entry.header().entry_type().is_file() {
                self.put_file(id, path.as_str(), &content);
            }
        }
        Ok(())
    }

    async fn host_mounts(&self, id: &ContainerId) -> Result<Vec<HostFolder>> {
        let made = self.made(id);
        let mut folders = Vec::new();
        for mount in made.iter().flat_map(|made| &made.mounts) {
            let (source, target, read_only) = match mount {
                AddMount::Bind { source, target, read_only } => (Some(source.clone()), target, *read_only),
                AddMount::Volume { name: Some(name), target, read_only } => {
                    (path_of(self.volume_reach(name).await?), target, *read_only)
                }
                _ => continue,
            };
            let target = target.clone();
            folders.extend(source.map(|source| HostFolder { target, source, read_only }));
        }
        Ok(folders)
    }
}

fn broken(error: &io::Error) -> Error {
    Error::Engine { operation: "write the file", message: error.to_string() }
}
