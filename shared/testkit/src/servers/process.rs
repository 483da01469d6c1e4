//! A server process that never outlives the test process.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

/// For a server to end after its signal.
const END_DEADLINE: Duration = Duration::from_secs(10);

/// The signal that ends a server: at once, and without leaving anything of it in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndSignal {
    Kill,
    Quit,
}

impl EndSignal {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Quit => "QUIT",
        }
    }
}

/// A running server; ended when dropped.
#[derive(Debug)]
pub(super) struct ServerProcess {
    child: Child,
    log: PathBuf,
    end_signal: EndSignal,
}

/// How to run a program of a server: without what the surroundings say to its clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Launch<'a> {
    pub(super) program: &'a Path,
    /// Its working directory, which every user it may run as can enter.
    pub(super) folder: &'a Path,
    /// As this user and group instead of the test's own.
    pub(super) user: Option<u32>,
}

impl Launch<'_> {
    /// A program that comes to its end by itself.
    pub(super) fn tool(&self) -> Command {
        self.command(&[])
    }

    /// A server, whose output goes to the file `log`.
    pub(super) fn server(&self, args: &[&str], log: &Path, end_signal: EndSignal) -> Result<ServerProcess> {
        self.server_with(&[], args, log, end_signal)
    }

    /// As [`Self::server`], with settings in its environment.
    pub(super) fn server_with(
        &self,
        env: &[(String, String)],
        args: &[&str],
        log: &Path,
        end_signal: EndSignal,
    ) -> Result<ServerProcess> {
        let file = File::options().create(true).append(true).open(log).context("make the server's log")?;
        let mut command = self.command(&["--pdeathsig", end_signal.name()]);
        command.args(args).stdout(file.try_clone()?).stderr(file);
        command.envs(env.iter().map(|(name, value)| (name, value)));
        let child = spawn(command).with_context(|| format!("start {}", self.program.display()))?;
        Ok(ServerProcess { child, log: log.to_owned(), end_signal })
    }

    /// `setpriv` executes the program in its own place, so the process id is the program's.
    fn command(&self, options: &[&str]) -> Command {
        let mut command = Command::new("setpriv");
        command.args(options);
        if let Some(user) = self.user {
            command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]);
        }
        command.arg("--").arg(self.program).current_dir(self.folder).stdin(Stdio::null());
        // Messages that are looked at here stay untranslated.
        command.env("LC_ALL", "C.UTF-8");
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PG") || text.starts_with("REDISCLI_") {
                command.env_remove(name);
            }
        }
        command
    }
}

impl ServerProcess {
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error with the end of its log when it runs no more.
    pub(super) fn ensure_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(anyhow!("the server ended with {status}: {}", self.log_end())),
        }
    }

    /// What it wrote last.
    pub(super) fn log_end(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }

    /// Sends a signal by its name.
    pub(super) fn signal(&mut self, name: &str) -> Result<()> {
        // The pid of a process that was waited for may be somebody else's by now.
        self.ensure_running()?;
        // The shell's own kill: the program of this name is not on every system.
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.pid())]).status()?;
        ensure!(status.success(), "kill -{name} {} ended with {status}", self.pid());
        Ok(())
    }

    /// Ends it and waits for that, so that neither a zombie nor an open file of it stays.
    pub(super) fn end(&mut self) -> Result<ExitStatus> {
        if self.end_signal == EndSignal::Quit && self.signal("QUIT").is_ok() {
            let end = Instant::now() + END_DEADLINE;
            while Instant::now() < end {
                if let Some(status) = self.child.try_wait()? {
                    return Ok(status);
                }
                thread::sleep(Duration::from_millis(2));
            }
        }
        self.child.kill()?;
        Ok(self.child.wait()?)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, pid = self.pid(), "a server of a test could not be ended");
        }
        if thread::panicking() {
            // The test's own output shows it when the test fails.
            eprintln!("{}", self.log_end());
        }
    }
}

/// Spawns from a thread that lasts as long as this process.
///
/// The system sends the death signal when the *thread* that spawned the server ends, and a test's thread ends with the
/// test, while others still use the server.
fn spawn(command: Command) -> io::Result<Child> {
    type Order = (Command, mpsc::SyncSender<io::Result<Child>>);
    static SPAWNER: LazyLock<mpsc::Sender<Order>> = LazyLock::new(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in orders {
                // Whoever ordered it waits for the answer.
                drop(answer.send(command.spawn()));
            }
        });
        sender
    });
    let (answer, child) = mpsc::sync_channel(1);
    SPAWNER.send((command, answer)).map_err(io::Error::other)?;
    child.recv().map_err(io::Error::other)?
}
