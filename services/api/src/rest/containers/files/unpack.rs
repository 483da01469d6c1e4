use actix_web::{HttpRequest, web};
use dockline_contract::rest::{ArchiveUnpacked, ErrorBody, FileKind};
use dockline_docker::{
    Error,
    archive::{Bounds, Checked, Unusable, check},
};
use dockline_domain::{ContainerPath, ContainerRef, access::Grant};

use super::{
    super::{operate::found, resolve::Target},
    At,
    reach::{Use, require_reach},
    settle::settle,
    upload::{announced, through},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
    gate::Note,
};

/// Unpacks a tar into a folder of a container. It is taken apart while it comes, and what the engine unpacks is another one,
/// written from what was understood: files, folders, links that stay in the folder. An archive with anything else is
/// refused, and then nothing of it was unpacked. In a container with files of the host's, or one that reaches its host, this
/// needs `host.escape`. Until it is unpacked an archive lies on the server's disk, which all uploads share.
#[utoipa::path(post, path = "/api/v1/containers/{id}/files/archive", operation_id = "unpack_archive", tag = "files",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), At),
    request_body(content = String, content_type = "application/x-tar"),
    responses((status = 200, description = "Unpacked", body = ArchiveUnpacked),
              (status = 400, description = "The upload broke off", body = ErrorBody),
              (status = 403, description = "The container has files of the host's, or reaches it", body = ErrorBody),
              (status = 404, description = "There is no such container or folder", body = ErrorBody),
              (status = 409, description = "It is no folder, it cannot be written, or several containers have this ID", body = ErrorBody),
              (status = 413, description = "It is larger than all uploads together may be", body = ErrorBody),
              (status = 422, description = "Not a path, or an archive that is refused", body = ErrorBody),
              (status = 503, description = "Other uploads have the disk; `Retry-After` says when to try again", body = ErrorBody),
              (status = 507, description = "The server's disk is full", body = ErrorBody)))]
pub(crate) async fn unpack_archive(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(at): Params<At>,
    request: HttpRequest,
    body: web::Payload,
) -> Result<web::Json<ArchiveUnpacked>, ApiError> {
    let path = at.parsed()?;
    note.detail("path", path.as_str());
    let target = found(&app, &reference, at.host.as_ref(), &note).await?;
    let (path, stat) = settle(&target, &path).await?;
    if stat.kind != FileKind::Folder {
        return Err(target.failed(Error::Conflict { message: format!("{path} is no folder") }));
    }
    require_reach(&target, &grant, &path, Use::Unpack).await?;
    let disk = app.upload_disk.reserve(announced(&request))?;
    let (_sent, checked) = through(body, async |content| check(content, disk, Bounds::default()).await).await;
    let checked = checked.map_err(|unusable| refused(&note, unusable))?;
    unpack_checked(&target, &grant, &note, &path, checked).await.map(web::Json)
}

/// Why an upload is not unpacked.
pub(crate) fn refused(note: &Note, unusable: Unusable) -> ApiError {
    match unusable {
        Unusable::Refused(refusal) => {
            note.detail("refused", refusal.to_string());
            ApiError::ArchiveRefused(refusal)
        }
        Unusable::Upload(error) => {
            ApiError::UploadFailed(format!("the upload broke off ({error}); nothing of it was unpacked"))
        }
        Unusable::NoDisk(reason) => reason.into(),
        Unusable::Spool(error) => {
            tracing::error!(%error, "an archive could not be kept while it was checked");
            ApiError::Internal("an archive could not be kept while it was checked")
        }
    }
}

/// Has the engine unpack what was checked.
pub(crate) async fn unpack_checked(
    target: &Target,
    grant: &Grant,
    note: &Note,
    path: &ContainerPath,
    checked: Checked,
) -> Result<ArchiveUnpacked, ApiError> {
    let (entries, bytes) = (checked.entries, checked.bytes);
    note.detail("entries", entries);
    note.detail("bytes", bytes);
    let unpacked = target.host.engine.unpack(grant, &target.id, path, checked.into_content()).await;
    if let Err(error) = unpacked {
        note.detail("may_be_partial", true);
        return Err(target.failed(match error {
            Error::Engine { operation, message } => {
                let message = format!("{message}; a part of the archive may be in {path}");
                Error::Engine { operation, message }
            }
            other => other,
        }));
    }
    Ok(ArchiveUnpacked { path: path.to_string(), entries, bytes })
}
