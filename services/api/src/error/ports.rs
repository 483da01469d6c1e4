//! What the errors of ports are to whoever sent a request: their status, code and message.

use std::time::Duration;

use actix_web::http::StatusCode;
use dockline_docker::archive::NoDisk;
use dockline_domain::HostId;
use dockline_persistence as persistence;

use super::ApiError;

/// Until some of the uploads that are under way are over, mostly.
const UPLOADS_WAIT: Duration = Duration::from_secs(10);

impl From<persistence::Error> for ApiError {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::NoSuchUser => Self::UserNotFound,
            persistence::Error::NoSuchHost => Self::HostNotFound,
            other => Self::Persistence(other),
        }
    }
}

impl From<NoDisk> for ApiError {
    fn from(error: NoDisk) -> Self {
        match error {
            NoDisk::Taken => Self::UploadsBusy { retry_after: UPLOADS_WAIT },
            NoDisk::TooLarge { limit } => {
                Self::TooLarge { limit: usize::try_from(limit).unwrap_or(usize::MAX) }
            }
            NoDisk::Full => Self::UploadDiskFull,
        }
    }
}

pub(super) const fn compose(failure: &dockline_compose::Failure) -> (StatusCode, &'static str) {
    use dockline_compose::Failure as Compose;

    match failure {
        Compose::NoPlugin(_) => (StatusCode::SERVICE_UNAVAILABLE, "compose_missing"),
        Compose::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_compose"),
        Compose::Busy => (StatusCode::SERVICE_UNAVAILABLE, "compose_busy"),
        Compose::TimedOut(_) => (StatusCode::GATEWAY_TIMEOUT, "compose_timeout"),
        Compose::Failed(_) => (StatusCode::BAD_GATEWAY, "compose_failed"),
    }
}

pub(super) const fn docker(error: &dockline_docker::Error) -> (StatusCode, &'static str) {
    use dockline_docker::{Error as Docker, Missing};

    match error {
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
    }
}

pub(super) fn docker_message(host: &HostId, error: &dockline_docker::Error) -> String {
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

pub(super) const fn persistence(error: &persistence::Error) -> (StatusCode, &'static str) {
    use persistence::Error as Database;

    match error {
        Database::NoSuchUser => (StatusCode::NOT_FOUND, "user_not_found"),
        Database::NoSuchHost => (StatusCode::NOT_FOUND, "host_not_found"),
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
        Database::BrokenSchedule { .. } => (StatusCode::CONFLICT, "schedule_broken"),
        Database::TooManySchedules => (StatusCode::CONFLICT, "too_many_schedules"),
        Database::NoSuchRecording => (StatusCode::NOT_FOUND, "recording_not_found"),
        Database::RecordingGoesOn => (StatusCode::CONFLICT, "recording_in_progress"),
        Database::TooManyJobs => (StatusCode::TOO_MANY_REQUESTS, "too_many_jobs"),
        Database::Busy { .. } | Database::DiskFull { .. } | Database::Closing { .. } => {
            (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable")
        }
        Database::Failed { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
    }
}

pub(super) fn persistence_message(error: &persistence::Error) -> String {
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
        Database::BrokenSchedule { why } => {
            format!("this schedule cannot be read ({why}): remove it, and make it anew")
        }
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
