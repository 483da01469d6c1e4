use async_trait::async_trait;
use dockline_contract::rest::{ContainerDetails, ContainerSummary};
use dockline_domain::{
    ContainerId, ContainerName, ContainerRef, Timestamp, access::Grant, event::EngineEvent, log::Chunk,
    stats::RawSample,
};
use futures::stream::BoxStream;

use crate::{
    Build, Create, Execs, Files, Images, Networks, Operations, Pull, Push, Recreate, RegistryQuestions,
    Result, Sensitive, System, Tunnels, VolumeFiles, Volumes,
};

/// A live sequence of log chunks; ends when the engine ends it.
pub type LogStream = BoxStream<'static, Result<Chunk>>;
/// One raw sample per second; ends when the container is removed.
pub type StatsStream = BoxStream<'static, Result<RawSample>>;
/// Engine events; ends when the connection does.
pub type EventStream = BoxStream<'static, Result<EngineEvent>>;

/// A Docker engine.
///
/// Reading methods are safe to repeat. Methods that change something take the [`Grant`] under which
/// they are called; it is proof, and shows up in traces.
#[async_trait]
pub trait Engine:
    Build
    + Create
    + Execs
    + Files
    + Images
    + Networks
    + Operations
    + Pull
    + Push
    + Recreate
    + RegistryQuestions
    + System
    + Tunnels
    + VolumeFiles
    + Volumes
    + Send
    + Sync
    + std::fmt::Debug
{
    /// Whether the engine answers: the cheapest question there is, with a deadline of its own.
    async fn ping(&self) -> Result<()>;

    /// Version and size of the engine's host.
    async fn info(&self) -> Result<EngineInfo>;

    /// Every container, stopped ones included; the newest first.
    async fn list(&self) -> Result<Vec<Sensitive<ContainerSummary>>>;

    /// The containers that `reference` names: none, one, or (a short prefix) several.
    async fn find(&self, reference: &ContainerRef) -> Result<Vec<ContainerId>>;

    /// Everything about one container.
    async fn inspect(&self, id: &ContainerId) -> Result<Sensitive<ContainerDetails>>;

    /// What the streamer must know of a container: cheap, no secrets.
    async fn status(&self, id: &ContainerId) -> Result<ContainerStatus>;

    /// Starts; a running container is a success.
    async fn start(&self, grant: &Grant, id: &ContainerId) -> Result<()>;
    /// Stops, with the container's own grace period; a stopped container is a success.
    async fn stop(&self, grant: &Grant, id: &ContainerId) -> Result<()>;
    /// Stops, then starts.
    async fn restart(&self, grant: &Grant, id: &ContainerId) -> Result<()>;
    /// Sends a signal to the main process.
    async fn kill(&self, grant: &Grant, id: &ContainerId, signal: KillSignal) -> Result<()>;
    /// Freezes all processes.
    async fn pause(&self, grant: &Grant, id: &ContainerId) -> Result<()>;
    /// Lets frozen processes go on.
    async fn unpause(&self, grant: &Grant, id: &ContainerId) -> Result<()>;
    /// Gives another name.
    async fn rename(&self, grant: &Grant, id: &ContainerId, name: &ContainerName) -> Result<()>;
    /// Removes; a running container is a conflict unless forced.
    async fn remove(&self, grant: &Grant, id: &ContainerId, options: RemoveOptions) -> Result<()>;

    /// Opens the log. The stream yields exactly the engine's chunks.
    async fn logs(&self, id: &ContainerId, query: &LogQuery) -> Result<LogOpen>;
    /// Opens the 1-per-second sample stream.
    async fn stats(&self, id: &ContainerId) -> Result<StatsStream>;
    /// Opens the event stream: what happens after this has returned is in it. It begins with what the engine still
    /// holds from `since` on (inclusive).
    async fn events(&self, since: Option<Timestamp>) -> Result<EventStream>;
}

/// Version and size of an engine's host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// The engine's version, for example `28.5.2`.
    pub version: String,
    /// The API version in use.
    pub api_version: String,
    /// For example `Debian GNU/Linux 12 (bookworm)`.
    pub operating_system: String,
    /// Processors.
    pub cpus: u64,
    /// Bytes.
    pub memory_bytes: u64,
    /// Images stored.
    pub images: u64,
}

/// What the streamer must know of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerStatus {
    /// Whether it has a terminal: decides the log's framing.
    pub tty: bool,
    /// Whether a process runs (paused counts).
    pub running: bool,
    /// Whether the restart policy is about to start it again.
    pub restarting: bool,
    /// When the present or last run began, in the engine's words: tells one run from another.
    pub started_at: String,
    /// The last exit code.
    pub exit_code: i64,
    /// The log driver's name.
    pub log_driver: String,
    /// The size in bytes at which the driver begins a new file and in time throws old output away;
    /// `None` for a log that only grows.
    pub rotates_at: Option<u64>,
}

/// Which signal [`Engine::kill`] sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KillSignal {
    /// End at once.
    #[default]
    Kill,
    /// Ask to end.
    Term,
    /// Interrupt.
    Int,
    /// Hang up, often "reload".
    Hup,
    /// The first user-defined signal.
    Usr1,
    /// The second user-defined signal.
    Usr2,
}

impl KillSignal {
    /// The name that the engine takes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "SIGKILL",
            Self::Term => "SIGTERM",
            Self::Int => "SIGINT",
            Self::Hup => "SIGHUP",
            Self::Usr1 => "SIGUSR1",
            Self::Usr2 => "SIGUSR2",
        }
    }
}

impl std::str::FromStr for KillSignal {
    type Err = dockline_domain::ids::InvalidId;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        [Self::Kill, Self::Term, Self::Int, Self::Hup, Self::Usr1, Self::Usr2]
            .into_iter()
            .find(|signal| signal.as_str() == text)
            .ok_or(dockline_domain::ids::InvalidId {
                what: "a signal",
                rule: "SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1 or SIGUSR2",
            })
    }
}

/// How [`Engine::remove`] removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RemoveOptions {
    /// Kill it first if it runs.
    pub force: bool,
    /// Remove its anonymous volumes too.
    pub volumes: bool,
}

/// From where a log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// Everything that the engine holds.
    All,
    /// The last chunks; the engine counts chunks, not lines.
    Last(u32),
}

/// Which part of a log is read. Both outputs are always read, always with time stamps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogQuery {
    /// Where to begin.
    pub tail: Tail,
    /// Nothing older; inclusive. Engines differ in how they filter, see the streamer's `resume`.
    pub since: Option<Timestamp>,
    /// Nothing newer; inclusive.
    pub until: Option<Timestamp>,
    /// Go on with new output.
    pub follow: bool,
}

/// An opened log.
pub struct LogOpen {
    /// The engine's own clock when it answered, in whole seconds; `None` if it did not say.
    pub engine_time: Option<Timestamp>,
    /// The chunks.
    pub chunks: LogStream,
}

impl std::fmt::Debug for LogOpen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogOpen").field("engine_time", &self.engine_time).finish_non_exhaustive()
    }
}
