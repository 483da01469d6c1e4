//! Each error's status, and the code that programs decide by.

use actix_web::http::StatusCode;
use dockline_auth::PasswordError;

use super::{ApiError, NotRemoved, ports};

impl ApiError {
    /// The code that programs decide by.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.status_and_code().1
    }

    pub(super) const fn status_and_code(&self) -> (StatusCode, &'static str) {
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
            Self::HostNotFound => (StatusCode::NOT_FOUND, "host_not_found"),
            Self::HostDisabled(_) => (StatusCode::CONFLICT, "host_disabled"),
            Self::HostFromSettings { .. } => (StatusCode::CONFLICT, "host_from_settings"),
            Self::UserNotFound => (StatusCode::NOT_FOUND, "user_not_found"),
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
            Self::UploadsBusy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "uploads_busy"),
            Self::UploadDiskFull => (StatusCode::INSUFFICIENT_STORAGE, "upload_disk_full"),
            Self::StackNotFound => (StatusCode::NOT_FOUND, "stack_not_found"),
            Self::StackFileNotFound => (StatusCode::NOT_FOUND, "stack_file_not_found"),
            Self::StackUnreadable(_) => (StatusCode::CONFLICT, "stack_unreadable"),
            Self::StackExists { .. } => (StatusCode::CONFLICT, "stack_exists"),
            Self::StackManaged => (StatusCode::CONFLICT, "stack_managed"),
            Self::StackAbsent => (StatusCode::CONFLICT, "stack_absent"),
            Self::StackBusy(_) => (StatusCode::CONFLICT, "stack_busy"),
            Self::Compose(failure) => ports::compose(failure),
            Self::Docker { error, .. } => ports::docker(error),
            Self::Persistence(error) => ports::persistence(error),
            Self::Fanout(_) => (StatusCode::SERVICE_UNAVAILABLE, "live_data_unavailable"),
            Self::Password(PasswordError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Password(PasswordError::Failed) | Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal_error")
            }
        }
    }
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
