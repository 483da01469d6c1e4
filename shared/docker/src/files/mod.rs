//! Files in containers, whether they run or not: through the engine's archive endpoint, which speaks tar.

mod fake;
mod list;
mod mode;
mod parcel;
mod real;

use std::io;

use async_trait::async_trait;
use bytes::Bytes;
use dockline_contract::rest::{FileEntry, FileKind};
use dockline_domain::{ContainerId, ContainerPath, access::Grant};
use futures::stream::BoxStream;

pub(crate) use parcel::parcel;
pub use parcel::parcel as one_file;

use crate::Result;

/// Bytes on their way. An error ends them, and what was on its way is not whole.
pub type Content = BoxStream<'static, io::Result<Bytes>>;

/// Files in containers.
#[async_trait]
pub trait Files: Send + Sync {
    /// What is at a path. Links on the way to it are followed, and a link at its end is not.
    async fn stat_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<FileStat>;

    /// What is in a folder, in no order.
    async fn list_files(&self, id: &ContainerId, folder: &ContainerPath) -> Result<Listing>;

    /// Who owns what is at a path.
    async fn file_owner(&self, id: &ContainerId, path: &ContainerPath) -> Result<Owner>;

    /// A folder or file with everything below it, as a tar.
    async fn read_archive(&self, id: &ContainerId, path: &ContainerPath) -> Result<Content>;

    /// What is in a file. What is no file is a conflict.
    async fn read_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<OpenFile>;

    /// Writes a file into a folder, in place of one that may be there. When `content` breaks off, a part of it may stay
    /// there under the file's name.
    async fn write_file(
        &self,
        grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        file: &NewFile,
        content: Content,
    ) -> Result<()>;

    /// Unpacks a tar into a folder. It must have been checked.
    async fn unpack(
        &self,
        grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        archive: Content,
    ) -> Result<()>;

    /// Where the container has files of its host.
    async fn host_mounts(&self, id: &ContainerId) -> Result<Vec<HostFolder>>;
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// What it is.
    pub kind: FileKind,
    /// Bytes.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// When it was changed last, in nanoseconds since 1970.
    pub modified_ns: i128,
    /// For a link: where it leads in the container, all links on the way followed.
    pub leads_to: Option<ContainerPath>,
}

/// What is in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What is there.
    pub entries: Vec<FileEntry>,
    /// Whether there is more.
    pub truncated: bool,
}

/// A file that is being read.
pub struct OpenFile {
    /// Bytes.
    pub size: u64,
    /// The bytes.
    pub content: Content,
}

/// Who owns a file, and who may do what with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub uid: u64,
    /// The group's number.
    pub gid: u64,
    /// Permission bits.
    pub mode: u32,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its name in its folder.
    pub name: String,
    /// Bytes; exactly so many follow.
    pub size: u64,
    /// Who owns it.
    pub owner: Owner,
}

/// A folder or file of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFolder {
    /// Where in the container.
    pub target: ContainerPath,
    /// Where on the host.
    pub source: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("size", &self.size).finish_non_exhaustive()
    }
}
