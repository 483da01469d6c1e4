//! Every error that leaves the server: one enum, one mapping, constant text for what is our own fault.

mod answer;
mod ports;
mod status;

use std::time::Duration;

use dockline_auth::PasswordError;
use dockline_contract::rest::{ContainerUse, FieldError};
use dockline_domain::{ContainerPath, HostId, access::Denied, ids::InvalidId};
use dockline_jobs::JobState;
use dockline_persistence as persistence;

pub(crate) use self::answer::Causes;
use self::{
    answer::whole_seconds,
    ports::{docker_message, persistence_message},
};

/// Why a request was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body is no JSON.
    #[error("the body is not valid JSON (line {line}, column {column})")]
    MalformedJson {
        /// Where.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// The body could not be read.
    #[error("the body could not be read: its length or encoding is wrong")]
    MalformedBody,
    /// The body did not come.
    #[error("the body did not arrive in time; send it again")]
    SlowBody,
    /// The body is too large.
    #[error("the body must not be larger than {limit} bytes")]
    TooLarge {
        /// What is allowed.
        limit: usize,
    },
    /// The body is not announced as JSON.
    #[error("send the body as JSON, with `Content-Type: application/json`")]
    UnsupportedMediaType,
    /// Fields or parameters are wrong.
    #[error("some fields are wrong; `fields` says which and why")]
    InvalidFields(Vec<FieldError>),
    /// An identifier in the path is none.
    #[error("{0}")]
    InvalidId(InvalidId),

    /// Nobody is signed in, or not any more.
    #[error("sign in: the access token or ticket is missing, invalid or expired, or its session has ended")]
    Unauthenticated,
    /// Wrong name or password; never says which.
    #[error("the username or the password is wrong")]
    InvalidCredentials,
    /// The set-up token is wrong.
    #[error(
        "the set-up token is wrong: use the link that the server printed when it started{}",
        if *.in_file { ", or the file setup-token in its data folder" } else { "" }
    )]
    InvalidSetupToken {
        /// Whether the token is in a file, as in standalone.
        in_file: bool,
    },
    /// The role does not include the permission.
    #[error("{0}; ask an administrator")]
    Denied(Denied),
    /// The account has a role that this version does not know.
    #[error("this account has no role that this version knows; ask an administrator")]
    NoRole,
    /// The request comes from another site's page.
    #[error(
        "this request came from a page of another origin: open the product under its public URL (DOCKLINE_PUBLIC_URL)"
    )]
    ForeignOrigin,
    /// Too many attempts to sign in.
    #[error("too many attempts; try again in {} s", whole_seconds(*.retry_after))]
    TooManyAttempts {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Too many open sockets.
    #[error("too many connections: {limit}; close one, or try again in {} s", whole_seconds(*.retry_after))]
    TooManyConnections {
        /// Which limit, for example `10 per user`.
        limit: String,
        /// How long to wait.
        retry_after: Duration,
    },

    /// The job has neither failed nor been cancelled.
    #[error("only a job that failed or was cancelled can be repeated, and this one is {}", .0.as_str())]
    NothingToRetry(JobState),
    /// What the job worked with is gone.
    #[error("what this job worked with was removed when it was over; ask for it anew")]
    NotRepeatable,
    /// There is no such backup.
    #[error("there is no such backup; GET /api/v1/backups lists them")]
    BackupNotFound,
    /// The backup's file cannot be reached from here.
    #[error("the backup cannot be reached: {0}")]
    BackupUnavailable(&'static str),
    /// The job is of a kind that this version does not know.
    #[error("this job is of a kind that only another version of the server knows; finish the upgrade first")]
    UnknownJobKind,
    /// There is nothing under this path.
    #[error("there is nothing here; the API is described at /api/v1/openapi.json")]
    NotFound,
    /// The path exists, the method does not.
    #[error("this path does not take this method")]
    MethodNotAllowed,
    /// No host has the container.
    #[error("there is no such container on any host; it may have been removed")]
    ContainerNotFound,
    /// Several containers answer to the reference.
    #[error("several containers have this ID or prefix; add ?host= or use the whole ID")]
    AmbiguousContainer(Vec<Candidate>),
    /// There is no such host.
    #[error("there is no host with this ID; GET /api/v1/hosts lists them")]
    HostNotFound,
    /// The host is not in use.
    #[error("the host {0} is disabled; enable it first")]
    HostDisabled(HostId),
    /// Only the settings can change this of the host.
    #[error(
        "the host {host} comes from the setting {setting}: change it there and start again; labels, credentials and whether it is enabled can be changed here"
    )]
    HostFromSettings {
        /// Which host.
        host: HostId,
        /// Where it is named.
        setting: &'static str,
    },
    /// There is no such account.
    #[error("there is no such account; it may have been removed")]
    UserNotFound,
    /// An administrator tries to lock themselves out.
    #[error("you cannot {0} your own account; ask another administrator")]
    OwnAccount(&'static str),

    /// What is asked for reaches the host.
    #[error(
        "this reaches the host, which needs the permission host.escape: {}; leave it out, or ask an administrator",
        .0.join("; ")
    )]
    HostEscape(Vec<String>),
    /// Containers use the volume that is to be written.
    #[error(
        "containers use this volume: {}; stop and remove them first, or send force=true",
        .containers.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
    )]
    VolumeInUse {
        /// Which host.
        host: HostId,
        /// Which containers.
        containers: Vec<ContainerUse>,
    },
    /// No container can be made in the place of this one.
    #[error("the container cannot be recreated: {}", .0.join("; "))]
    NotRecreatable(Vec<String>),
    /// A job recreates the container, or will.
    #[error("a job recreates this container, or waits to; wait for its end, or cancel it")]
    ContainerBusy(dockline_domain::JobId),
    /// A container was made, could not be started, and is gone again.
    #[error("the container could not be started, and was removed again: {message}")]
    StartFailed {
        /// Which host.
        host: HostId,
        /// Why.
        message: String,
    },
    /// A file is not as whoever changes it believes.
    #[error("{0} was changed meanwhile, or is there already: read it again, then repeat your change")]
    FileChanged(ContainerPath),
    /// A body must say how long it is.
    #[error("send the file's size as Content-Length")]
    LengthRequired,
    /// An archive holds what is not unpacked.
    #[error("the archive was refused, and nothing of it was unpacked: {0}")]
    ArchiveRefused(dockline_docker::archive::Refusal),
    /// A file in a container could not be removed.
    #[error(transparent)]
    NotRemoved(#[from] NotRemoved),
    /// A terminal must be recorded, and cannot be.
    #[error(
        "terminals in this container are recorded, and the recording cannot be begun: {0}; try again shortly"
    )]
    RecordingUnavailable(#[source] persistence::Error),
    /// The secret key does not open a recording.
    #[error(
        "this recording cannot be read: it was sealed under another secret key (DOCKLINE_SECRET_KEY), or was altered"
    )]
    RecordingUnreadable,
    /// An upload came to its end before its time.
    #[error("{0}")]
    UploadFailed(String),
    /// Other uploads have the disk on which archives lie while they are checked.
    #[error(
        "other uploads have the disk that archives are checked on, and nothing of this one was unpacked; try again in {} s",
        whole_seconds(*.retry_after)
    )]
    UploadsBusy {
        /// How long to wait.
        retry_after: Duration,
    },
    /// That disk is full.
    #[error(
        "the server's disk that archives are checked on is full, and nothing of this one was unpacked; an administrator has to make room there (TMPDIR), or to lower DOCKLINE_UPLOAD_DISK_MIB"
    )]
    UploadDiskFull,

    /// There is no such stack.
    #[error("there is no such stack on this host; it may have been removed")]
    StackNotFound,
    /// No file of the stack is kept.
    #[error(
        "no Compose file, or not this form of it, is kept for this stack; adopt a stack that was made elsewhere first"
    )]
    StackFileNotFound,
    /// A file is kept that cannot be read.
    #[error("{0}")]
    StackUnreadable(dockline_compose::Unreadable),
    /// There is a stack of this name.
    #[error(
        "there is a stack of this name on the host; {}",
        if *.is_kept { "change that one, or choose another name" } else { "it was made elsewhere: adopt it, or choose another name" }
    )]
    StackExists {
        /// Whether its file is kept here.
        is_kept: bool,
    },
    /// Its file is kept already.
    #[error("the file of this stack is kept here already; change that one")]
    StackManaged,
    /// The stack has no container.
    #[error("this stack has no containers; deploy it again")]
    StackAbsent,
    /// A job works on the stack.
    #[error("a job waits or works for this stack; wait for its end, or cancel it")]
    StackBusy(dockline_domain::JobId),
    /// The Compose plugin did not do what it was to do.
    #[error("{0}")]
    Compose(#[from] dockline_compose::Failure),

    /// A host's engine failed.
    #[error("{}", docker_message(host, error))]
    Docker {
        /// Which host.
        host: HostId,
        /// How.
        #[source]
        error: dockline_docker::Error,
    },
    /// The database failed or refused.
    #[error("{}", persistence_message(.0))]
    Persistence(#[source] persistence::Error),
    /// The shared state failed.
    #[error("live data is not available at the moment; try again shortly")]
    Fanout(#[from] dockline_fanout::Error),
    /// Hashing failed.
    #[error("the server is busy with other sign-ins; try again shortly")]
    Password(#[from] PasswordError),
    /// A defect of ours; the text is for the log only.
    #[error("something went wrong in the server; its log has the request ID")]
    Internal(&'static str),
}

/// Why a file in a container could not be removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRemoved {
    /// The container does not run.
    #[error("files are removed by the container's own `rm`, and the container does not run: start it first")]
    NotRunning,
    /// The container has no such program.
    #[error("files are removed by the container's own `rm`, and this container has none")]
    NoProgram,
    /// The folder is not empty.
    #[error("{0} is not empty: say `recursive=true` to remove it with everything in it")]
    NotEmpty(ContainerPath),
    /// It was tried, and failed.
    #[error("it could not be removed, or not all of it: {0}")]
    Refused(String),
}

/// One of several containers that a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its host.
    pub host: HostId,
    /// Its whole ID.
    pub id: dockline_domain::ContainerId,
}
