//! Whole volumes as tars.

use actix_web::{HttpRequest, HttpResponse, web};
use dockline_contract::rest::{ArchiveUnpacked, ErrorBody};
use dockline_docker::{
    Host, LONG, OpenVolume,
    archive::{Bounds, check},
};
use dockline_domain::{ContainerPath, VolumeName, access::Grant};
use serde::Deserialize;
use utoipa::IntoParams;

use super::files::{Reached, require_reach};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathHost, PathName},
    gate::Note,
    rest::{
        containers::{announced, refused, tar_answer, through, unpack_checked},
        one_host::enabled,
    },
};

/// What a volume takes in: more than a folder of a container.
const BOUNDS: Bounds = Bounds { entries: 1_000_000, bytes: 64 << 30, names: 64 << 20 };

/// How to restore.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Restore {
    /// Also into a volume that containers use.
    #[serde(default)]
    force: bool,
}

/// A whole volume as a tar. Streamed: any size takes the same memory. Files that change meanwhile are as they were when
/// they were read; stop what writes them for a copy that fits together. A volume that reaches its host needs `host.escape`.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes/{name}/archive", operation_id = "export_volume", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name")),
    responses((status = 200, description = "The tar", content((String = "application/x-tar"))),
              (status = 403, description = "The volume reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such host or volume", body = ErrorBody)))]
pub(crate) async fn export(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
) -> Result<HttpResponse, ApiError> {
    let Reached { target, open } = Reached::open(&app, &grant, &id, &name, false, LONG).await?;
    let tar = open.into_archive().await.map_err(|error| target.failed(error))?;
    Ok(tar_answer(name.as_str(), tar))
}

/// Unpacks a tar into a volume. What it has replaces what has the same name; other files stay. It is taken apart while it
/// comes, as for containers: an archive with anything but files, folders and links that stay in it is refused, and then
/// the volume is unchanged. A volume that reaches its host needs `host.escape`. Until it is unpacked an archive lies on the
/// server's disk, which all uploads share.
#[utoipa::path(put, path = "/api/v1/hosts/{host}/volumes/{name}/archive", operation_id = "restore_volume", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name"), Restore),
    request_body(content = String, content_type = "application/x-tar"),
    responses((status = 200, description = "Unpacked", body = ArchiveUnpacked),
              (status = 400, description = "The upload broke off", body = ErrorBody),
              (status = 403, description = "The volume reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such host or volume", body = ErrorBody),
              (status = 409, description = "Containers use it; `details` names them", body = ErrorBody),
              (status = 413, description = "It is larger than all uploads together may be", body = ErrorBody),
              (status = 422, description = "An archive that is refused", body = ErrorBody),
              (status = 503, description = "Other uploads have the disk; `Retry-After` says when to try again", body = ErrorBody),
              (status = 507, description = "The server's disk is full", body = ErrorBody)))]
pub(crate) async fn restore(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    PathName(name): PathName<VolumeName>,
    Params(wanted): Params<Restore>,
    (request, body): (HttpRequest, web::Payload),
) -> Result<web::Json<ArchiveUnpacked>, ApiError> {
    note.detail("force", wanted.force);
    let host = enabled(&app, &id).await?;
    require_reach(&host, &grant, &name).await?;
    require_unused(&host, &grant, &name, wanted.force).await?;
    let disk = app.upload_disk.reserve(announced(&request))?;
    let (_sent, checked) = through(body, async |content| check(content, disk, BOUNDS).await).await;
    let checked = checked.map_err(|unusable| refused(&note, unusable))?;
    // The upload may have taken long.
    require_unused(&host, &grant, &name, wanted.force).await?;
    let Reached { target, open } = Reached::open(&app, &grant, &id, &name, true, LONG).await?;
    let top = checked.top;
    let unpacked = unpack_checked(&target, &grant, &note, &OpenVolume::top(), checked).await?;
    if let Some(owner) = top {
        let set = target.host.engine.set_top(&grant, &target.id, owner).await;
        set.map_err(|error| target.failed(error))?;
    }
    open.close().await;
    Ok(web::Json(ArchiveUnpacked { path: ContainerPath::root().to_string(), ..unpacked }))
}

/// Refuses a volume that containers use, unless that does not matter.
pub(crate) async fn require_unused(
    host: &Host,
    grant: &Grant,
    name: &VolumeName,
    force: bool,
) -> Result<(), ApiError> {
    let found = host.engine.volume(name).await;
    let found = found.map_err(|error| ApiError::Docker { host: host.id.clone(), error })?;
    let containers = found.reveal(grant).summary.containers;
    if force || containers.is_empty() {
        return Ok(());
    }
    Err(ApiError::VolumeInUse { host: host.id.clone(), containers })
}
