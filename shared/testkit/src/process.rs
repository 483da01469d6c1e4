//! The real `dockline` program as a child process.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::{eventually::eventually, faults::Node};

/// Until requests are served.
const START_DEADLINE: Duration = Duration::from_secs(20);
/// For a clean drain after SIGTERM.
const STOP_DEADLINE: Duration = Duration::from_secs(30);
const READY: &str = "dockline ready on http://";
const SETUP: &str = "set up the first administrator: ";

/// How to start it: a port that the system picks and a data folder of its own, whatever the surroundings say.
#[derive(Clone, Debug)]
pub struct DocklineCommand {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    data_dir: Option<PathBuf>,
    namespace: Option<String>,
}

impl DocklineCommand {
    /// This program, such as `env!("CARGO_BIN_EXE_dockline")`.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), args: Vec::new(), env: Vec::new(), data_dir: None, namespace: None }
    }

    /// The program that `DOCKLINE_BIN` names.
    pub fn from_env() -> Result<Self> {
        let program = std::env::var_os("DOCKLINE_BIN")
            .ok_or_else(|| anyhow!("DOCKLINE_BIN is not set: it names the dockline program to test"))?;
        Ok(Self::new(program))
    }

    /// Of another program, with the same arguments and settings.
    #[must_use]
    pub fn program(self, program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), ..self }
    }

    /// With a further argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// With a setting in the environment; the last one of a name counts.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// On this Docker engine, in the form of `DOCKER_HOST`.
    #[must_use]
    pub fn docker_host(self, host: &str) -> Self {
        self.env("DOCKER_HOST", host)
    }

    /// With a data folder that outlives the process, to start again on.
    #[must_use]
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(folder.into());
        self
    }

    /// On a node of a network, where it serves on the node's own address.
    #[must_use]
    pub fn on_node(mut self, node: &Node) -> Self {
        self.namespace = Some(node.namespace().to_owned());
        self.env("DOCKLINE_LISTEN", format!("{}:0", node.address()))
    }

    /// Starts it and waits until it serves; what it printed is in the error when it does not.
    pub async fn start(&self) -> Result<DocklineProcess> {
        let mut process = self.spawn()?;
        let ready = timeout(START_DEADLINE, process.until_ready()).await;
        match ready {
            Ok(Ok(address)) => {
                process.address = address;
                Ok(process)
            }
            Ok(Err(error)) => Err(error),
            Err(_elapsed) => {
                Err(anyhow!("dockline was not ready within {START_DEADLINE:?}: {}", process.printed()))
            }
        }
    }

    /// Runs it to its end, as for a wrong setting that must stop it.
    pub async fn run_to_end(&self) -> Result<Ended> {
        let mut process = self.spawn()?;
        let status = process.wait(START_DEADLINE).await?;
        Ok(Ended { status, stdout: process.stdout(), stderr: process.stderr() })
    }

    fn spawn(&self) -> Result<DocklineProcess> {
        let (data_dir, own_folder) = match &self.data_dir {
            Some(given) => (given.clone(), None),
            None => {
                let own =
                    tempfile::Builder::new().prefix("dockline").tempdir().context("make a data folder")?;
                (own.path().to_owned(), Some(own))
            }
        };
        let mut command = match &self.namespace {
            None => Command::new(&self.program),
            Some(namespace) => {
                // It executes the program in its own place, so the process id is the program's.
                let mut command = Command::new("nsenter");
                command.arg(format!("--net=/run/netns/{namespace}")).arg(&self.program);
                command
            }
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DOCKLINE_") && name != "DOCKLINE_TEST_RUN" {
                command.env_remove(name);
            }
        }
        command
            .args(&self.args)
            .env_remove("DOCKER_HOST")
            .env("DOCKLINE_LISTEN", "127.0.0.1:0")
            .env("DOCKLINE_DATA_DIR", &data_dir)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("start {}", self.program.display()))?;
        let stdout = Printed::default();
        let stderr = Printed::default();
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(keep(pipe, stdout.clone()))),
            child.stderr.take().map(|pipe| tokio::spawn(keep(pipe, stderr.clone()))),
        ];
        let readers = readers.into_iter().flatten().collect();
        Ok(DocklineProcess {
            child,
            address: String::new(),
            stdout,
            stderr,
            readers,
            data_dir,
            _own_folder: own_folder,
        })
    }
}

