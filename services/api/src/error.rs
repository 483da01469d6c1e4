//! Every error that leaves the server: one enum, one mapping, constant text for what is our own fault.

use std::{fmt::Write, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use dockline_auth::PasswordError;
use dockline_contract::rest::{ContainerUse, ErrorBody, FieldError};
use dockline_domain::{
    ContainerPath, HostId,
    access::{Denied, Permission},
    ids::InvalidId,
};
use dockline_jobs::JobState;
use dockline_persistence as persistence;
use serde_json::{Value, json};

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

impl NotRemoved {
    const fn code(&self) -> &'static str {
        match self {
            Self::NotRunning => "container_not_running",
            Self::NoProgram => "no_rm_in_container",
            Self::NotEmpty(_) => "folder_not_empty",
            Self::Refused(_) => "file_not_removed",
        }
    }
}

/// One of several containers that a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its host.
    pub host: HostId,
    /// Its whole ID.
    pub id: dockline_domain::ContainerId,
}

impl From<persistence::Error> for ApiError {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::NoSuchUser => Self::UserNotFound,
            persistence::Error::NoSuchHost => Self::HostNotFound,
            other => Self::Persistence(other),
        }
    }
}

impl ApiError {
    /// The code that programs decide by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    const fn status_and_code(&self) -> (StatusCode, &'static str) {
        use dockline_compose::Failure as Compose;
        use dockline_docker::{Error as Docker, Missing};
        use persistence::Error as Database;

