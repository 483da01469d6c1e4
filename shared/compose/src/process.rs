//! One run of the plugin: what it is given, what it says, and how long it may take.

use std::{
    ffi::OsString,
    fs::{File, Metadata},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStderr, Command},
    time::timeout,
};

use crate::{Failure, Said, file::Variables};

/// The most that the plugin may print, in bytes.
const MAX_OUTPUT: u64 = 16 << 20;
/// The longest line of what it says, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// What the folders of runs are called.
const FOLDER: &str = "dockline-compose-";
/// Held by the process that a folder belongs to.
const LOCK: &str = "lock";
/// A folder without a lock is one that is being made, or one of somebody who died while making it.
const YOUNG: Duration = Duration::from_mins(1);

/// A folder of a run's own, which is wiped when it is over.
pub(crate) struct Folder {
    folder: TempDir,
    /// The kernel lets go of it when this process dies.
    _lock: File,
}

/// Wipes the folders of runs whose process was killed. They may hold credentials of registries. What belongs to another
/// user, or is a link, is nobody's folder of a run.
pub fn sweep() {
    let (Ok(this), Ok(entries)) = (Path::new("/proc/self").metadata(), std::env::temp_dir().read_dir())
    else {
        return;
    };
    let is_ours = |about: Metadata| about.is_dir() && about.uid() == this.uid();
    let ours = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(FOLDER))
        .filter(|entry| entry.metadata().is_ok_and(is_ours));
    for path in ours.map(|entry| entry.path()) {
        if !is_abandoned(&path) {
            continue;
        }
        match std::fs::remove_dir_all(&path) {
            Ok(()) => {
                tracing::info!(path = %path.display(), "wiped what a killed process left of the Compose plugin")
            }
            Err(error) => tracing::debug!(%error, path = %path.display(), "not wiped"),
        }
    }
}

/// Whether nobody holds a folder's lock, and somebody did.
fn is_abandoned(folder: &Path) -> bool {
    let lock = File::open(folder.join(LOCK)).ok();
    match lock.filter(|lock| lock.metadata().is_ok_and(|about| about.len() > 0)) {
        Some(lock) => lock.try_lock().is_ok(),
        None => {
            let made = folder.metadata().and_then(|about| about.modified()).ok();
            made.and_then(|made| made.elapsed().ok()).is_some_and(|age| age > YOUNG)
        }
    }
}

impl Folder {
    pub(crate) fn make() -> io::Result<Self> {
        // 0700, as all that this library makes.
        let folder = tempfile::Builder::new().prefix(FOLDER).tempdir()?;
        let mut lock = File::create(folder.path().join(LOCK))?;
        lock.lock()?;
        // Only now may others conclude something from the lock.
        lock.write_all(b"1")?;
        Ok(Self { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a configuration of Docker's client there, which holds the credentials of registries.
    pub(crate) fn configure(&self, config: &str) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut file =
            File::options().write(true).create_new(true).mode(0o600).open(self.path().join("config.json"))?;
        file.write_all(config.as_bytes())
    }
}

/// What the plugin is started with.
pub(crate) struct Run<'a> {
    pub(crate) plugin: PathBuf,
    /// The program that jails it; without one it is started as it is.
    pub(crate) jail: Option<&'a Path>,
    pub(crate) folder: &'a Folder,
    pub(crate) engine: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) input: &'a str,
    pub(crate) variables: &'a Variables,
    pub(crate) patience: Duration,
}

/// How a run ended.
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) output: String,
}

impl Run<'_> {
    /// Runs it to its end. Dropped, it kills the plugin.
    pub(crate) async fn finish(self, mut tell: impl FnMut(Said)) -> Result<Outcome, Failure> {
        let patience = self.patience;
        let mut child = self.start()?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(stderr)) = streams else {
            return Err(Failure::Failed("the Compose plugin has no input or output".to_owned()));
        };
        let work = async {
            let write = async {
                // It may have enough before all of it was read.
                let _written = stdin.write_all(self.input.as_bytes()).await;
                drop(stdin);
                Ok(())
            };
            let mut output = Vec::new();
            let mut stdout = stdout.take(MAX_OUTPUT);
            let read = async {
                match stdout.read_to_end(&mut output).await? as u64 {
                    // It would wait for ever for somebody who reads the rest.
                    MAX_OUTPUT => Err(io::Error::other(format!("it printed more than {MAX_OUTPUT} bytes"))),
                    _ => Ok(()),
                }
            };
            let listen = async {
                listen(stderr, &mut tell).await;
                Ok(())
            };
            tokio::try_join!(write, read, listen)?;
            Ok::<_, io::Error>((child.wait().await?, output))
        };
        let ended = timeout(patience, work).await.map_err(|_| Failure::TimedOut(patience))?;
        let (status, output) = ended
            .map_err(|error| Failure::Failed(format!("the Compose plugin could not be watched: {error}")))?;
        Ok(Outcome { status, output: String::from_utf8_lossy(&output).into_owned() })
    }

    fn start(&self) -> Result<Child, Failure> {
        let home = self.folder.path();
        let mut command = match self.jail {
            None => Command::new(&self.plugin),
            Some(jail) => {
                let mut command = Command::new(jail);
                command.arg("compose-jail").arg(home).arg(&self.plugin).arg("--");
                command
            }
        };
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name.as_str(), value.expose_secret())))
            .env("HOME", home)
            .env("DOCKER_CONFIG", home)
            .env("DOCKER_HOST", &self.engine)
            // A file beside the Compose file would be one of this machine.
            .env("COMPOSE_DISABLE_ENV_FILE", "1")
            .env("DOCKER_CLI_HINTS", "false")
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
            .spawn()
            .map_err(|error| Failure::Failed(format!("the Compose plugin could not be started: {error}")))
    }
}

/// Hears what it says, line by line, to the end.
async fn listen(stderr: ChildStderr, tell: &mut impl FnMut(Said)) {
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line that is too long is taken in pieces.
        match (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                if let Some(said) = Said::read(&String::from_utf8_lossy(&line)) {
                    tell(said);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_prints_without_end_is_stopped_at_once() {
        let folder = Folder::make().expect("a folder");
        let run = Run {
            plugin: "/usr/bin/yes".into(),
            jail: None,
            folder: &folder,
            engine: OsString::new(),
            arguments: Vec::new(),
            input: "",
            variables: &Variables::new(),
            patience: Duration::from_hours(1),
        };
        let why = run.finish(|_| {}).await.err().expect("stopped").to_string();
        assert!(why.contains("printed more than"), "{why}");
    }
}
