//! An SSH server of a test's own.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};
use super::programs::folder_with;

/// Until it answers, on a machine that compiles something else at the same time.
const START_DEADLINE: Duration = Duration::from_secs(30);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;

/// A real OpenSSH server on a loopback port, with a host key and one client key of its own; killed when dropped. Who logs
/// in is the user that runs the test.
#[derive(Debug)]
pub struct SshServer {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    user: String,
    folder: TempDir,
}

impl SshServer {
    /// Starts a server and waits until it answers.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// As [`Self::start`], with lines of its configuration such as `AllowStreamLocalForwarding no`.
    pub async fn start_with(lines: &[&str]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("dockline-ssh").tempdir()?;
        for name in ["host", "client"] {
            make_key(&folder.path().join(name)).await?;
        }
        std::fs::copy(folder.path().join("client.pub"), folder.path().join("authorized_keys"))?;
        let user = run(Command::new("id").arg("-un")).await?;
        let mut tries = 0;
        loop {
            tries += 1;
            let port = free_port();
            let mut process = launch(folder.path(), port, lines)?;
            match until_it_answers(&mut process, port).await {
                Ok(()) => return Ok(Self { process, port, user: user.trim().to_owned(), folder }),
                Err(_) if tries < TRIES && process.log_end().contains("Address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `ssh://USER@127.0.0.1:PORT/path/to/docker.sock`.
    pub fn address(&self, socket: &Path) -> String {
        format!("ssh://{}@127.0.0.1:{}{}", self.user, self.port, socket.display())
    }

    /// The server's public key, as in `known_hosts`: `ssh-ed25519 AAAA…`.
    pub fn host_key(&self) -> Result<String> {
        self.read("host.pub")
    }

    /// The private key that the server lets in.
    pub fn client_key(&self) -> Result<String> {
        self.read("client")
    }

    /// Who logs in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Kills every session (SIGKILL) and leaves the server itself alone. Returns how many there were.
    pub async fn kill_sessions(&self) -> Result<usize> {
        self.signal_sessions("KILL").await
    }

    /// Halts every session (SIGSTOP): its connection stays open, and nothing is answered.
    pub async fn pause_sessions(&self) -> Result<usize> {
        self.signal_sessions("STOP").await
    }

    async fn signal_sessions(&self, signal: &str) -> Result<usize> {
        let sessions = self.sessions()?;
        for session in &sessions {
            // The shell's own kill: the program of this name is not on every system.
            run(Command::new("sh").args(["-c", &format!("kill -{signal} {session}")])).await?;
        }
        Ok(sessions.len())
    }

    /// The processes of this server's sessions.
    pub fn sessions(&self) -> Result<Vec<u32>> {
        let path = format!("/proc/{0}/task/{0}/children", self.process.pid());
        let children = std::fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
        children.split_whitespace().map(|pid| Ok(pid.parse()?)).collect()
    }

    /// The end of what the server wrote to its log.
    pub fn log_end(&self) -> String {
        self.process.log_end()
    }

    fn read(&self, file: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.folder.path().join(file))?.trim_end().to_owned() + "\n")
    }
}

impl Drop for SshServer {
    /// Sessions outlive their server, and halted ones everything.
    fn drop(&mut self) {
        for session in self.sessions().unwrap_or_default() {
            // One that ended in the meantime is no failure.
            let kill = format!("kill -KILL {session} 2>/dev/null || true");
            if let Err(error) = std::process::Command::new("sh").args(["-c", &kill]).status() {
                tracing::warn!(session, %error, "an SSH session was not ended");
            }
        }
    }
}

/// An Ed25519 key pair without a passphrase, in two files.
async fn make_key(path: &Path) -> Result<()> {
    let mut command = Command::new("ssh-keygen");
    run(command.args(["-q", "-t", "ed25519", "-N", "", "-C", "dockline-test", "-f"]).arg(path))
        .await
        .map(drop)
}

async fn run(command: &mut Command) -> Result<String> {
    let output = command.output().await.with_context(|| format!("run {command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn launch(folder: &Path, port: u16, lines: &[&str]) -> Result<ServerProcess> {
    let programs = folder_with(&["sshd"])?;
    let at = folder.display();
    let mut config = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {at}/host\nPidFile {at}/pid\n\
         AuthorizedKeysFile {at}/authorized_keys\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n\
         StrictModes no\nUsePAM no\n"
    );
    // From 9.8 on a session is another program, looked for where the package would have installed it.
    let session = programs.join("../lib/openssh/sshd-session");
    if session.is_file() {
        config.push_str(&format!("SshdSessionPath {}\n", session.canonicalize()?.display()));
    }
    config.push_str(&lines.join("\n"));
    config.push('\n');
    let file = folder.join("sshd_config");
    std::fs::write(&file, config)?;
    let args = ["-D", "-e", "-f", &file.to_string_lossy()];
    let launch = Launch { program: &programs.join("sshd"), folder: Path::new("/"), user: None };
    launch.server(&args, &folder.join("log"), EndSignal::Kill)
}

async fn until_it_answers(process: &mut ServerProcess, port: u16) -> Result<()> {
    let end = Instant::now() + START_DEADLINE;
    loop {
        process.ensure_running()?;
        match timeout(START_DEADLINE, greeting(port)).await? {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > end => return Err(error.context(process.log_end())),
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn greeting(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    let mut begin = [0; 4];
    stream.read_exact(&mut begin).await?;
    ensure!(&begin == b"SSH-", "what answers on port {port} is not an SSH server");
    Ok(())
}
