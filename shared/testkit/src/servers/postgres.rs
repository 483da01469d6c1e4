//! A PostgreSQL server that the tests of one process share, each with databases of its own.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::port::free_port;
use super::process::{EndSignal, Launch, ServerProcess};
use super::programs::folder_with;

/// Until it answers, on a machine that compiles something else at the same time.
const START_DEADLINE: Duration = Duration::from_secs(60);
/// A port may be taken between our look and the server's.
const TRIES: u32 = 5;
/// The superuser of the server; no password is asked.
const USER: &str = "dockline";
/// `nobody`, on every usual system.
const NOBODY: u32 = 65_534;
/// Tests that die take the server along, so nothing has to survive a failure of power. Shared memory in files of the
/// server's folder goes with the folder.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=64MB",
    "dynamic_shared_memory_type=mmap",
    "timezone=UTC",
];

/// A real PostgreSQL server: one for each test process, ended and removed with its last user.
///
/// It is killed with the test process too, but its folder stays then: keep it in a variable of the test, not in a static.
#[derive(Debug)]
pub struct PostgresServer {
    // The server is gone by the time its folder is removed: fields are dropped in this order.
    process: ServerProcess,
    port: u16,
    programs: PathBuf,
    databases: AtomicU32,
    folder: TempDir,
}

impl PostgresServer {
    /// The server that other tests of this process use at the moment, or a new one.
    ///
    /// Blocks its thread, for some seconds when the server is new.
    pub fn start() -> Result<Arc<Self>> {
        static RUNNING: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());
        // Held while it starts, so that tests which begin together wait for one server.
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.upgrade() {
            return Ok(server);
        }
        let server = Arc::new(Self::start_new().context("start PostgreSQL for tests")?);
        *running = Arc::downgrade(&server);
        Ok(server)
    }

    /// Makes an empty database that nobody else knows and gives its URL: `postgres://dockline@127.0.0.1:PORT/NAME`.
    ///
    /// Blocks its thread, for about a tenth of a second.
    pub fn database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1);
        // The default template is in use while another test copies it; this one nobody can connect to.
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE template0"))?;
        Ok(format!("postgres://{USER}@127.0.0.1:{}/{name}", self.port))
    }

    /// Runs SQL in a database through `psql`, another way in than the one under test, and gives what it printed: rows as
    /// lines, columns with `|` between them. `url` is one that [`Self::database`] gave.
    pub fn query(&self, url: &str, sql: &str) -> Result<String> {
        run(self.psql(sql).args(["-d", url]))
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its Unix socket, its data and its log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    fn start_new() -> Result<Self> {
        let programs = folder_with(&["initdb", "postgres", "psql"])?;
        let folder = tempfile::Builder::new().prefix("dockline-postgres").tempdir()?;
        let own = fs::metadata(folder.path())?.uid();
        // PostgreSQL refuses to run as root.
        let user = (own == 0).then_some(NOBODY);
        if user.is_some() {
            chown(folder.path(), user, user)?;
        }
        // Its Unix socket is for this process, which may be another user's.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        initdb(&programs, folder.path(), user)?;

        let port = free_port();
        let process = launch(&programs, folder.path(), user, port)?;
        let mut server = Self { process, port, programs, databases: AtomicU32::new(0), folder };
        let mut tries = 1;
        loop {
            match server.until_it_answers() {
                Err(_) if tries < TRIES && server.port_was_taken() => {}
                ended => return ended.map(|()| server),
            }
            tries += 1;
            server.port = free_port();
            server.process = launch(&server.programs, server.folder.path(), user, server.port)?;
        }
    }

    fn until_it_answers(&mut self) -> Result<()> {
        let end = Instant::now() + START_DEADLINE;
        loop {
            self.process.ensure_running()?;
            match self.administer("SELECT 1") {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error.context(self.process.log_end())),
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    fn port_was_taken(&mut self) -> bool {
        self.process.ensure_running().is_err() && self.process.log_end().contains("could not bind")
    }

    /// Through the Unix socket in its folder, where no other server can be.
    fn administer(&self, sql: &str) -> Result<()> {
        let mut psql = self.psql(sql);
        psql.args(["-d", "postgres", "-U", USER, "-p", &self.port.to_string(), "-h"]).arg(self.folder.path());
        run(&mut psql).map(drop)
    }

    fn psql(&self, sql: &str) -> Command {
        let program = self.programs.join("psql");
        let mut psql = Launch { program: &program, folder: self.folder.path(), user: None }.tool();
        // Bare values, one row a line; a password is never asked for.
        psql.args(["-XqAtw", "-v", "ON_ERROR_STOP=1", "-c", sql]);
        psql
    }
}

fn initdb(programs: &Path, folder: &Path, user: Option<u32>) -> Result<()> {
    let program = programs.join("initdb");
    let mut initdb = Launch { program: &program, folder, user }.tool();
    initdb.args(["-D", "data", "-A", "trust", "-U", USER, "-N", "--encoding=UTF8", "--locale=C.UTF-8"]);
    run(&mut initdb).map(drop)
}

fn launch(programs: &Path, folder: &Path, user: Option<u32>, port: u16) -> Result<ServerProcess> {
    let data = folder.join("data");
    let (data, socket, port) = (data.to_string_lossy(), folder.to_string_lossy(), port.to_string());
    let mut args = vec!["-D", &data, "-k", &socket, "-p", &port];
    args.extend(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    // QUIT ends it at once and, unlike KILL, lets it give its shared memory back.
    let program = programs.join("postgres");
    Launch { program: &program, folder, user }.server(&args, &folder.join("log"), EndSignal::Quit)
}

fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} ended with {}: {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}