        match self {
            Self::MalformedJson { .. } => (StatusCode::BAD_REQUEST, "malformed_json"),
            Self::MalformedBody => (StatusCode::BAD_REQUEST, "malformed_body"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "body_timeout"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::InvalidFields(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields"),
            Self::InvalidId(_) => (StatusCode::BAD_REQUEST, "invalid_id"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials"),
            Self::InvalidSetupToken { .. } => (StatusCode::FORBIDDEN, "invalid_setup_token"),
            Self::Denied(_) => (StatusCode::FORBIDDEN, "permission_denied"),
            Self::NoRole => (StatusCode::FORBIDDEN, "no_role"),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign_origin"),
            Self::TooManyAttempts { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts"),
            Self::TooManyConnections { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_connections"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::ContainerNotFound => (StatusCode::NOT_FOUND, "container_not_found"),
            Self::AmbiguousContainer(_) => (StatusCode::CONFLICT, "ambiguous_container"),
            Self::HostNotFound | Self::Persistence(Database::NoSuchHost) => {
                (StatusCode::NOT_FOUND, "host_not_found")
            }
            Self::HostDisabled(_) => (StatusCode::CONFLICT, "host_disabled"),
            Self::HostFromSettings { .. } => (StatusCode::CONFLICT, "host_from_settings"),
            Self::UserNotFound | Self::Persistence(Database::NoSuchUser) => {
                (StatusCode::NOT_FOUND, "user_not_found")
            }
            Self::OwnAccount(_) => (StatusCode::CONFLICT, "own_account"),
            Self::NothingToRetry(_) => (StatusCode::CONFLICT, "nothing_to_retry"),
            Self::NotRepeatable => (StatusCode::CONFLICT, "job_not_repeatable"),
            Self::BackupNotFound => (StatusCode::NOT_FOUND, "backup_not_found"),
            Self::BackupUnavailable(_) => (StatusCode::CONFLICT, "backup_unavailable"),
            Self::UnknownJobKind => (StatusCode::CONFLICT, "unknown_job_kind"),
            Self::HostEscape(_) => (StatusCode::FORBIDDEN, "host_escape"),
            Self::VolumeInUse { .. } => (StatusCode::CONFLICT, "volume_in_use"),
            Self::NotRecreatable(_) => (StatusCode::CONFLICT, "not_recreatable"),
            Self::ContainerBusy(_) => (StatusCode::CONFLICT, "container_busy"),
            Self::StartFailed { .. } => (StatusCode::CONFLICT, "start_failed"),
            Self::FileChanged(_) => (StatusCode::PRECONDITION_FAILED, "file_changed"),
            Self::LengthRequired => (StatusCode::LENGTH_REQUIRED, "length_required"),
            Self::ArchiveRefused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "archive_refused"),
            Self::NotRemoved(why) => (StatusCode::CONFLICT, why.code()),
            Self::RecordingUnavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "recording_unavailable"),
            Self::RecordingUnreadable => (StatusCode::CONFLICT, "recording_unreadable"),
            Self::UploadFailed(_) => (StatusCode::BAD_REQUEST, "upload_failed"),
            Self::StackNotFound => (StatusCode::NOT_FOUND, "stack_not_found"),
            Self::StackFileNotFound => (StatusCode::NOT_FOUND, "stack_file_not_found"),
            Self::StackUnreadable(_) => (StatusCode::CONFLICT, "stack_unreadable"),
            Self::StackExists { .. } => (StatusCode::CONFLICT, "stack_exists"),
            Self::StackManaged => (StatusCode::CONFLICT, "stack_managed"),
            Self::StackAbsent => (StatusCode::CONFLICT, "stack_absent"),
            Self::StackBusy(_) => (StatusCode::CONFLICT, "stack_busy"),
            Self::Compose(failure) => match failure {
                Compose::NoPlugin(_) => (StatusCode::SERVICE_UNAVAILABLE, "compose_missing"),
                Compose::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_compose"),
                Compose::Busy => (StatusCode::SERVICE_UNAVAILABLE, "compose_busy"),
                Compose::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, "compose_timeout"),
                Compose::Failed(_) => (StatusCode::BAD_GATEWAY, "compose_failed"),
            },
            Self::Docker { error, .. } => match error {
                Docker::Unreachable { .. } => (StatusCode::BAD_GATEWAY, "engine_unreachable"),
                Docker::Unusable { .. } => (StatusCode::BAD_GATEWAY, "host_unusable"),
                Docker::TimedOut { .. } => (StatusCode::GATEWAY_TIMEOUT, "engine_timeout"),
                Docker::NotFound => (StatusCode::NOT_FOUND, "container_not_found"),
                Docker::Missing { what, .. } => match what {
                    Missing::Image => (StatusCode::NOT_FOUND, "image_not_found"),
                    Missing::Network => (StatusCode::NOT_FOUND, "network_not_found"),
                    Missing::Volume => (StatusCode::NOT_FOUND, "volume_not_found"),
                    Missing::File => (StatusCode::NOT_FOUND, "file_not_found"),
                },
                Docker::Invalid { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "rejected_by_engine"),
                Docker::Conflict { .. } => (StatusCode::CONFLICT, "conflict"),
                Docker::UnreadableLogs { .. } => (StatusCode::CONFLICT, "unreadable_logs"),
                Docker::Engine { .. } => (StatusCode::BAD_GATEWAY, "engine_error"),
            },
            Self::Persistence(error) => match error {
                Database::UsernameTaken => (StatusCode::CONFLICT, "username_taken"),
                Database::LastAdmin => (StatusCode::CONFLICT, "last_admin"),
                Database::SetupDone => (StatusCode::CONFLICT, "setup_done"),
                Database::HostTaken => (StatusCode::CONFLICT, "host_exists"),
                Database::HostChanged => (StatusCode::CONFLICT, "host_changed"),
                Database::HostDeclared => (StatusCode::CONFLICT, "host_from_settings"),
                Database::RegistryTaken => (StatusCode::CONFLICT, "registry_exists"),
                Database::NoSuchRegistry => (StatusCode::NOT_FOUND, "registry_not_found"),
                Database::RegistryChanged => (StatusCode::CONFLICT, "registry_changed"),
                Database::StackChanged => (StatusCode::CONFLICT, "stack_changed"),
                Database::NoSuchJob => (StatusCode::NOT_FOUND, "job_not_found"),
                Database::JobOver { .. } => (StatusCode::CONFLICT, "job_over"),
                Database::ScheduleTaken => (StatusCode::CONFLICT, "schedule_exists"),
                Database::NoSuchSchedule => (StatusCode::NOT_FOUND, "schedule_not_found"),
                Database::ScheduleBusy => (StatusCode::CONFLICT, "schedule_busy"),
                Database::TooManySchedules => (StatusCode::CONFLICT, "too_many_schedules"),
                Database::NoSuchRecording => (StatusCode::NOT_FOUND, "recording_not_found"),
                Database::RecordingGoesOn => (StatusCode::CONFLICT, "recording_in_progress"),
                Database::TooManyJobs => (StatusCode::TOO_MANY_REQUESTS, "too_many_jobs"),
                Database::Busy { .. } | Database::DiskFull { .. } | Database::Closing { .. } => {
                    (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable")
                }
                Database::NoSuchUser | Database::NoSuchHost | Database::Failed { .. } => {
                    (StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
                }
            },
            Self::Fanout(_) => (StatusCode::SERVICE_UNAVAILABLE, "live_data_unavailable"),
            Self::Password(PasswordError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Password(PasswordError::Failed) | Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
            }
        }
    }

    fn details(&self) -> Option<Value> {
        match self {
            Self::AmbiguousContainer(candidates) => {
                let candidates: Vec<Value> = candidates
                    .iter()
                    .map(|candidate| json!({ "host": candidate.host, "id": candidate.id }))
                    .collect();
                Some(json!({ "candidates": candidates }))
            }
            Self::HostEscape(reasons) => {
                Some(json!({ "permission": Permission::HostEscape.as_str(), "reasons": reasons }))
            }
            Self::VolumeInUse { host, containers } => Some(json!({ "host": host, "containers": containers })),
            Self::StackBusy(job) | Self::ContainerBusy(job) => Some(json!({ "job": job })),
            Self::Compose(dockline_compose::Failure::Invalid(problems)) => {
                let told =
                    |one: &dockline_compose::Problem| json!({ "line": one.line, "message": one.message });
                Some(json!({ "problems": problems.iter().map(told).collect::<Vec<Value>>() }))
            }
            Self::NotRecreatable(reasons) => Some(json!({ "reasons": reasons })),
            Self::StartFailed { host, .. } => Some(json!({ "host": host })),
            Self::Docker { host, .. } | Self::HostDisabled(host) | Self::HostFromSettings { host, .. } => {
                Some(json!({ "host": host }))
            }
            Self::Denied(denied) => Some(json!({ "permission": denied.permission.as_str() })),
            _ => None,
        }
    }

    const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts { retry_after } | Self::TooManyConnections { retry_after, .. } => {
                Some(*retry_after)
            }
            Self::Compose(dockline_compose::Failure::Busy)
            | Self::Password(PasswordError::Busy)
            | Self::Fanout(_)
            | Self::RecordingUnavailable(_) => Some(Duration::from_secs(1)),
            Self::Persistence(persistence::Error::TooManyJobs) => Some(Duration::from_secs(10)),
            Self::Persistence(error) if error.is_temporary() => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// What went wrong, for the log: the whole chain of causes.
    pub(crate) fn causes(&self) -> String {
        let mut text = match self {
            Self::Internal(what) => (*what).to_owned(),
            other => other.to_string(),
        };
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let _written = write!(text, ": {error}");
            cause = error.source();
        }
        text
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status_and_code().0
    }

    /// The body travels beside the response until [`crate::edge`] writes it: only there is the request's
    /// ID known.
    fn error_response(&self) -> HttpResponse {
        let (status, code) = self.status_and_code();
        let mut response = HttpResponse::build(status);
        if let Some(wait) = self.retry_after() {
            response.insert_header((RETRY_AFTER, whole_seconds(wait).to_string()));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        let mut response = response.finish();
        if status.is_server_error() {
            response.extensions_mut().insert(Causes(self.causes()));
        }
        response.extensions_mut().insert(ErrorBody {
            code: code.to_owned(),
            message: self.to_string(),
            request_id: String::new(),
            fields: match self {
                Self::InvalidFields(fields) => fields.clone(),
                _ => Vec::new(),
            },
            details: self.details(),
        });
        response
    }
}

/// The chain of causes of a server error, on its way to the log.
pub(crate) struct Causes(pub(crate) String);

/// Rounded up, and never 0: who retries after that time succeeds.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0 || time.is_zero())
}

fn docker_message(host: &HostId, error: &dockline_docker::Error) -> String {
    use dockline_docker::Error as Docker;

    match error {
        Docker::Unreachable { .. } => {
            format!("the Docker engine of host {host} does not answer; check that it runs, then try again")
        }
        Docker::Unusable { reason } => format!("host {host} cannot be used: {reason}"),
        Docker::TimedOut { operation } => {
            format!(
                "the Docker engine of host {host} did not {operation} in time; look whether it was done before you try again"
            )
        }
        Docker::NotFound => "there is no such container on this host; it may have been removed".to_owned(),
        Docker::Conflict { message } | Docker::Missing { message, .. } | Docker::Invalid { message } => {
            message.clone()
        }
        Docker::UnreadableLogs { .. } => error.to_string(),
        Docker::Engine { .. } => format!("on host {host}, {error}"),
    }
}

fn persistence_message(error: &persistence::Error) -> String {
    use persistence::Error as Database;

    match error {
        Database::UsernameTaken => "there is already an account with this name; choose another".to_owned(),
        Database::LastAdmin => "this is the last enabled administrator; make another one first".to_owned(),
        Database::SetupDone => "set-up is done already; sign in".to_owned(),
        Database::NoSuchUser => "there is no such account; it may have been removed".to_owned(),
        Database::HostTaken => "there is already a host with this ID; choose another".to_owned(),
        Database::NoSuchHost => "there is no such host; it may have been removed".to_owned(),
        Database::HostChanged => {
            "somebody else changed this host at the same moment; look at it again, then repeat your change"
                .to_owned()
        }
        Database::HostDeclared => "the settings name this host; take it out there".to_owned(),
        Database::RegistryTaken => {
            "there are credentials for this registry already; change those, or remove them first".to_owned()
        }
        Database::NoSuchRegistry => "there is no such registry; it may have been removed".to_owned(),
        Database::RegistryChanged => {
            "somebody else changed this registry at the same moment; look at it again, then repeat your change"
                .to_owned()
        }
        Database::StackChanged => {
            "somebody changed this stack's file meanwhile: read it again, then repeat your change".to_owned()
        }
        Database::NoSuchJob => "there is no such job; those that are over are kept for 30 days".to_owned(),
        Database::ScheduleTaken => "there is already a schedule with this name; choose another".to_owned(),
        Database::NoSuchSchedule => "there is no such schedule; it may have been removed".to_owned(),
        Database::ScheduleBusy => "the last job of this schedule waits or is worked on; look at that".to_owned(),
        Database::TooManySchedules => "there are 200 schedules; remove some first".to_owned(),
        Database::JobOver { state } => format!("this job has come to its end: {}", state.as_str()),
        Database::NoSuchRecording => "there is no such recording; it may have been removed".to_owned(),
        Database::RecordingGoesOn => {
            "this recording is being written; end the terminal first, or wait".to_owned()
        }
        Database::TooManyJobs => {
            "a thousand jobs are waiting; try again when some of them are done".to_owned()
        }
        Database::Busy { .. } | Database::DiskFull { .. } | Database::Closing { .. } => {
            "the database is not available at the moment; try again shortly".to_owned()
        }
        Database::Failed { .. } => {
            "something went wrong in the server; its log has the request ID".to_owned()
        }
    }
}
