//! Docker's Compose plugin, as a program that is judged, jailed and watched.
//!
//! What a Compose file means is the plugin's to say, never ours. [`Compose::check`] has it read a file and gives back a
//! [`Model`]; [`Compose::run`] has it do what was asked for at an engine. Around it:
//!
//! - [`file`](Project) refuses, by key and line, what would make it read or start something of the machine that it runs on;
//! - [`host_access`] says by what the stack would reach its host, from the model. Deployments are made from the model's text,
//!   so what was judged is what is done;
//! - [`jail`] takes from its process what it does not need;
//! - `relay` connects it to its engine. Keys and certificates of hosts stay in this process.
//!
//! The plugin's environment is cleared: a variable of a file has the value that it was given with the file, or none. Its
//! only folder is one of the run's own, wiped afterwards. The file goes in by its standard input, and lies on no disk.

mod access;
mod file;
pub mod jail;
mod kept;
mod model;
mod plugin;
mod process;
mod relay;
mod said;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dockline_docker::Engine;
use dockline_domain::{StackName, access::Grant};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, time::timeout};

pub use self::{
    access::host_access,
    file::{MAX_FILE, MAX_VARIABLES, Problem, Project, TooLarge, Variables},
    kept::Unreadable,
    model::{Model, Service},
    plugin::NoPlugin,
    process::sweep,
    said::Said,
};
use self::{
    process::{Folder, Run},
    relay::Relay,
};

/// How long the plugin may take to read a file.
const CHECK: Duration = Duration::from_secs(20);
/// How long it may take for a command: images are fetched, health checks waited for.
const WORK: Duration = Duration::from_hours(2);
/// So many files are read at the same time.
const CHECKS_AT_ONCE: usize = 2;
/// How long a reading waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// Lines of the plugin's words that are kept for when it fails.
const TAIL: usize = 20;
/// So many problems, warnings and failures are told of one file: it may be made to have any number of them.
const MOST_TOLD: usize = 100;

/// Where a project's paths begin: nowhere, so that none leads to a file of this machine.
const PROJECTS: &str = "/dockline/stacks/";

/// The plugin. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Compose(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    setting: Option<PathBuf>,
    jail: Option<PathBuf>,
    turns: Semaphore,
    told: AtomicBool,
}

/// Why the plugin did not do what it was to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is not there.
    #[error(transparent)]
    NoPlugin(#[from] NoPlugin),
    /// The file is wrong.
    #[error("{}", words(.0))]
    Invalid(Vec<Problem>),
    /// Too many files are being read.
    #[error("the Compose plugin is busy with other files; try again shortly")]
    Busy,
    /// It took too long, and was ended.
    #[error("the Compose plugin did not come to an end within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It failed, in its own words.
    #[error("{0}")]
    Failed(String),
}

/// What the plugin is to do to a stack.
#[derive(Debug, Clone, Copy)]
pub enum Command<'a> {
    /// Make everything as the model says.
    Up {
        /// What the plugin made of the file.
        model: &'a Model,
        /// The file's variables, which secrets are made of.
        variables: &'a Variables,
        /// Fetch every image, for newer ones.
        always_pull: bool,
    },
    /// Start its containers.
    Start,
    /// Stop its containers.
    Stop,
    /// Stop and start its containers.
    Restart,
    /// Remove its containers and networks.
    Down {
        /// And the volumes that are its own.
        volumes: bool,
    },
}

/// Where the plugin works, and with what rights.
pub struct Site<'a> {
    /// The engine.
    pub engine: Arc<dyn Engine>,
    /// On whose authority.
    pub grant: &'a Grant,
    /// The configuration of Docker's client with credentials of registries, if there are any.
    pub config: Option<SecretString>,
}

impl Compose {
    /// The plugin that `setting` names, or the one of the usual folders; looked for at each use. `jail` is this program,
    /// whose command `compose-jail` calls [`jail::enter`]; without one the plugin is started as it is.
    #[must_use]
    pub fn new(setting: Option<PathBuf>, jail: Option<PathBuf>) -> Self {
        let (turns, told) = (Semaphore::new(CHECKS_AT_ONCE), AtomicBool::new(false));
        Self(Arc::new(Inner { setting, jail, turns, told }))
    }

    /// Has the plugin read a file. Nobody is asked, nothing is changed.
    ///
    /// # Errors
    /// [`Failure::Invalid`] with all that is wrong with the file, or why it could not be read.
    pub async fn check(&self, project: &Project) -> Result<Model, Failure> {
        {
            // Where something is, is looked for again below: it is not kept while others wait.
            project.read().map_err(Failure::Invalid)?;
        }
        let plugin = self.plugin()?;
        let turn = timeout(TURN, self.0.turns.acquire()).await.map_err(|_| Failure::Busy)?;
        let _turn = turn.map_err(|_| Failure::Busy)?;
        let folder = folder()?;
        let mut arguments = arguments(&project.name);
        arguments.extend(["--file", "-", "config", "--format", "json"].map(OsString::from));
        let run = Run {
            plugin,
            jail: self.0.jail.as_deref(),
            folder: &folder,
            // Reading needs no engine.
            engine: socket(&folder.path().join("none.sock")),
            arguments,
            input: project.text.expose_secret(),
            variables: &project.variables,
            patience: CHECK,
        };
        let (mut warnings, mut failures) = (Vec::new(), Vec::new());
        let outcome = run
            .finish(|said| match said {
                Said::Warning(text) if warnings.len() < MOST_TOLD => warnings.push(text),
                Said::Failure(text) | Said::Word(text) if failures.len() < MOST_TOLD => failures.push(text),
                _ => {}
            })
            .await?;
        if !outcome.status.success() {
            return Err(Failure::Invalid(explain(project, failures, outcome.status)));
        }
        let model = Model::parse(outcome.output, warnings).map_err(Failure::Failed)?;
        let beside = [PROJECTS.to_owned(), folder.path().display().to_string()];
        let problems = model.problems(&beside);
        if problems.is_empty() { Ok(model) } else { Err(Failure::Invalid(problems)) }
    }

