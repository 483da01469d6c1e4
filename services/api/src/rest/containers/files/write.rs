use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, TRANSFER_ENCODING},
    web,
};
use dockline_contract::rest::{ErrorBody, FileKind, FileWritten};
use dockline_docker::{Error, FileStat, NewFile, Owner};
use dockline_domain::{ContainerPath, ContainerRef, access::Grant};
use futures::{StreamExt, stream};

use super::{
    super::{operate::found, resolve::Target},
    At,
    reach::{Use, require_reach},
    settle::etag,
    upload::{announced, through, whole},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
    gate::Note,
};

/// Up to this size a file is taken in as a whole before the one in the container is touched.
const SMALL: u64 = 1 << 20;
/// What everybody may do with a new file.
const NEW_MODE: u32 = 0o644;

/// Writes a file in a container: the body is its content. One that is there keeps its owner and its mode; a new one gets its
/// folder's owner. With `If-Match` it is only written if it still is as it was read, with `If-None-Match: *` only if it is
/// not there. A file of up to 1 MiB is never left half-written by a client that goes away; a larger one that broke off is,
/// under its own name, and the answer and the audit log say so. A folder of the host's needs `host.escape`, and so does
/// whatever is in a container that reaches its host.
#[utoipa::path(put, path = "/api/v1/containers/{id}/files/content", operation_id = "write_file", tag = "files",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), At,
           ("If-Match" = Option<String>, Header, description = "The `ETag` under which the file was read"),
           ("If-None-Match" = Option<String>, Header, description = "`*`: only if it is not there")),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, description = "Written", body = FileWritten),
              (status = 400, description = "The upload broke off", body = ErrorBody),
              (status = 403, description = "It would be written on the host, or the container reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such container or folder", body = ErrorBody),
              (status = 409, description = "It is no file, it cannot be written, or several containers have this ID", body = ErrorBody),
              (status = 411, description = "No Content-Length", body = ErrorBody),
              (status = 412, description = "It was changed meanwhile, or is there", body = ErrorBody),
              (status = 422, description = "Not a path", body = ErrorBody)))]
pub(crate) async fn write_file(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(at): Params<At>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let path = at.parsed()?;
    // Without either header a request has no body.
    let none = || (!request.headers().contains_key(TRANSFER_ENCODING)).then_some(0);
    let size = announced(&request).or_else(none).ok_or(ApiError::LengthRequired)?;
    note.detail("path", path.as_str());
    note.detail("size", size);
    let target = found(&app, &reference, at.host.as_ref(), &note).await?;
    let (path, there) = place(&target, &path).await?;
    check_conditions(&request, &path, there.as_ref())?;
    require_reach(&target, &grant, &path, Use::Write).await?;
    let Some((folder, name)) = path.split() else {
        return Err(target.failed(Error::Conflict { message: "/ is no file".to_owned() }));
    };
    let owner = owner(&target, &folder, there.is_some().then_some(&path)).await?;
    let file = NewFile { name: name.to_owned(), size, owner };
    let work = Writing { target: &target, grant: &grant, folder: &folder, file: &file, path: &path };
    if let Err(error) = work.write(body).await {
        note.detail("may_be_partial", size > SMALL);
        return Err(error);
    }
    let stat = target.host.engine.stat_file(&target.id, &path).await.map_err(|error| target.failed(error))?;
    let etag = etag(&stat);
    let written = FileWritten { path: path.to_string(), size: stat.size, etag: etag.clone() };
    Ok(HttpResponse::Ok().insert_header((ETAG, etag)).json(written))
}

/// Where the file is or will be, and what is there. A link is followed, also to where nothing is yet.
async fn place(target: &Target, path: &ContainerPath) -> Result<(ContainerPath, Option<FileStat>), ApiError> {
    let mut path = path.clone();
    let mut stat = look(target, &path).await?;
    if let Some(FileStat { kind: FileKind::Link, leads_to: Some(leads_to), .. }) = &stat {
        path = leads_to.clone();
        stat = look(target, &path).await?;
    }
    if stat.as_ref().is_some_and(|stat| stat.kind != FileKind::File) {
        return Err(target.failed(Error::Conflict { message: format!("{path} is no file") }));
    }
    Ok((path, stat))
}

async fn look(target: &Target, path: &ContainerPath) -> Result<Option<FileStat>, ApiError> {
    match target.host.engine.stat_file(&target.id, path).await {
        Ok(stat) => Ok(Some(stat)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(target.failed(error)),
    }
}

fn check_conditions(
    request: &HttpRequest,
    path: &ContainerPath,
    there: Option<&FileStat>,
) -> Result<(), ApiError> {
    let is_as_read = header(request, &IF_MATCH)
        .is_none_or(|wanted| there.is_some_and(|stat| wanted == "*" || wanted == etag(stat)));
    let is_new = header(request, &IF_NONE_MATCH).is_none_or(|_| there.is_none());
    if is_as_read && is_new { Ok(()) } else { Err(ApiError::FileChanged(path.clone())) }
}

/// Of the file that is there, or of the folder.
async fn owner(
    target: &Target,
    folder: &ContainerPath,
    file: Option<&ContainerPath>,
) -> Result<Owner, ApiError> {
    let asked = target.host.engine.file_owner(&target.id, file.unwrap_or(folder)).await;
    let found = asked.map_err(|error| target.failed(error))?;
    Ok(if file.is_some() { found } else { Owner { mode: NEW_MODE, ..found } })
}

fn header<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

struct Writing<'a> {
    target: &'a Target,
    grant: &'a Grant,
    folder: &'a ContainerPath,
    file: &'a NewFile,
    path: &'a ContainerPath,
}

impl Writing<'_> {
    async fn write(&self, body: web::Payload) -> Result<(), ApiError> {
        let (target, engine) = (self.target, &self.target.host.engine);
        let broke_off = |error: std::io::Error, rest: &str| {
            ApiError::UploadFailed(format!("the upload broke off ({error}); {rest}"))
        };
        if self.file.size <= SMALL {
            let size = usize::try_from(self.file.size).unwrap_or_default();
            let content = whole(body, size).await;
            let content = content.map_err(|error| broke_off(error, "the file is as it was"))?;
            let content = stream::iter([Ok(content)]).boxed();
            let written = engine.write_file(self.grant, &target.id, self.folder, self.file, content).await;
            return written.map_err(|error| target.failed(error));
        }
        let (sent, written) = through(body, async |content| {
            engine.write_file(self.grant, &target.id, self.folder, self.file, content).await
        })
        .await;
        let rest = format!("a part of it may be at {}: send it again", self.path);
        match (sent, written) {
            (Err(error), _) => Err(broke_off(error, &rest)),
            (Ok(()), written) => written.map_err(|error| match error {
                Error::Engine { operation, message } => {
                    target.failed(Error::Engine { operation, message: format!("{message}; {rest}") })
                }
                other => target.failed(other),
            }),
        }
    }
}
