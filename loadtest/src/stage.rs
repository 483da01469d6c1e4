//! What every benchmark starts from: an engine, and the real program on it with its first user signed in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dockline_testkit::{DocklineCommand, DocklineProcess, TestEngine, engines};
use serde_json::{Value, json};

use crate::proc_meter;
use crate::viewer::Door;

/// More than any benchmark opens.
pub(crate) const SOCKETS: &str = "100000";

/// What is measured, on what, and for how long.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// The engine.
    pub(crate) engine: TestEngine,
    /// The `dockline` program.
    pub(crate) program: PathBuf,
    /// How long each measurement takes.
    pub(crate) window: Duration,
}

impl Stage {
    /// The engine of this version, or the newest there is.
    pub(crate) fn new(program: Option<PathBuf>, version: Option<&str>, window: Duration) -> Result<Self> {
        if std::env::var_os("DOCKLINE_TEST_ENGINES").is_none_or(|value| value.is_empty()) {
            bail!("no Docker engine to measure on: run `eval \"$(deploy/engines/up)\"` first");
        }
        let engine =
            engines().into_iter().rev().find(|engine| version.is_none_or(|wanted| engine.version == wanted));
        let engine =
            engine.with_context(|| format!("no test engine has the version {}", version.unwrap_or("any")))?;
        let program = program.map_or_else(sibling, Ok)?;
        if !program.is_file() {
            bail!(
                "{} is not there: run `cargo build --release -p dockline` first, or name the program with --dockline",
                program.display()
            );
        }
        Ok(Self { engine, program, window })
    }

    /// How to start the program on the engine.
    pub(crate) fn command(&self) -> DocklineCommand {
        DocklineCommand::new(&self.program)
            .docker_host(&self.engine.host)
            .env("DOCKLINE_SOCKETS_PER_USER", SOCKETS)
            .env("DOCKLINE_VIEWERS_PER_CONTAINER", SOCKETS)
    }

    /// Starts the program and makes its first user.
    pub(crate) async fn open(&self) -> Result<Open> {
        self.open_with(&[]).await
    }

    /// As [`Self::open`], with these settings.
    pub(crate) async fn open_with(&self, settings: &[(&str, &str)]) -> Result<Open> {
        let command =
            settings.iter().fold(self.command(), |command, (name, value)| command.env(*name, *value));
        let process = command.start().await?;
        let token = set_up(&process).await?;
        let door = Door { address: process.address().to_owned(), token };
        Ok(Open { pid: process.pid().context("dockline has ended")?, door, process })
    }

    /// The engine's process, which its pidfile beside the socket tells.
    pub(crate) fn engine_pid(&self) -> Result<u32> {
        let path = self.engine.socket().with_file_name("docker.pid");
        let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        text.trim().parse().with_context(|| format!("{} holds {text:?}", path.display()))
    }

    /// The CPU seconds that the engine has used.
    pub(crate) fn engine_cpu(&self) -> Result<f64> {
        proc_meter::cpu_seconds(self.engine_pid()?)
    }
}

/// The running program.
#[derive(Debug)]
pub(crate) struct Open {
    /// Its process ID.
    pub(crate) pid: u32,
    /// Where viewers come in.
    pub(crate) door: Door,
    process: DocklineProcess,
}

impl Open {
    /// The CPU seconds that it has used.
    pub(crate) fn cpu(&self) -> Result<f64> {
        proc_meter::cpu_seconds(self.pid)
    }

    /// Its memory, in bytes.
    pub(crate) fn resident(&self) -> Result<f64> {
        proc_meter::resident_bytes(self.pid)
    }

    /// Ends it in good order.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.process.terminate().await.map(drop)
    }
}

pub(crate) async fn set_up(process: &DocklineProcess) -> Result<String> {
    let token = process.setup_token().await?;
    let body = json!({"token": token, "username": "bench", "password": "correct horse battery staple"});
    let answer = reqwest::Client::new().post(process.url("/api/v1/setup")).json(&body).send().await?;
    let status = answer.status();
    let body: Value = answer.json().await.with_context(|| format!("the set-up answered {status}"))?;
    let token =
        body["access_token"].as_str().with_context(|| format!("the set-up answered {status}: {body}"))?;
    Ok(token.to_owned())
}

/// The program that cargo put beside this one.
pub(crate) fn sibling() -> Result<PathBuf> {
    let own = std::env::current_exe().context("find this program's own path")?;
    Ok(own.parent().unwrap_or(Path::new(".")).join("dockline"))
}
