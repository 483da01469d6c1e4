use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A device, a pipe or a socket: it can be seen, and not read.
    Other,
}

/// A file or folder in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileEntry {
    /// Its name in its folder. Bytes that are no UTF-8 are replaced, and then it cannot be opened by this name.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Bytes; 0 for what has none.
    pub size: u64,
    /// The permission bits, for example `0644`.
    pub mode: String,
    /// RFC 3339; absent where the engine does not say it.
    pub modified_at: Option<String>,
    /// Where a link leads.
    pub link_target: Option<String>,
}

/// What is in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileListing {
    /// The folder, links on the way to it followed.
    pub path: String,
    /// Folders first, then by name.
    pub items: Vec<FileEntry>,
    /// Whether there is more than could be listed.
    pub truncated: bool,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FileWritten {
    /// Where it is, links on the way to it followed.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// For `If-Match` of the next change, as in the answer's `ETag`.
    pub etag: String,
}

/// An archive that was unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveUnpacked {
    /// The folder that it was unpacked into, links on the way to it followed.
    pub path: String,
    /// Files, folders and links.
    pub entries: u64,
    /// Bytes of all files.
    pub bytes: u64,
}
