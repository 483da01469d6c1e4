use std::time::Duration;

use async_trait::async_trait;
use bollard::exec::ResizeExecOptions;
use dockline_domain::exec::TerminalSize;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, sleep, timeout},
};

use super::{Ended, ExecInput, ExecProcess, guard::Guard};
use crate::{DockerEngine, Error, Result, real::QUICK};

/// How long an engine may take to notice that a program has ended, after its output has.
const NOTICE: Duration = Duration::from_secs(5);
/// How long a program that did not come to run may take to be noticed as such.
const NOT_STARTED: Duration = Duration::from_secs(2);
/// How long a program without a guard may take to end by itself.
const BY_ITSELF: Duration = Duration::from_secs(3);
/// The exit codes of programs that did not come to run.
const NEVER_RAN: [i64; 2] = [126, 127];
/// `^C`, `^\` and `^D`: what ends a program at a terminal, if it listens.
const END_KEYS: &[u8] = b"\x03\x1c\x04";

/// A program in a container of a real engine.
#[derive(Debug)]
pub(super) struct Process {
    engine: DockerEngine,
    /// What the engine calls it.
    exec: String,
    has_terminal: bool,
    guard: Option<Guard>,
}

impl Process {
    pub(super) const fn new(engine: DockerEngine, exec: String, has_terminal: bool) -> Self {
        Self { engine, exec, has_terminal, guard: None }
    }

    pub(super) fn guarded_by(self, guard: Guard) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Whether the program has ended already, and never ran.
    pub(super) async fn has_not_started(&self) -> Result<bool> {
        Ok(self.code_within(NOT_STARTED).await?.is_some_and(|code| NEVER_RAN.contains(&code)))
    }

    async fn code_within(&self, limit: Duration) -> Result<Option<i64>> {
        self.engine.exit_code_by(&self.exec, Instant::now() + limit).await
    }

    /// Asks it to end as somebody at its keyboard would: there is nobody in the container who could do more.
    async fn ask_to_end(&self, mut input: ExecInput) {
        let asked = async {
            if self.has_terminal {
                input.write_all(END_KEYS).await?;
            }
            input.shutdown().await
        };
        // A program that reads nothing takes no key either.
        let _asked = timeout(Duration::from_secs(1), asked).await;
    }
}

impl DockerEngine {
    /// The exit code of what this engine runs by this name; `None` when it still runs at this time.
    pub(super) async fn exit_code_by(&self, exec: &str, until: Instant) -> Result<Option<i64>> {
        let mut pause = Duration::from_millis(10);
        loop {
            let asked = self.docker()?.inspect_exec(exec);
            let state = self.call("tell how the program ended", QUICK, asked).await?;
            if state.running != Some(true)
                && let Some(code) = state.exit_code
            {
                return Ok(Some(code));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            // An engine does not tell by itself.
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
    }
}

#[async_trait]
impl ExecProcess for Process {
    async fn resize(&self, TerminalSize { cols, rows }: TerminalSize) -> Result<()> {
        if !self.has_terminal {
            return Ok(());
        }
        let options = ResizeExecOptions { height: rows, width: cols };
        let asked = self.engine.docker()?.resize_exec(&self.exec, options);
        match self.engine.call("resize the terminal", QUICK, asked).await {
            // Engines differ in what they say about a program that has ended, down to a 500.
            Err(Error::NotFound | Error::Conflict { .. } | Error::Engine { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn exit_code(&self) -> Result<i64> {
        let operation = "tell how the program ended";
        self.code_within(NOTICE).await?.ok_or(Error::TimedOut { operation })
    }

    async fn end(&self, input: ExecInput) -> Result<Ended> {
        let (limit, verdict) = match &self.guard {
            Some(guard) => {
                // Open until the guard is done: a program that reads the end of its input might go on to do something.
                let verdict = guard.end().await;
                drop(input);
                (NOTICE, verdict)
            }
            None => {
                self.ask_to_end(input).await;
                (BY_ITSELF, Ended::Gone)
            }
        };
        match self.code_within(limit).await {
            Ok(Some(_)) => Ok(verdict),
            Ok(None) => Ok(Ended::Left),
            // The container is gone, and everything in it.
            Err(Error::NotFound) => Ok(Ended::Gone),
            Err(error) => Err(error),
        }
    }
}
