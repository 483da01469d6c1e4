use std::collections::BTreeMap;

use dockline_domain::{Timestamp, event::EngineEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PREFIX, Payload, VERSION};
use crate::ws::Actor;

/// Something that happened at an engine, or to a host as a whole.
///
/// Of the kind `host` are: `online` and `offline`, when the engine began or ceased to answer, and `gap`: here events are
/// missing (`reason` says why, `lost` how many, where that is known). Behind a gap containers whose state may have
/// changed come as `reconciled`, with their `state`, `removed` among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DockerEvent {
    /// The same for the same event, whoever read it and however often it was sent. Equal to `ce_id`.
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
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// What is wrong with an event that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("its field `{field}` cannot be used: {problem}")]
pub struct NotAnEvent {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// Longer texts are cut: an event must fit into a message.
const LONGEST: usize = 8 << 10;

impl Payload for DockerEvent {
    const SCHEMA: &'static str = "urn:dockline:schema:docker-event:v1";
    const FAMILY: &'static str = "docker.";
}

impl DockerEvent {
    /// An event as it is sent.
    #[must_use]
    pub fn of(event: &EngineEvent) -> Self {
        let name = event.actor_name().unwrap_or_default();
        Self {
            id: event.id(),
            host: event.host.to_string(),
            at: event.at.to_string(),
            kind: cut(&event.kind),
            action: cut(&event.action),
            actor: Actor { id: cut(&event.actor_id), name: cut(name) },
            attributes: event.attributes.iter().map(|(key, value)| (key.clone(), cut(value))).collect(),
        }
    }

    /// The type of its CloudEvent: `io.dockline.docker.container.start.v1`.
    #[must_use]
    pub fn type_name(&self) -> String {
        // "health_status: healthy" is of the type `health_status`.
        let action = self.action.split(':').next().unwrap_or_default();
        let word = |text: &str| -> String {
            let plain =
                |c: char| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '_' };
            text.chars().take(64).map(plain).collect()
        };
        format!("{PREFIX}{}{}.{}{VERSION}", Self::FAMILY, word(&self.kind), word(action))
    }

    /// The subject of its CloudEvent: `containers/3f2a…`.
    #[must_use]
    pub fn subject(&self) -> String {
        format!("{}s/{}", self.kind, self.actor.id)
    }

    /// The event that was sent.
    ///
    /// # Errors
    /// [`NotAnEvent`] for a host or a time that are none.
    pub fn into_event(self) -> Result<EngineEvent, NotAnEvent> {
        let host = self.host.parse().map_err(|error: dockline_domain::ids::InvalidId| NotAnEvent {
            field: "host",
            problem: error.to_string(),
        })?;
        let at = Timestamp::parse(self.at.as_bytes())
            .ok_or_else(|| NotAnEvent { field: "at", problem: "it is no time in RFC 3339".to_owned() })?;
        let Self { kind, action, actor, attributes, .. } = self;
        Ok(EngineEvent { host, at, kind, action, actor_id: actor.id, attributes })
    }
}

fn cut(text: &str) -> String {
    let end = (0..=text.len().min(LONGEST)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str) -> EngineEvent {
        EngineEvent {
            host: "edge".parse().expect("valid"),
            at: Timestamp(1_795_514_400_123_456_789),
            kind: "container".to_owned(),
            action: action.to_owned(),
            actor_id: "abc".to_owned(),
            attributes: BTreeMap::from([("name".to_owned(), "web".to_owned())]),
        }
    }

    #[test]
    fn an_event_survives_its_payload() {
        let event = event("health_status: healthy");
        let payload = DockerEvent::of(&event);
        assert_eq!(payload.id, event.id());
        assert_eq!(payload.type_name(), "io.dockline.docker.container.health_status.v1");
        assert_eq!(payload.subject(), "containers/abc");
        let text = serde_json::to_string(&payload).expect("JSON");
        let read: DockerEvent = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read.into_event(), Ok(event));
    }

    #[test]
    fn fields_of_a_later_release_are_no_obstacle_and_wrong_ones_are_named() {
        let mut json = serde_json::to_value(DockerEvent::of(&event("start"))).expect("JSON");
        json["new"] = serde_json::json!({"a": 1});
        assert!(serde_json::from_value::<DockerEvent>(json.clone()).is_ok());
        for (field, wrong) in [("host", "No Host"), ("at", "yesterday")] {
            let mut json = json.clone();
            json[field] = wrong.into();
            let read: DockerEvent = serde_json::from_value(json).expect("JSON");
            assert_eq!(read.into_event().expect_err(wrong).field, field);
        }
    }

    #[test]
    fn only_types_of_this_version_are_read() {
        assert_eq!(DockerEvent::check_type("io.dockline.docker.container.start.v1"), Ok(()));
        for (kind, said) in [
            ("io.dockline.docker.container.start.v2", "version 2"),
            ("io.dockline.docker.container.start", "no version"),
            ("com.example.order.v1", "not known"),
        ] {
            let error = DockerEvent::check_type(kind).expect_err(kind);
            assert!(error.contains(said) && error.contains(kind), "{error}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "ä".repeat(LONGEST);
        assert_eq!(cut(&long).len(), LONGEST);
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&format!("x{long}")).len(), LONGEST - 1);
    }
}
