use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Payload;

/// One row of the audit log, as it was written. A row never changes: what somebody was about to do is one row
/// (`outcome` is `intent`), how it ended another with the same `entry`.
///
/// Rows are one chain: `prev_hash` is the `hash` of the row before. Whoever keeps them can prove that none is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// The row's number in the chain; grows by one.
    pub seq: i64,
    /// The number of what it is about; an intent and its outcome share it.
    pub entry: i64,
    /// When it was done; RFC 3339.
    pub at: String,
    /// When the row was written; RFC 3339.
    pub written_at: String,
    /// The account's ID, if the caller was known.
    pub actor_id: Option<String>,
    /// The account's name, or the name that a failed sign-in claimed.
    pub actor: Option<String>,
    /// What was done, for example `container.restart`.
    pub action: String,
    /// What it was done to, for example `containers/3f2a…`.
    pub target: Option<String>,
    /// `intent`, `success`, `failure` or `denied`.
    pub outcome: String,
    /// What else belongs to it. Never a secret.
    #[schema(value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
    /// The caller's address.
    pub address: Option<String>,
    /// The request that caused it.
    pub request_id: String,
    /// The hash of the row before; 64 zeros before the first.
    pub prev_hash: String,
    /// SHA-256 over the row's fields.
    pub hash: String,
}

impl Payload for AuditEntry {
    const SCHEMA: &'static str = "urn:dockline:schema:audit-entry:v1";
    const FAMILY: &'static str = "audit";
}

impl AuditEntry {
    /// The type of its CloudEvent.
    pub const TYPE: &'static str = "io.dockline.audit.v1";
}
