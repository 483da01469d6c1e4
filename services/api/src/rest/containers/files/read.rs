use std::{io, time::Duration};

use actix_web::{
    HttpResponse,
    http::header::{
        CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ETAG, ExtendedValue,
    },
    web,
};
use dockline_contract::rest::{ErrorBody, FileKind};
use dockline_docker::{Content, Error, FileStat};
use dockline_domain::{ContainerPath, ContainerRef};
use futures::{StreamExt, stream};

use super::{
    At,
    reach::{Use, require_reach},
    settle::{etag, settle},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
    rest::containers::resolve,
};

/// An engine that sends nothing for this long has stopped.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// A file of a container as a download, or a folder as a tar. Streamed: any size takes the same memory. A part of the host
/// that could take it over needs `host.escape`.
#[utoipa::path(get, path = "/api/v1/containers/{id}/files/content", operation_id = "read_file", tag = "files",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), At),
    responses((status = 200, description = "The file, with an `ETag` for `If-Match`; or the folder as a tar",
               content((String = "application/octet-stream"), (String = "application/x-tar"))),
              (status = 403, description = "It is a part of the host", body = ErrorBody),
              (status = 404, description = "There is no such container or file", body = ErrorBody),
              (status = 409, description = "It is neither file nor folder, or several containers have this ID", body = ErrorBody),
              (status = 422, description = "Not a path", body = ErrorBody)))]
pub(crate) async fn read_file(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(at): Params<At>,
) -> Result<HttpResponse, ApiError> {
    let path = at.parsed()?;
    let target = resolve(&app, &reference, at.host.as_ref()).await?;
    let (path, stat) = settle(&target, &path).await?;
    require_reach(&target, &grant, &path, Use::Read).await?;
    let engine = &target.host.engine;
    match stat.kind {
        FileKind::File => {
            let file = engine.read_file(&target.id, &path).await.map_err(|error| target.failed(error))?;
            Ok(file_answer(&path, &stat, file.size, file.content))
        }
        FileKind::Folder => {
            let tar = engine.read_archive(&target.id, &path).await.map_err(|error| target.failed(error))?;
            Ok(tar_answer(name_of(&path), tar))
        }
        FileKind::Link | FileKind::Other => {
            let message = format!("{path} is neither a file nor a folder");
            Err(target.failed(Error::Conflict { message }))
        }
    }
}

/// A file as a download.
pub(crate) fn file_answer(
    path: &ContainerPath,
    stat: &FileStat,
    size: u64,
    content: Content,
) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/octet-stream"))
        .insert_header(attachment(name_of(path).to_owned()))
        .insert_header((ETAG, etag(stat)))
        .no_chunking(size)
        .streaming(without_pauses(content))
}

/// A tar as a download, whose file has this name.
pub(crate) fn tar_answer(name: &str, content: Content) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-tar"))
        .insert_header(attachment(format!("{name}.tar")))
        .streaming(without_pauses(content))
}

pub(crate) fn name_of(path: &ContainerPath) -> &str {
    path.split().map_or("root", |(_, name)| name)
}

fn attachment(name: String) -> ContentDisposition {
    let value = name.into_bytes();
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value,
        })],
    }
}

/// An error cuts the download off, so that nobody takes a part for the whole.
pub(crate) fn without_pauses(content: Content) -> Content {
    let watched = stream::unfold(Some(content), |content| async move {
        let mut content = content?;
        match tokio::time::timeout(MAX_PAUSE, content.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some((Ok(bytes), Some(content))),
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "a download of a file was cut off");
                Some((Err(error), None))
            }
            Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), None)),
        }
    });
    watched.boxed()
}
