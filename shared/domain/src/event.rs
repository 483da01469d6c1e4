//! An engine event, and the identity that is the same for everybody who reads it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{HostId, Timestamp};

/// Something that happened at an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    /// The host.
    pub host: HostId,
    /// The engine's time.
    pub at: Timestamp,
    /// `container`, `image`, `volume`, `network`, `daemon`, …
    pub kind: String,
    /// `start`, `die`, `exec_start: sh`, …
    pub action: String,
    /// The ID of what it happened to.
    pub actor_id: String,
    /// Details, by an allow-list.
    pub attributes: BTreeMap<String, String>,
}

/// The attributes that are kept. An engine puts every label of a container and an image among them,
/// and people keep secrets in labels.
const SAFE_ATTRIBUTES: [&str; 18] = [
    "name",
    "oldName",
    "image",
    "exitCode",
    "signal",
    "execID",
    "execDuration",
    "container",
    "type",
    "scope",
    "driver",
    "destination",
    "propagation",
    "read/write",
    "tag",
    "reclaimed",
    "com.docker.compose.project",
    "com.docker.compose.service",
];

impl EngineEvent {
    /// The action of an event of our own that tells a container's state where events about it may have been lost.
    pub const RECONCILED: &str = "reconciled";

    /// Whether the engine said it. Events of our own are never replayed.
    #[must_use]
    pub fn is_of_engine(&self) -> bool {
        self.kind != "host" && self.action != Self::RECONCILED
    }

    /// The event without what may be a secret: labels, and the command of an `exec`.
    ///
    /// Done before anything else sees the event, so that no viewer, topic or log can show one.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        self.attributes.retain(|key, _| SAFE_ATTRIBUTES.contains(&key.as_str()));
        if self.action.starts_with("exec_")
            && let Some((action, _command)) = self.action.split_once(':')
        {
            self.action = action.to_owned();
        }
        self
    }

    /// The event's identity: a hash of host, time, kind, action, actor and attributes.
    ///
    /// The same whoever reads it and however often it is replayed; two equal events *are* a replay.
    #[must_use]
    pub fn id(&self) -> String {
        let mut sha = Sha256::new();
        let mut field = |text: &str| {
            // Length-prefixed, so that no two different events serialize alike.
            sha.update((text.len() as u64).to_le_bytes());
            sha.update(text.as_bytes());
        };
        field(self.host.as_str());
        field(&self.at.0.to_string());
        field(&self.kind);
        field(&self.action);
        field(&self.actor_id);
        for (key, value) in &self.attributes {
            field(key);
            field(value);
        }
        hex::encode(&sha.finalize()[..16])
    }

    /// The actor's name, where the engine gave one.
    #[must_use]
    pub fn actor_name(&self) -> Option<&str> {
        self.attributes.get("name").map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_survive() {
        let event = EngineEvent {
            host: "local".parse().expect("valid"),
            at: Timestamp(1),
            kind: "container".into(),
            action: "exec_start: sh -c 'login hunter2'".into(),
            actor_id: "abc".into(),
            attributes: BTreeMap::from([
                ("name".into(), "web".into()),
                ("com.example.token".into(), "hunter2".into()),
            ]),
        }
        .without_secrets();
        assert!(!format!("{event:?}").contains("hunter2"));
        assert_eq!((event.action.as_str(), event.actor_name()), ("exec_start", Some("web")));
        let health = EngineEvent { action: "health_status: healthy".into(), ..event };
        assert_eq!(health.without_secrets().action, "health_status: healthy");
    }

    #[test]
    fn identity_depends_on_every_part() {
        let event = EngineEvent {
            host: "local".parse().expect("valid"),
            at: Timestamp(1),
            kind: "container".into(),
            action: "start".into(),
            actor_id: "abc".into(),
            attributes: BTreeMap::from([("name".into(), "web".into())]),
        };
        assert_eq!(event.id(), event.clone().id());
        let mut other = event.clone();
        other.at = Timestamp(2);
        assert_ne!(event.id(), other.id());
        let mut shifted = event.clone();
        shifted.kind = "containers".into();
        shifted.action = "tart".into();
        assert_ne!(event.id(), shifted.id());
        let mut labelled = event.clone();
        labelled.attributes.insert("x".into(), String::new());
        assert_ne!(event.id(), labelled.id());
    }
}
