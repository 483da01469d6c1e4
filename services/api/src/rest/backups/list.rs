use std::io;

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{BackupPage, BackupRecord, ErrorBody, JobAsker};
use dockline_domain::{
    HostId, JobId, ScheduleId, VolumeName,
    access::{Grant, Permission},
};
use dockline_persistence::{Backup, BackupFilter, BackupFolder, Moment};
use futures::StreamExt;
use serde::Deserialize;
use tokio_util::io::ReaderStream;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathId, filled},
    rest::{containers::tar_answer, cursor},
};

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// Which backups.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListBackups {
    /// Of a volume on this host.
    host: Option<String>,
    /// Of a volume of this name.
    volume: Option<String>,
    /// Made by this schedule.
    schedule: Option<String>,
    /// At most so many, up to 500.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Copies of volumes, newest first.
#[utoipa::path(get, path = "/api/v1/backups", operation_id = "list_backups", tag = "backups", params(ListBackups),
    responses((status = 200, description = "A page of backups", body = BackupPage),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListBackups>,
) -> Result<web::Json<BackupPage>, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check_optional("host", filled(wanted.host.as_ref()).map(str::parse::<HostId>));
    let volume = filled(wanted.volume.as_ref()).map(str::parse::<VolumeName>);
    let volume = fields.check_optional("volume", volume);
    let schedule = filled(wanted.schedule.as_ref()).map(str::parse::<ScheduleId>);
    let schedule = fields.check_optional("schedule", schedule);
    let page = cursor::wanted::<JobId>(fields, wanted.limit, wanted.cursor.as_ref())?;
    let filter = BackupFilter { host, volume, schedule, before: page.after, limit: page.limit };
    let found = app.backups.search(&filter).await?;
    Ok(web::Json(BackupPage {
        items: found.backups.iter().map(record).collect(),
        next_cursor: cursor::next(found.next),
    }))
}

/// One copy of a volume.
#[utoipa::path(get, path = "/api/v1/backups/{id}", operation_id = "get_backup", tag = "backups",
    params(("id" = String, Path, description = "The backup's ID")),
    responses((status = 200, description = "The backup", body = BackupRecord),
              (status = 404, description = "There is no such backup", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<JobId>,
) -> Result<web::Json<BackupRecord>, ApiError> {
    Ok(web::Json(record(&known(&app, id).await?)))
}

/// A copy of a volume as a tar. Streamed: any size takes the same memory. One of a volume that reached its host needs
/// `host.escape`.
#[utoipa::path(get, path = "/api/v1/backups/{id}/content", operation_id = "download_backup", tag = "backups",
    params(("id" = String, Path, description = "The backup's ID")),
    responses((status = 200, description = "The tar", content((String = "application/x-tar"))),
              (status = 403, description = "The volume reached its host", body = ErrorBody),
              (status = 404, description = "There is no such backup", body = ErrorBody),
              (status = 409, description = "Its file is not in this replica's folder", body = ErrorBody)))]
pub(crate) async fn content(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathId(id): PathId<JobId>,
) -> Result<HttpResponse, ApiError> {
    let backup = known(&app, id).await?;
    require_readable(&grant, &backup)?;
    let file = folder(&app)?.open(id).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            ApiError::BackupUnavailable("its file is not in this replica's backup folder")
        }
        _ => unreadable(&error),
    })?;
    let content = ReaderStream::with_capacity(file, PIECE).boxed();
    Ok(tar_answer(&format!("{}-{}", backup.volume, &Moment(backup.created_at).to_string()[..10]), content))
}

/// A backup that is known.
pub(super) async fn known(app: &App, id: JobId) -> Result<Backup, ApiError> {
    app.backups.get(id).await?.ok_or(ApiError::BackupNotFound)
}

/// Refuses what is in a backup to those who might not look into its volume.
pub(super) fn require_readable(grant: &Grant, backup: &Backup) -> Result<(), ApiError> {
    match &backup.reaches {
        Some(access) if !grant.also(Permission::HostEscape) => {
            Err(ApiError::HostEscape(vec![access.clone()]))
        }
        _ => Ok(()),
    }
}

/// Where the files are.
pub(super) fn folder(app: &App) -> Result<&BackupFolder, ApiError> {
    let folder = app.config.backup_folder.as_ref();
    folder.ok_or(ApiError::BackupUnavailable("this replica has no backup folder: set DOCKLINE_BACKUP_DIR"))
}

pub(super) fn unreadable(error: &io::Error) -> ApiError {
    tracing::error!(%error, "the backup folder cannot be used");
    ApiError::Internal("the backup folder cannot be used")
}

fn record(from: &Backup) -> BackupRecord {
    BackupRecord {
        id: from.id.to_string(),
        host: from.host.to_string(),
        volume: from.volume.to_string(),
        bytes: from.bytes,
        sha256: from.sha256.clone(),
        created_at: Moment(from.created_at).to_string(),
        schedule: from.schedule.map(|id| id.to_string()),
        created_by: JobAsker { id: from.creator.to_string(), name: from.creator_name.clone() },
        reaches: from.reaches.clone(),
    }
}
