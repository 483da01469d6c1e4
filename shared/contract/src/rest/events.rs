use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ws::Actor;

/// Something that happened at an engine, or to a host as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventRecord {
    /// The same whoever read it and however often it was replayed.
    pub id: String,
    /// The host.
    pub host: String,
    /// The engine's time; RFC 3339 with nanoseconds.
    pub at: String,
    /// `container`, `image`, `volume`, `network`, `daemon` or `host`.
    pub kind: String,
    /// For example `start`.
    pub action: String,
    /// What it happened to.
    pub actor: Actor,
    /// Details, secrets removed.
    pub attributes: BTreeMap<String, String>,
}

/// A page of events, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventPage {
    /// The events.
    pub items: Vec<EventRecord>,
    /// Send as `cursor` for older ones.
    pub next_cursor: Option<String>,
}
