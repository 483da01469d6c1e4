use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_domain::ExecId;
use dockline_persistence::Error;

use super::cast::tell_of;
use crate::{ApiError, App, extract::PathId, gate::Note};

/// Deletes a recording for good.
#[utoipa::path(delete, path = "/api/v1/recordings/{id}", operation_id = "delete_recording", tag = "recordings",
    params(("id" = String, Path, description = "The recording's ID")),
    responses((status = 204, description = "It is gone"),
              (status = 404, description = "There is no such recording", body = ErrorBody),
              (status = 409, description = "It is being written", body = ErrorBody)))]
pub(crate) async fn remove(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<ExecId>,
) -> Result<HttpResponse, ApiError> {
    let recordings = app.database.recordings();
    let found = recordings.get(id).await?.ok_or(Error::NoSuchRecording)?;
    tell_of(&note, &found);
    recordings.remove(id).await?;
    Ok(HttpResponse::NoContent().finish())
}
