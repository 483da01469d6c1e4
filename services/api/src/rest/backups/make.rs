use actix_web::{HttpResponse, web};
use dockline_contract::rest::{ErrorBody, JobAccepted, RestoreBackup};
use dockline_domain::{HostId, JobId, VolumeName};
use dockline_jobs::JobSpec;
use dockline_persistence::NewJob;

use super::list::{known, require_readable};
use crate::{
    ApiError, App,
    extract::{Body, Fields, Granted, PathHost, PathId, PathName},
    gate::Note,
    rest::{
        jobs::{accepted, asker},
        one_host::enabled,
        volumes::{require_reach, require_unused},
    },
};

/// Copies a volume into the backup folder, as a background job.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/volumes/{name}/backup", operation_id = "backup_volume", tag = "backups",
    params(("host" = String, Path, description = "The host's ID"), ("name" = String, Path, description = "The volume's name")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 403, description = "The volume reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such host or volume", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn backup_volume(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    PathName(volume): PathName<VolumeName>,
) -> Result<HttpResponse, ApiError> {
    let host = enabled(&app, &id).await?;
    require_reach(&host, &grant, &volume).await?;
    require_unused(&host, &grant, &volume, true).await?;
    let spec = JobSpec::VolumeBackup { host: id, volume, schedule: None, keep: None };
    accepted(&app, &note, NewJob { spec, asker: asker(grant.principal()), retry_of: None }).await
}

/// Unpacks a copy into a volume, as a background job. What it has replaces what has the same name; other files stay.
#[utoipa::path(post, path = "/api/v1/backups/{id}/restore", operation_id = "restore_backup", tag = "backups", request_body = RestoreBackup,
    params(("id" = String, Path, description = "The backup's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 403, description = "The volume reaches its host, or the backup's did", body = ErrorBody),
              (status = 404, description = "There is no such backup, host or volume", body = ErrorBody),
              (status = 409, description = "Containers use the volume; `details` names them", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn restore(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(id): PathId<JobId>,
    Body(wanted): Body<RestoreBackup>,
) -> Result<HttpResponse, ApiError> {
    let backup = known(&app, id).await?;
    // Restored into another volume, it could be read there.
    require_readable(&grant, &backup)?;
    let mut fields = Fields::default();
    let host = fields.check("host", wanted.host.map_or(Ok(backup.host), |host| host.parse::<HostId>()));
    let volume =
        fields.check("volume", wanted.volume.map_or(Ok(backup.volume), |name| name.parse::<VolumeName>()));
    let (Some(host), Some(volume)) = (host, volume) else { return Err(fields.into()) };
    note.detail("host", host.as_str());
    note.detail("volume", volume.as_str());
    note.detail("force", wanted.force);
    let known = enabled(&app, &host).await?;
    require_reach(&known, &grant, &volume).await?;
    require_unused(&known, &grant, &volume, wanted.force).await?;
    let spec = JobSpec::VolumeRestore { backup: id, host, volume, force: wanted.force };
    accepted(&app, &note, NewJob { spec, asker: asker(grant.principal()), retry_of: None }).await
}
