//! A Redis server of a test's own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};
use super::programs::folder_with;
use crate::certificates::Certified;

/// Until it answers, on a machine that compiles something else at the same time.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// No command of a test takes longer, unless the server is paused.
const COMMAND_DEADLINE: Duration = Duration::from_secs(10);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;

/// A real Redis server that writes an append-only file each second; killed and its folder removed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts an empty server on a free loopback port and waits until it answers.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// As [`Self::start`], with options of `redis-server` such as `["--maxmemory", "10mb"]`.
    pub async fn start_with(options: &[&str]) -> Result<Self> {
        let mut tries = 0;
        loop {
            tries += 1;
            let folder = tempfile::Builder::new().prefix("dockline-redis").tempdir()?;
            let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
            let port = free_port();
            let process = launch(folder.path(), port, &options)?;
            let mut server = Self { process, port, options, folder };
            match server.until_it_answers().await {
                Err(_) if tries < TRIES && server.process.log_end().contains("Address already in use") => {}
                ended => return ended.map(|()| server),
            }
        }
    }

    /// As [`Self::start`], and with TLS besides on a second port: its address (`rediss://localhost:PORT`).
    pub async fn start_with_tls(certified: &Certified) -> Result<(Self, String)> {
        let folder = tempfile::Builder::new().prefix("dockline-redis-tls").tempdir()?;
        let (certificate, key) = (folder.path().join("server.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, &certified.certificate)?;
        std::fs::write(&key, &certified.key)?;
        let port = free_port();
        let tls_port = port.to_string();
        let options = ["--tls-port", &tls_port, "--tls-auth-clients", "no", "--tls-cert-file"];
        let files = [&certificate.to_string_lossy(), "--tls-key-file", &key.to_string_lossy()];
        let server = Self::start_with(&[&options[..], &files[..]].concat()).await?;
        // It has read them.
        drop(folder);
        Ok((server, format!("rediss://localhost:{port}")))
    }

    /// As [`Self::start`], as a replica of the server at this loopback port, until `REPLICAOF NO ONE`.
    pub async fn start_replica(of: u16) -> Result<Self> {
        Self::start_with(&["--replicaof", "127.0.0.1", &of.to_string()]).await
    }

    /// `redis://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port on 127.0.0.1, which stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its data and its log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the server, which is another after a restart.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Kills it at once (SIGKILL): its connections break and new ones are refused.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.end().context("kill Redis").map(drop)
    }

    /// Starts it again on the same port with what its append-only file holds; a server that still runs is killed first.
    pub async fn restart(&mut self) -> Result<()> {
        self.kill().await?;
        self.process = launch(self.folder.path(), self.port, &self.options)?;
        self.until_it_answers().await.context("restart Redis")
    }

    /// Halts it (SIGSTOP): connections stay open and the kernel takes new ones, but nothing is answered.
    pub async fn pause(&mut self) -> Result<()> {
        self.process.signal("STOP")
    }

    /// Lets it go on (SIGCONT).
    pub async fn resume(&mut self) -> Result<()> {
        self.process.signal("CONT")
    }

    /// Runs a command through `redis-cli`, such as `["CLIENT", "KILL", "TYPE", "pubsub"]`, and gives what it printed.
    /// An error reply is an error here.
    pub async fn command(&self, args: &[&str]) -> Result<String> {
        redis_cli(self.port, &["-e"], args).await
    }

    async fn until_it_answers(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        loop {
            self.process.ensure_running()?;
            match self.is_ready().await {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error.context(self.process.log_end())),
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    }

    async fn is_ready(&self) -> Result<()> {
        // Refused while it reads its append-only file.
        ensure!(self.command(&["PING"]).await? == "PONG", "PING is not answered");
        // A server of somebody else on this port would answer as well, until ours ends because of it.
        let info = self.command(&["INFO", "server"]).await?;
        let own = format!("process_id:{}", self.pid());
        ensure!(info.lines().any(|line| line.trim() == own), "another server answers on port {}", self.port);
        Ok(())
    }
}

fn launch(folder: &Path, port: u16, options: &[String]) -> Result<ServerProcess> {
    let program = folder_with(&["redis-server", "redis-cli"])?.join("redis-server");
    let (dir, port) = (folder.to_string_lossy(), port.to_string());
    let mut args = vec!["--port", &port, "--bind", "127.0.0.1", "--dir", &dir, "--save", ""];
    args.extend(["--appendonly", "yes", "--appendfsync", "everysec"]);
    // The title would be written over the environment, by whose mark a test run finds what is left of it.
    args.extend(["--set-proc-title", "no"]);
    args.extend(options.iter().map(String::as_str));
    Launch { program: &program, folder, user: None }.server(&args, &folder.join("log"), EndSignal::Kill)
}

/// Runs `redis-cli` against the server on this port of the loopback interface.
pub(super) async fn redis_cli(port: u16, options: &[&str], args: &[&str]) -> Result<String> {
    let program = folder_with(&["redis-server", "redis-cli"])?.join("redis-cli");
    let tool = Launch { program: &program, folder: Path::new("/"), user: None }.tool();
    let mut command = Command::from(tool);
    command.args(["-h", "127.0.0.1", "-p", &port.to_string()]).args(options).args(args);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).output();
    let output = timeout(COMMAND_DEADLINE, output)
        .await
        .map_err(|_elapsed| anyhow!("redis-cli {args:?} got no answer within {COMMAND_DEADLINE:?}"))?
        .context("run redis-cli")?;
    let said = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    if !output.status.success() {
        bail!("redis-cli {args:?}: {said}{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(said)
}
