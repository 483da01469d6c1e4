use actix_web::{HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_docker::KillSignal;
use dockline_domain::{ContainerRef, HostId};
use dockline_telemetry::trace;
use serde::Deserialize;
use tracing::Instrument;
use utoipa::IntoParams;

use super::resolve::{Target, resolve};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathId, Select},
    gate::Note,
};

macro_rules! operation {
    ($(#[$doc:meta])* $name:ident, $path:literal, $operation:literal) => {
        $(#[$doc])*
        #[utoipa::path(post, path = $path, operation_id = $operation, tag = "containers",
            params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
            responses((status = 204, description = "Done"),
                      (status = 400, description = "Not a container ID", body = ErrorBody),
                      (status = 404, description = "There is no such container", body = ErrorBody),
                      (status = 409, description = "Not possible in its present state, or several have this ID", body = ErrorBody),
                      (status = 502, description = "The host's engine does not answer", body = ErrorBody),
                      (status = 504, description = "The host's engine took too long", body = ErrorBody)))]
        pub(crate) async fn $name(
            app: web::Data<App>,
            Granted(grant): Granted,
            note: Note,
            PathId(reference): PathId<ContainerRef>,
            Params(select): Params<Select>,
        ) -> Result<HttpResponse, ApiError> {
            let target = found(&app, &reference, select.host.as_ref(), &note).await?;
            target.host.engine.$name(&grant, &target.id).await.map_err(|error| target.failed(error))?;
            Ok(HttpResponse::NoContent().finish())
        }
    };
}

operation!(
    /// Starts a container; one that runs already is a success.
    start, "/api/v1/containers/{id}/start", "start_container"
);
operation!(
    /// Stops a container within its own grace period; one that is stopped already is a success.
    stop, "/api/v1/containers/{id}/stop", "stop_container"
);
operation!(
    /// Stops a container, then starts it.
    restart, "/api/v1/containers/{id}/restart", "restart_container"
);
operation!(
    /// Freezes a container's processes.
    pause, "/api/v1/containers/{id}/pause", "pause_container"
);
operation!(
    /// Lets frozen processes go on.
    unpause, "/api/v1/containers/{id}/unpause", "unpause_container"
);

/// How to kill.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Kill {
    /// `SIGKILL` (default), `SIGTERM`, `SIGINT`, `SIGHUP`, `SIGUSR1` or `SIGUSR2`.
    signal: Option<String>,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

/// Sends a signal to a container's main process.
#[utoipa::path(post, path = "/api/v1/containers/{id}/kill", operation_id = "kill_container", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Kill),
    responses((status = 204, description = "Sent"),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "It does not run, or several have this ID", body = ErrorBody),
              (status = 422, description = "Not a signal that may be sent", body = ErrorBody)))]
pub(crate) async fn kill(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathId(reference): PathId<ContainerRef>,
    Params(wanted): Params<Kill>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let signal = fields.check_optional("signal", wanted.signal.as_deref().map(str::parse::<KillSignal>));
    fields.finish()?;
    let signal = signal.unwrap_or_default();
    note.detail("signal", signal.as_str());
    let target = found(&app, &reference, wanted.host.as_ref(), &note).await?;
    target.host.engine.kill(&grant, &target.id, signal).await.map_err(|error| target.failed(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Resolves a container that is about to be changed, and names it in the audit log and for traces.
pub(super) async fn found(
    app: &App,
    reference: &ContainerRef,
    host: Option<&HostId>,
    note: &Note,
) -> Result<Target, ApiError> {
    let target = resolve(app, reference, host).await?;
    note.target(target.audit_name());
    note.detail("host", target.host.id.as_str());
    note_cause(app, &target).await;
    Ok(target)
}

/// Lets the events that come of this request go on with its trace. A store that does not answer costs the trace, and
/// nothing else.
async fn note_cause(app: &App, target: &Target) {
    if !trace::is_exporting() {
        return;
    }
    let span = tracing::info_span!("note cause", otel.kind = "producer", host = %target.host.id);
    let Some(parent) = trace::parent_of(&span) else { return };
    let noted = app.causes.note_cause(&target.host.id, &target.id, &parent).instrument(span).await;
    if let Err(error) = noted {
        tracing::debug!(%error, "the trace of this request ends here");
    }
}
