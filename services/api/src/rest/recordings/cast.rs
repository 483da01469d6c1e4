use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web,
};
use bytes::Bytes;
use dockline_contract::rest::{self, ErrorBody, RecordingState};
use dockline_domain::ExecId;
use dockline_persistence::{Error, Recording};
use futures::{StreamExt, TryStreamExt, stream};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::record::record;
use crate::{ApiError, App, extract::PathId, gate::Note};

/// What was shown at a terminal, to be played: an asciicast, version 2. Output and sizes are in it, and what was typed if
/// the recording's `input` says so. Bytes that are no UTF-8 are replaced. Of one that is being written, what there is.
/// Who watches what is in the audit log.
#[utoipa::path(get, path = "/api/v1/recordings/{id}/cast", operation_id = "watch_recording", tag = "recordings",
    params(("id" = String, Path, description = "The recording's ID")),
    responses((status = 200, description = "The cast", content((String = "application/x-asciicast"))),
              (status = 404, description = "There is no such recording", body = ErrorBody),
              (status = 409, description = "It was sealed under another secret key, or a part of it is missing", body = ErrorBody)))]
pub(crate) async fn watch(
    app: web::Data<App>,
    note: Note,
    PathId(id): PathId<ExecId>,
) -> Result<HttpResponse, ApiError> {
    let found = app.database.recordings().get(id).await?.ok_or(Error::NoSuchRecording)?;
    tell_of(&note, &found);
    let header = header(found.started_at, record(&app.recorder, found));
    // The first part is awaited, so that a recording that cannot be read is an error and not an empty file.
    let first = part(&app, id, 0).await?;
    let rest = first.as_ref().map(|(_, next)| *next);
    let lines = stream::try_unfold(rest, move |next| {
        let app = app.clone();
        async move {
            let Some(next) = next else { return Ok::<_, ApiError>(None) };
            Ok(part(&app, id, next).await?.map(|(lines, next)| (lines, Some(next))))
        }
    });
    let first = stream::iter(first.map(|(lines, _)| Ok(lines)));
    let parts = stream::iter([Ok(header)]).chain(first).chain(lines).inspect_err(move |error| {
        tracing::warn!(recording = %id, causes = error.causes(), "the download of a recording was cut off");
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-asciicast"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.cast\"")))
        .streaming(parts))
}

/// Notes for the audit log whose recording it is.
pub(super) fn tell_of(note: &Note, recording: &Recording) {
    note.detail("user", recording.username.as_str());
    note.detail("host", recording.host.as_str());
    note.detail("container", recording.container.as_str());
}

/// Lines of some pieces from the `first` on, and where the next ones begin; `None` at the end.
async fn part(app: &App, id: ExecId, first: u32) -> Result<Option<(Bytes, u32)>, ApiError> {
    let (mut lines, mut next) = (Vec::new(), first);
    for (number, sealed) in app.database.recordings().pieces(id, first).await? {
        // One is missing: without it, what was shown would be told wrongly.
        if number != next {
            return Err(ApiError::RecordingUnreadable);
        }
        let opened = app.recorder.lines(id, number, &sealed)?;
        lines.extend_from_slice(opened.expose_secret().as_bytes());
        next = number + 1;
    }
    Ok((next > first).then(|| (lines.into(), next)))
}

/// The first line.
fn header(began: i64, shown: rest::Recording) -> Bytes {
    let mut header = Map::new();
    header.insert("version".to_owned(), 2.into());
    header.insert("width".to_owned(), shown.cols.into());
    header.insert("height".to_owned(), shown.rows.into());
    header.insert("timestamp".to_owned(), (began / 1_000_000).into());
    if shown.state != RecordingState::Recording {
        header.insert("duration".to_owned(), shown.seconds.into());
    }
    if let Some(words) = shown.command {
        header.insert("command".to_owned(), words.join(" ").into());
    }
    let title = format!("{} in {} at {}", shown.user.name, shown.container_name, shown.host);
    header.insert("title".to_owned(), title.into());
    if shown.terminal {
        header.insert("env".to_owned(), json!({ "TERM": "xterm-256color" }));
    }
    format!("{}\n", Value::Object(header)).into()
}
