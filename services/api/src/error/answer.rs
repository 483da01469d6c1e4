//! An error as the answer to a request.

use std::{fmt::Write, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use dockline_auth::PasswordError;
use dockline_contract::rest::ErrorBody;
use dockline_domain::access::Permission;
use dockline_persistence as persistence;
use serde_json::{Value, json};

use super::ApiError;

impl ApiError {
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
            Self::TooManyAttempts { retry_after }
            | Self::TooManyConnections { retry_after, .. }
            | Self::UploadsBusy { retry_after } => Some(*retry_after),
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
pub(super) fn whole_seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0 || time.is_zero())
}