    /// Has the plugin do something to a stack, and tells what it says. It may be done again at any time. Dropped, it ends
    /// the plugin and its connections; what was made by then stays.
    ///
    /// # Errors
    /// [`Failure::Failed`] with the end of what the plugin said.
    pub async fn run(
        &self,
        name: &StackName,
        command: Command<'_>,
        site: Site<'_>,
        mut tell: impl FnMut(&Said),
    ) -> Result<(), Failure> {
        let plugin = self.plugin()?;
        let folder = folder()?;
        let failed =
            |error: std::io::Error| Failure::Failed(format!("the Compose plugin cannot be served: {error}"));
        if let Some(config) = &site.config {
            folder.configure(config.expose_secret()).map_err(failed)?;
        }
        let relay = Relay::open(folder.path(), site.engine, site.grant.clone()).map_err(failed)?;
        let nothing = Variables::new();
        let (input, variables) = match command {
            Command::Up { model, variables, .. } => (model.text.as_str(), variables),
            _ => ("", &nothing),
        };
        let run = Run {
            plugin,
            jail: self.0.jail.as_deref(),
            folder: &folder,
            engine: socket(relay.path()),
            arguments: command.arguments(name),
            input,
            variables,
            patience: WORK,
        };
        let (mut tail, mut failures, mut blamed) = (Vec::new(), Vec::new(), String::new());
        let outcome = run
            .finish(|said| {
                tell(&said);
                match said {
                    // Its last words do not tell what they are about.
                    Said::Step { id, text, .. } if text.starts_with("Error") => blamed = format!("{id}: "),
                    Said::Failure(text) if failures.len() < MOST_TOLD => failures.push(text),
                    Said::Word(text) | Said::Warning(text) => {
                        tail.push(text);
                        if tail.len() > TAIL {
                            tail.remove(0);
                        }
                    }
                    Said::Step { .. } | Said::Failure(_) => {}
                }
            })
            .await?;
        if outcome.status.success() {
            return Ok(());
        }
        if let Some(unreachable) = relay.failure() {
            return Err(Failure::Failed(unreachable));
        }
        let said = if failures.is_empty() { tail } else { failures };
        let said =
            if said.is_empty() { format!("it ended with {}", outcome.status) } else { said.join("\n") };
        Err(Failure::Failed(blamed + &said.replace(&folder.path().display().to_string(), "")))
    }

    fn plugin(&self) -> Result<PathBuf, NoPlugin> {
        let plugin = plugin::find(self.0.setting.as_deref())?;
        if self.0.jail.is_some() && !self.0.told.swap(true, Ordering::Relaxed) && !jail::is_enforced() {
            tracing::warn!(
                "this kernel has no Landlock, or does not let it be used: the Compose plugin runs with this process' rights to files"
            );
        }
        Ok(plugin)
    }
}

impl Command<'_> {
    fn arguments(self, name: &StackName) -> Vec<OsString> {
        let mut all = arguments(name);
        let words: &[&str] = match self {
            // Never what answers `yes` to every question: one is whether a volume's data may be lost.
            Self::Up { always_pull: false, .. } => {
                &["--file", "-", "up", "--detach", "--remove-orphans", "--no-build"]
            }
            Self::Up { always_pull: true, .. } => {
                &["--file", "-", "up", "--detach", "--remove-orphans", "--no-build", "--pull", "always"]
            }
            Self::Start => &["start"],
            Self::Stop => &["stop"],
            Self::Restart => &["restart"],
            Self::Down { volumes: false } => &["down", "--remove-orphans"],
            Self::Down { volumes: true } => &["down", "--remove-orphans", "--volumes"],
        };
        all.extend(words.iter().map(OsString::from));
        all
    }
}

/// What every command begins with.
fn arguments(name: &StackName) -> Vec<OsString> {
    let folder = format!("{PROJECTS}{name}");
    let words = [
        "--ansi",
        "never",
        "--progress",
        "json",
        "--project-name",
        name.as_str(),
        "--project-directory",
        &folder,
    ];
    words.into_iter().map(OsString::from).collect()
}

/// The file's problems, with their lines where those can be found.
fn explain(project: &Project, failures: Vec<String>, status: std::process::ExitStatus) -> Vec<Problem> {
    if failures.is_empty() {
        let message = format!("the Compose plugin refuses the file without a word ({status})");
        return vec![Problem { line: None, message }];
    }
    match project.read() {
        Ok(read) => failures.iter().map(|message| read.problem(message)).collect(),
        Err(problems) => problems,
    }
}

fn folder() -> Result<Folder, Failure> {
    Folder::make().map_err(|error| {
        let place = std::env::temp_dir();
        Failure::Failed(format!(
            "no folder for the Compose plugin can be made in {}: {error}",
            place.display()
        ))
    })
}

fn socket(path: &std::path::Path) -> OsString {
    let mut address = OsString::from("unix://");
    address.push(path);
    address
}

fn words(problems: &[Problem]) -> String {
    let words = problems.iter().map(|problem| match problem.line {
        Some(line) => format!("line {line}: {}", problem.message),
        None => problem.message.clone(),
    });
    words.collect::<Vec<_>>().join("; ")
}

impl std::fmt::Debug for Site<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site").field("engine", &self.engine).finish_non_exhaustive()
    }
}
