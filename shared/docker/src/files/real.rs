use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use bollard::query_parameters::{ContainerArchiveInfoOptionsBuilder, InspectContainerOptions};
use bytes::Bytes;
use dockline_domain::{ContainerId, ContainerPath, access::Grant};
use futures::{StreamExt, TryStreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::{Method, Request, StatusCode, body::Frame};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio_tar::Archive;
use tokio_util::io::{ReaderStream, StreamReader};

use super::{
    Content, FileStat, Files, HostFolder, Listing, NewFile, OpenFile, Owner,
    mode::{kind_of, permissions},
    parcel::parcel,
};
use crate::{
    Create, DockerEngine, Error, Missing, Result,
    create::path_of,
    dial::Traffic,
    http,
    real::{QUICK, SLOW},
};

/// How much of a file is passed on at a time.
const PIECE: usize = 64 << 10;

#[async_trait]
impl Files for DockerEngine {
    async fn stat_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<FileStat> {
        let options = ContainerArchiveInfoOptionsBuilder::default().path(path.as_str()).build();
        let request = self.docker()?.get_container_archive_info(id.as_str(), Some(options));
        let told =
            self.call("look at the file", QUICK, request).await.map_err(|error| no_file(error, path))?;
        Ok(FileStat {
            kind: kind_of(told.file_mode),
            size: u64::try_from(told.size).unwrap_or_default(),
            mode: permissions(told.file_mode),
            modified_ns: told.modification_time.as_deref().map_or(0, nanoseconds),
            leads_to: told.link_target.parse().ok(),
        })
    }

    async fn list_files(&self, id: &ContainerId, folder: &ContainerPath) -> Result<Listing> {
        self.list_folder(id, folder).await
    }

    async fn file_owner(&self, id: &ContainerId, path: &ContainerPath) -> Result<Owner> {
        let operation = "look at the file's owner";
        let mut archive = Archive::new(StreamReader::new(self.read_archive(id, path).await?));
        let failed = |error: io::Error| Error::Engine { operation, message: error.to_string() };
        let first = archive.entries().map_err(failed)?.next().await;
        let first = first.ok_or_else(|| missing(path))?.map_err(failed)?;
        let header = first.header();
        Ok(Owner {
            uid: header.uid().map_err(failed)?,
            gid: header.gid().map_err(failed)?,
            mode: header.mode().map_err(failed)? & 0o7777,
        })
    }

    async fn read_archive(&self, id: &ContainerId, path: &ContainerPath) -> Result<Content> {
        self.archive_of(id, path.as_str()).await.map_err(|error| no_file(error, path))
    }

    async fn read_file(&self, id: &ContainerId, path: &ContainerPath) -> Result<OpenFile> {
        let operation = "read the file";
        let mut archive = Archive::new(StreamReader::new(self.read_archive(id, path).await?));
        let failed = |error: io::Error| Error::Engine { operation, message: error.to_string() };
        let first = archive.entries().map_err(failed)?.next().await;
        let entry = first.ok_or_else(|| missing(path))?.map_err(failed)?;
        if !entry.header().entry_type().is_file() {
            return Err(Error::Conflict { message: format!("{path} is no file") });
        }
        let size = entry.effective_size();
        let content = ReaderStream::with_capacity(entry, PIECE);
        Ok(OpenFile { size, content: exactly(size, content.boxed()) })
    }

    async fn write_file(
        &self,
        _grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        file: &NewFile,
        content: Content,
    ) -> Result<()> {
        let (before, after) = parcel(file).await;
        let whole =
            stream::iter([Ok(before)]).chain(exactly(file.size, content)).chain(stream::iter([Ok(after)]));
        self.put(id, folder, whole.boxed()).await
    }

    async fn unpack(
        &self,
        _grant: &Grant,
        id: &ContainerId,
        folder: &ContainerPath,
        archive: Content,
    ) -> Result<()> {
        self.put(id, folder, archive).await
    }

    async fn host_mounts(&self, id: &ContainerId) -> Result<Vec<HostFolder>> {
        let request = self.docker()?.inspect_container(id.as_str(), None::<InspectContainerOptions>);
        let found = self.call("inspect the container", QUICK, request).await?;
        let mut folders = Vec::new();
        for mount in found.mounts.unwrap_or_default() {
            let source = match mount.typ.as_deref() {
                Some("bind") => mount.source,
                Some("volume") => match mount.name.and_then(|name| name.parse().ok()) {
                    Some(name) => path_of(self.volume_reach(&name).await?),
                    None => None,
                },
                _ => None,
            };
            let target = mount.destination.and_then(|target| target.parse().ok());
            if let (Some(source), Some(target)) = (source, target) {
                folders.push(HostFolder { target, source, read_only: !mount.rw.unwrap_or(true) });
            }
        }
        Ok(folders)
    }
}

impl DockerEngine {
    /// A tar of what is at a path. With `/.` at its end that is a folder's contents, without the folder's name.
    pub(crate) async fn archive_of(&self, id: &ContainerId, path: &str) -> Result<Content> {
        let target = format!("/containers/{id}/archive?path={}", encoded(path));
        let answer = self.client.read(&target, Traffic::Read, "read the file").await?;
        Ok(answer.into_body().into_data_stream().map_err(io::Error::other).boxed())
    }

    /// Sends a tar to be unpacked. However long that takes, it must go on.
    pub(crate) async fn put(&self, id: &ContainerId, folder: &ContainerPath, tar: Content) -> Result<()> {
        let operation = "write the file";
        let target =
            format!("/containers/{id}/archive?path={}&noOverwriteDirNonDir=1", encoded(folder.as_str()));
        let sent = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&sent);
        let frames = tar.inspect(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let mut request = Request::new(StreamBody::new(frames.map_ok(Frame::data)));
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = target
            .parse()
            .map_err(|_| Error::Engine { operation, message: "the path makes no address".to_owned() })?;
        let stuck = async {
            let mut before = None;
            while before != Some(sent.load(Ordering::Relaxed)) {
                before = Some(sent.load(Ordering::Relaxed));
                tokio::time::sleep(SLOW).await;
            }
        };
        let answer = tokio::select! {
            answer = self.client.send(request) => answer.map_err(|failure| self.client.error(operation, failure))?,
            () = stuck => return Err(Error::TimedOut { operation }),
        };
        if answer.status() == StatusCode::OK {
            return Ok(());
        }
        let (status, message) = http::refusal_words(answer).await;
        Err(match status {
            404 => missing(folder),
            400 => Error::Invalid { message },
            403 | 409 => Error::Conflict { message },
            _ => Error::Engine { operation, message },
        })
    }
}

fn nanoseconds(text: &str) -> i128 {
    OffsetDateTime::parse(text, &Rfc3339).map_or(0, OffsetDateTime::unix_timestamp_nanos)
}

/// Exactly so many bytes: fewer are an error, and more are, too.
fn exactly(size: u64, content: Content) -> Content {
    let counted = stream::try_unfold((content, size), |(mut content, left)| async move {
        match content.try_next().await? {
            Some(bytes) => match left.checked_sub(bytes.len() as u64) {
                Some(left) => Ok(Some((bytes, (content, left)))),
                None => Err(io::Error::other("there is more than was announced")),
            },
            None if left > 0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            None => Ok::<Option<(Bytes, _)>, io::Error>(None),
        }
    });
    counted.boxed()
}

pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

pub(super) fn missing(path: &ContainerPath) -> Error {
    Error::Missing { what: Missing::File, message: format!("there is no {path} in this container") }
}

/// The container is there, since it was found before; so it is the file that is not.
fn no_file(error: Error, path: &ContainerPath) -> Error {
    match error {
        Error::NotFound => missing(path),
        other => other,
    }
}
