use actix_web::{HttpRequest, HttpResponse, web};
use dockline_contract::{
    rest::{ErrorBody, FieldError},
    ws::ExecFrame,
};
use dockline_domain::{ContainerRef, ExecId, HostId, exec::TerminalSize};
use dockline_fanout::session::SeatOf;
use dockline_persistence::{Moment, Outcome};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

mod hearing;
mod pump;

use self::pump::Pump;
use super::upgrade::{connection, seat, verify};
use crate::{
    ApiError, App,
    exec::{Opening, described, must_reach_no_host, parse},
    extract::{Fields, Granted, Params, PathId},
    gate::entry_apart,
    rest::containers::resolve,
};

/// What is run, or which running program is attached to.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExecParams {
    /// The program, and once more for each argument: `cmd=ls&cmd=-l`. A shell of the container's by default: `bash`, else
    /// `sh`.
    #[serde(default)]
    cmd: Vec<String>,
    /// A user or `user:group`, by name or number; the container's own by default.
    user: Option<String>,
    /// The working folder, an absolute path; the container's own by default.
    workdir: Option<String>,
    /// With a terminal; true by default. Without one, stdout and stderr are told apart, and the input can end.
    tty: Option<bool>,
    /// The terminal's size: characters in a line, 1 to 1000.
    cols: Option<u16>,
    /// The terminal's size: lines, 1 to 1000.
    rows: Option<u16>,
    /// Attach again to the program that a `started` frame named; what it printed last comes first. Only at the same
    /// replica; closes with 4404 where it is not.
    session: Option<String>,
    /// Keep the program for 60 s when the connection is lost without a close frame. Without it, it is ended then, as after
    /// every close frame but one with the code 1001 (the page goes away), which keeps it.
    #[serde(default)]
    keep: bool,
    /// Settles an ID that exists on several hosts.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

impl ExecParams {
    fn size(&self) -> Option<TerminalSize> {
        let usual = TerminalSize::default();
        (self.cols.is_some() || self.rows.is_some())
            .then(|| TerminalSize::bounded(self.cols.unwrap_or(usual.cols), self.rows.unwrap_or(usual.rows)))
    }

    fn session(&self) -> Result<Option<ExecId>, ApiError> {
        self.session.as_deref().map(str::parse).transpose().map_err(
            |error: dockline_domain::ids::InvalidId| {
                ApiError::InvalidFields(vec![FieldError {
                    field: "session".to_owned(),
                    message: error.to_string(),
                }])
            },
        )
    }
}

/// A program in a container, with a terminal or without one. Its bytes go in binary frames, both ways.
#[utoipa::path(get, path = "/ws/containers/{id}/exec", tag = "sockets", params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), ExecParams),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or none for a container that reaches its host, or a foreign origin", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "The container does not run, or has no shell and no program was named", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody),
              (status = 503, description = "It must be recorded, and the recording cannot be begun", body = ErrorBody)))]
pub(crate) async fn serve(
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(params): Params<ExecParams>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    verify(&request)?;
    let mut fields = Fields::default();
    let mut spec =
        parse(&mut fields, params.cmd.clone(), params.user.as_ref(), ("workdir", params.workdir.as_ref()));
    fields.finish()?;
    spec.terminal = params.tty.unwrap_or(true).then(|| params.size().unwrap_or_default());
    let resumed = params.session()?;
    let target = resolve(&app, &reference, params.host.as_ref()).await?;

    let mut entry = entry_apart("container.exec.start", grant.principal(), &request);
    entry.target = Some(target.audit_name());
    let mut detail = described(&spec);
    detail.insert("host".to_owned(), target.host.id.as_str().into());
    entry.detail = Some(Value::Object(detail));
    if let Err(error) = must_reach_no_host(&grant, &target).await {
        if let (ApiError::HostEscape(ways), Some(Value::Object(detail))) = (&error, &mut entry.detail) {
            detail.insert("code".to_owned(), error.code().into());
            detail.insert("reasons".to_owned(), ways.as_slice().into());
            app.audit.record(entry, Outcome::Denied, Moment::now()).await?;
        }
        return Err(error);
    }

    let container = target.id.clone();
    let id = match resumed {
        Some(id) => id,
        None => {
            let wanted = app.recorder.wanted(&target).await?;
            let seat = seat(&app, SeatOf::User(grant.principal().user)).await?;
            app.terminals.open(Opening { grant: grant.clone(), target, spec, entry, wanted, seat }).await?
        }
    };
    let attachment = app.terminals.attach(id, grant.principal(), &container, params.keep).await;
    if let (Some(attachment), Some(size), true) = (&attachment, params.size(), resumed.is_some()) {
        attachment.size.send_replace(size);
    }
    let (response, session, messages) = actix_ws::handle(&request, payload)
        .map_err(|_| ApiError::Internal("a verified handshake was refused"))?;
    let control = app.sockets.add(grant.principal().clone(), connection(&request));
    let pump = Pump::new(session, control, app.sockets.clone());
    actix_web::rt::spawn(async move {
        match attachment {
            Some(attachment) => {
                let recorded = attachment.recorded;
                let started = ExecFrame::Started {
                    exec: id.to_string(),
                    resumed: resumed.is_some(),
                    recorded: recorded.output,
                    recorded_input: recorded.input,
                };
                pump.run(messages, attachment, started).await;
            }
            None => pump.refuse().await,
        }
    });
    Ok(response)
}
