use std::time::Duration;

use actix_web::{HttpResponse, web};
use bytes::BytesMut;
use dockline_contract::rest::{ErrorBody, ExecResult, RunExec};
use dockline_docker::{Exec, ExecInput, ExecOutput, ExecSpec};
use dockline_domain::{ContainerRef, access::Grant, ids::InvalidId, log::Stream};
use futures::StreamExt;
use tokio::{io::AsyncWriteExt, time::timeout};

use super::operate::found;
use crate::{
    ApiError, App,
    exec::{Why, described, must_reach_no_host, parse},
    extract::{Body, Fields, Granted, Params, PathId, Select},
    gate::{HungUp, Note},
    rest::containers::Target,
};

/// How long a program may take where nothing is said.
const USUAL_TIME: u32 = 60;
/// The longest that may be said, in seconds.
const MAX_TIME: u32 = 300;
/// What is kept of each output, in bytes.
const MAX_OUTPUT: usize = 1 << 20;

/// Runs a program in a container and waits for its end. It is killed when it takes too long, and when the caller hangs up.
#[utoipa::path(post, path = "/api/v1/containers/{id}/exec", operation_id = "run_in_container", tag = "containers", request_body = RunExec,
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), Select),
    responses((status = 200, description = "What it printed, and how it ended", body = ExecResult),
              (status = 403, description = "No permission, or none for a container that reaches its host", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "The container does not run, or several have this ID", body = ErrorBody),
              (status = 422, description = "Some fields are wrong", body = ErrorBody)))]
pub(crate) async fn exec(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    hung_up: HungUp,
    PathId(reference): PathId<ContainerRef>,
    Params(select): Params<Select>,
    Body(wanted): Body<RunExec>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let time = wanted.timeout_seconds.unwrap_or(USUAL_TIME);
    let rule = InvalidId { what: "a time", rule: "1 to 300 seconds" };
    fields.check("timeout_seconds", (1..=MAX_TIME).contains(&time).then_some(()).ok_or(rule));
    let rule = InvalidId { what: "a command", rule: "a program and its arguments" };
    fields.check("cmd", (!wanted.cmd.is_empty()).then_some(()).ok_or(rule));
    let working_dir = ("working_dir", wanted.working_dir.as_ref());
    let spec = parse(&mut fields, wanted.cmd, wanted.user.as_ref(), working_dir);
    fields.finish()?;
    for (name, value) in described(&spec) {
        note.detail(&name, value);
    }
    let target = found(&app, &reference, select.host.as_ref(), &note).await?;
    if let Err(error) = must_reach_no_host(&grant, &target).await {
        if let ApiError::HostEscape(ways) = &error {
            note.detail("reasons", ways.as_slice());
        }
        return Err(error);
    }
    let run = Run { grant, target, spec, stdin: wanted.stdin.unwrap_or_default() };
    let (why, result) = run.until_its_end(&app, Duration::from_secs(time.into()), &hung_up).await?;
    note.detail("ended", why.as_str());
    if let Some(code) = result.exit_code {
        note.detail("exit_code", code);
    }
    match why {
        Why::Revoked => Err(ApiError::Unauthenticated),
        _ => Ok(HttpResponse::Ok().json(result)),
    }
}

/// A program that is to be run to its end.
pub(super) struct Run {
    pub(super) grant: Grant,
    pub(super) target: Target,
    pub(super) spec: ExecSpec,
    pub(super) stdin: String,
}

impl Run {
    /// Runs it, and ends it when it takes too long, when the caller hangs up or loses the right, and when this process ends.
    pub(super) async fn until_its_end(
        self,
        app: &App,
        time: Duration,
        hung_up: &HungUp,
    ) -> Result<(Why, ExecResult), ApiError> {
        let Self { grant, target, spec, stdin } = self;
        // Whoever loses the right, or this process when it ends, ends the program as well.
        let control = app.sockets.add(grant.principal().clone(), None);
        let started = target.host.engine.exec(&grant, &target.id, &spec).await;
        let Exec { mut input, output, process } = started.map_err(|error| target.failed(error))?;
        let mut printed = Printed::default();
        let over = tokio::select! {
            read = timeout(time, printed.read(&mut input, stdin, output)) => match read {
                Ok(Ok(())) => Ok(Why::Exited),
                Ok(Err(error)) => Err(target.failed(error)),
                Err(_) => Ok(Why::TimedOut),
            },
            (code, _) = control.closed() => Ok(Why::of(code)),
            () = hung_up.wait() => Ok(Why::ClientLeft),
        };
        let exit_code = match over {
            Ok(Why::Exited) => Some(process.exit_code().await.map_err(|error| target.failed(error))?),
            _ => {
                let ended = process.end(input).await;
                tracing::debug!(?ended, container = target.id.short(), "a program was ended");
                None
            }
        };
        let why = over?;
        Ok((why, printed.result(exit_code, why == Why::TimedOut)))
    }
}

/// What a program has printed.
#[derive(Default)]
struct Printed {
    stdout: BytesMut,
    stderr: BytesMut,
    truncated: bool,
}

impl Printed {
    /// Reads to the end, and keeps as much as there is room for; gives the program its input meanwhile.
    async fn read(
        &mut self,
        input: &mut ExecInput,
        stdin: String,
        mut output: ExecOutput,
    ) -> Result<(), dockline_docker::Error> {
        let typing = async {
            let typed = async {
                input.write_all(stdin.as_bytes()).await?;
                input.shutdown().await
            };
            if let Err(error) = typed.await {
                tracing::debug!(%error, "a program did not read all that it was given");
            }
        };
        let reading = async {
            while let Some(piece) = output.next().await {
                let piece = piece?;
                let kept = if piece.stream == Stream::Stderr { &mut self.stderr } else { &mut self.stdout };
                let room = piece.bytes.len().min(MAX_OUTPUT - kept.len());
                kept.extend_from_slice(&piece.bytes[..room]);
                self.truncated |= room < piece.bytes.len();
            }
            Ok(())
        };
        tokio::pin!(typing, reading);
        tokio::select! {
            read = &mut reading => read,
            () = &mut typing => reading.await,
        }
    }

    fn result(self, exit_code: Option<i64>, timed_out: bool) -> ExecResult {
        let text = |bytes: &BytesMut| String::from_utf8_lossy(bytes).into_owned();
        ExecResult {
            exit_code,
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
            truncated: self.truncated,
            timed_out,
        }
    }
}
