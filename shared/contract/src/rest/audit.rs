use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of the audit log: what somebody did, or was refused.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditRecord {
    /// The line's number in the log; grows without holes.
    pub id: i64,
    /// When; RFC 3339.
    pub at: String,
    /// The account's ID, if the caller was known.
    pub actor_id: Option<String>,
    /// The account's name, or the name that a failed sign-in claimed.
    pub actor: Option<String>,
    /// What was done, for example `container.restart`, `user.create`, `auth.login`.
    pub action: String,
    /// What it was done to, for example `containers/3f2a…` or `users/ada`.
    pub target: Option<String>,
    /// `intent` until the outcome is known, then `success`, `failure` or `denied`.
    pub outcome: String,
    /// What else belongs to it: the error's code, the fields that changed. Never a secret.
    #[schema(value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
    /// The caller's address.
    pub address: Option<String>,
    /// The request that caused it.
    pub request_id: String,
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The lines.
    pub items: Vec<AuditRecord>,
    /// Send as `cursor` for older lines.
    pub next_cursor: Option<String>,
}