/// A program that came to its end by itself.
#[derive(Clone, Debug)]
pub struct Ended {
    /// With which status.
    pub status: ExitStatus,
    /// All it printed on standard output.
    pub stdout: String,
    /// All it printed on standard error.
    pub stderr: String,
}

/// A running `dockline`; killed when dropped.
#[derive(Debug)]
pub struct DocklineProcess {
    child: Child,
    address: String,
    stdout: Printed,
    stderr: Printed,
    readers: Vec<JoinHandle<()>>,
    data_dir: PathBuf,
    // Dropped last: the process is gone by then.
    _own_folder: Option<tempfile::TempDir>,
}

impl DocklineProcess {
    /// Where it serves: `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a path that begins with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The WebSocket URL of a path that begins with `/`.
    pub fn ws_url(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address)
    }

    /// Its data folder.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The token of the set-up line, which a first run prints.
    pub async fn setup_token(&self) -> Result<String> {
        eventually(Duration::from_secs(5), || async {
            let printed = self.stdout();
            let line = printed.lines().find(|line| line.starts_with(SETUP));
            let token =
                line.and_then(|line| line.split_once("token=")).map(|(_, token)| token.trim().to_owned());
            token.ok_or_else(|| anyhow!("no set-up line: {}", self.printed()))
        })
        .await
    }

    /// All it printed on standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// All it printed on standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.signal("TERM").await?;
        self.wait(STOP_DEADLINE).await
    }

    /// Kills it at once (SIGKILL).
    pub async fn kill9(&mut self) -> Result<()> {
        self.child.kill().await.context("kill dockline")
    }

    /// Sends a signal by its name, such as `TERM`, `STOP`, `CONT`.
    pub async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.pid().ok_or_else(|| anyhow!("dockline has ended already: {}", self.printed()))?;
        // The shell's own kill: the program of this name is not on every system.
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await?;
        ensure!(status.success(), "kill -{name} {pid} ended with {status}");
        Ok(())
    }

    /// Waits for its end.
    pub async fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        let status = timeout(deadline, self.child.wait())
            .await
            .map_err(|_elapsed| anyhow!("dockline still runs after {deadline:?}: {}", self.printed()))??;
        // What it printed last is still on its way.
        for reader in self.readers.drain(..) {
            if timeout(Duration::from_secs(2), reader).await.is_err() {
                bail!("dockline ended and left a child that holds its output open");
            }
        }
        Ok(status)
    }

    async fn until_ready(&mut self) -> Result<String> {
        loop {
            let ready = self
                .stdout()
                .lines()
                .find_map(|line| line.strip_prefix(READY).map(|rest| rest.trim().to_owned()));
            if let Some(address) = ready {
                return Ok(address);
            }
            if self.child.try_wait()?.is_some() {
                let status = self.wait(STOP_DEADLINE).await?;
                bail!("dockline ended with {status} before it was ready: {}", self.printed());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn printed(&self) -> String {
        format!("its output\n{}\nits errors\n{}", self.stdout(), self.stderr())
    }
}

impl Drop for DocklineProcess {
    fn drop(&mut self) {
        if let Err(error) = self.child.start_kill() {
            tracing::debug!(%error, "dockline had ended already");
        }
        // Waited for here, so that neither a zombie nor a file in its data folder stays.
        let end = Instant::now() + Duration::from_secs(5);
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < end {
            thread::sleep(Duration::from_millis(2));
        }
        if thread::panicking() {
            // The test's own output shows it when the test fails.
            eprintln!("{}", self.printed());
        }
    }
}

/// What a pipe brought, whole lines only.
#[derive(Clone, Debug, Default)]
struct Printed(Arc<Mutex<String>>);

impl Printed {
    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
    }
}

async fn keep(pipe: impl AsyncRead + Unpin, printed: Printed) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = pipe.read_until(b'\n', &mut line).await {
        printed.add(&String::from_utf8_lossy(&line));
        line.clear();
    }
}
