use async_trait::async_trait;
use bollard::models::{ExecConfig, ExecStartConfig};
use bytes::Bytes;
use dockline_domain::{ContainerId, access::Grant};
use http_body_util::Full;
use hyper::{
    Method, Request, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue, UPGRADE},
};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::{
    Exec, ExecInput, ExecOutput, ExecSpec, Execs,
    guard::Guard,
    mark::{self, Beginning},
    output::output,
    process::Process,
};
use crate::{
    DockerEngine, Error, Result,
    decode::Framing,
    http,
    real::{QUICK, SLOW},
};

const OPERATION: &str = "start the program";

/// A terminal as browsers have one: colours, and not the least that there is.
const TERMINAL: &str = "TERM=xterm-256color";

/// A program that an engine has started, or tries to.
pub(super) struct Attached {
    /// What the engine calls it.
    pub(super) exec: String,
    pub(super) input: ExecInput,
    pub(super) output: ExecOutput,
    /// Cancelled when the output has come to its end.
    pub(super) over: CancellationToken,
}

impl DockerEngine {
    /// Starts a program and attaches to it, input and outputs.
    ///
    /// Not by bollard, which guesses from the first byte how the output is framed and joins its input to what goes out.
    pub(super) async fn attach(&self, id: &ContainerId, config: ExecConfig) -> Result<Attached> {
        let framing = if config.tty == Some(true) { Framing::Raw } else { Framing::Multiplexed };
        let start = ExecStartConfig {
            detach: Some(false),
            tty: config.tty,
            console_size: config.console_size.clone(),
        };
        let created = self.call(OPERATION, QUICK, self.docker()?.create_exec(id.as_str(), config)).await?;
        let request = start_request(&created.id, &start)?;
        let answer = timeout(SLOW, self.client.send(request))
            .await
            .map_err(|_| Error::TimedOut { operation: OPERATION })?
            .map_err(|failure| self.client.error(OPERATION, failure))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(http::refusal(answer, OPERATION).await);
        }
        let upgraded = hyper::upgrade::on(answer).await.map_err(|error| self.client.unreachable(&error))?;
        let (reader, writer) = tokio::io::split(TokioIo::new(upgraded));
        let over = CancellationToken::new();
        let output = output(self.client.clone(), reader, framing, over.clone());
        Ok(Attached { exec: created.id, input: Box::new(writer), output, over })
    }
}

fn start_request(exec: &str, start: &ExecStartConfig) -> Result<Request<Full<Bytes>>> {
    let body = serde_json::to_vec(start).map_err(|error| failed(&error))?;
    Request::builder()
        .method(Method::POST)
        .uri(format!("/exec/{exec}/start"))
        .header(CONNECTION, HeaderValue::from_static("Upgrade"))
        .header(UPGRADE, HeaderValue::from_static("tcp"))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .body(Full::new(body.into()))
        .map_err(|error| failed(&error))
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    Error::Engine { operation: OPERATION, message: error.to_string() }
}

fn config(spec: &ExecSpec, words: Vec<String>) -> ExecConfig {
    ExecConfig {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        // Engines before API 1.42 do not know the size and begin with another one; they are told right after the start.
        console_size: spec.terminal.map(|size| vec![size.rows.into(), size.cols.into()]),
        tty: Some(spec.terminal.is_some()),
        env: spec.terminal.map(|_| vec![TERMINAL.to_owned()]),
        cmd: Some(words),
        user: spec.user.as_ref().map(|user| user.as_str().to_owned()),
        working_dir: spec.working_dir.as_ref().map(|path| path.as_str().to_owned()),
        ..ExecConfig::default()
    }
}

#[async_trait]
impl Execs for DockerEngine {
    async fn exec(&self, _grant: &Grant, id: &ContainerId, spec: &ExecSpec) -> Result<Exec> {
        let words = spec.command.as_ref().map_or(&[][..], |command| command.words());
        let Attached { exec, input, output, over } =
            self.attach(id, config(spec, mark::marked(words))).await?;
        let process = Process::new(self.clone(), exec, spec.terminal.is_some());
        let (process, output) = match mark::begin(output).await? {
            Beginning::Marked(number, output) => {
                let guard = Guard::start(self.clone(), id.clone(), spec, number, over);
                (process.guarded_by(guard), output)
            }
            // Nothing is run twice: the engine says that nothing ran.
            Beginning::Refused if process.has_not_started().await? => {
                return self.exec_without_shell(id, spec).await;
            }
            Beginning::Refused => return Err(failed(&"it did not say how the shell ended")),
            Beginning::Unmarked(output) => (process, output),
        };
        if let Some(size) = spec.terminal {
            super::ExecProcess::resize(&process, size).await?;
        }
        Ok(Exec { input, output, process: Box::new(process) })
    }
}

impl DockerEngine {
    /// A container without a shell: the program is started as it is, and nothing can guard it.
    async fn exec_without_shell(&self, id: &ContainerId, spec: &ExecSpec) -> Result<Exec> {
        let Some(command) = &spec.command else {
            let message = "this container has no shell; name the program that is to be run".to_owned();
            return Err(Error::Conflict { message });
        };
        let attached = self.attach(id, config(spec, command.words().to_vec())).await?;
        let process = Process::new(self.clone(), attached.exec, spec.terminal.is_some());
        Ok(Exec { input: attached.input, output: attached.output, process: Box::new(process) })
    }
}
