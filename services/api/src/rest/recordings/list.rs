use actix_web::web;
use dockline_contract::rest::{ErrorBody, Recording, RecordingPage};
use dockline_domain::{ExecId, HostId};
use dockline_persistence::{Error, OfContainer, RecordingFilter};
use serde::Deserialize;
use utoipa::IntoParams;

use super::record::record;
use crate::{
    ApiError, App,
    extract::{Fields, Params, PathId, filled},
    rest::cursor,
};

/// Which recordings are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRecordings {
    /// Of this person, by the name that they had then.
    user: Option<String>,
    /// Of this container: its ID or the begin of it (12 digits at least), or the name that it had then.
    container: Option<String>,
    /// At this host.
    host: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// Recordings of terminals, newest first. There are some where `DOCKLINE_RECORD_TERMINALS` wants them, and they are kept for
/// `DOCKLINE_RECORDINGS_DAYS`. Commands run by `POST /api/v1/containers/{id}/exec` are audited and not recorded.
#[utoipa::path(get, path = "/api/v1/recordings", operation_id = "list_recordings", tag = "recordings", params(ListRecordings),
    responses((status = 200, description = "A page of recordings", body = RecordingPage),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListRecordings>,
) -> Result<web::Json<RecordingPage>, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check_optional("host", filled(wanted.host.as_ref()).map(str::parse::<HostId>));
    let cursor::Wanted { limit, after: before } =
        cursor::wanted::<ExecId>(fields, wanted.limit, wanted.cursor.as_ref())?;
    let container = filled(wanted.container.as_ref()).map(|text| match text.parse() {
        Ok(reference) => OfContainer::Reference(reference),
        Err(_) => OfContainer::Name(text.to_owned()),
    });
    let username = filled(wanted.user.as_ref()).map(str::to_owned);
    let filter = RecordingFilter { username, container, host, before, limit };
    let page = app.database.recordings().search(&filter).await?;
    let items = page.recordings.into_iter().map(|one| record(&app.recorder, one));
    Ok(web::Json(RecordingPage { items: items.collect(), next_cursor: cursor::next(page.next) }))
}

/// One recording: who ran what where, and how it ended. Its cast shows it.
#[utoipa::path(get, path = "/api/v1/recordings/{id}", operation_id = "get_recording", tag = "recordings",
    params(("id" = String, Path, description = "The recording's ID")),
    responses((status = 200, description = "The recording", body = Recording),
              (status = 404, description = "There is no such recording", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathId(id): PathId<ExecId>,
) -> Result<web::Json<Recording>, ApiError> {
    let found = app.database.recordings().get(id).await?.ok_or(Error::NoSuchRecording)?;
    Ok(web::Json(record(&app.recorder, found)))
}
