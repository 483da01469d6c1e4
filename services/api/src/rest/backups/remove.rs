use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_domain::JobId;

use super::list::{folder, known, unreadable};
use crate::{ApiError, App, extract::PathId, gate::Note};

/// Removes a copy of a volume.
#[utoipa::path(delete, path = "/api/v1/backups/{id}", operation_id = "remove_backup", tag = "backups",
    params(("id" = String, Path, description = "The backup's ID")),
    responses((status = 204, description = "Removed"),
              (status = 404, description = "There is no such backup", body = ErrorBody),
              (status = 409, description = "This replica has no backup folder", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<JobId>,
) -> Result<HttpResponse, ApiError> {
    let backup = known(&app, id).await?;
    note.detail("host", backup.host.as_str());
    note.detail("volume", backup.volume.as_str());
    // The file first: a note without a file says so, a file without a note would stay for ever.
    folder(&app)?.remove(id).await.map_err(|error| unreadable(&error))?;
    app.backups.remove(id).await?;
    Ok(HttpResponse::NoContent().finish())
}
