use std::collections::BTreeMap;

use actix_web::web;
use dockline_contract::{
    rest::{EventPage, EventRecord},
    ws::Actor,
};
use dockline_domain::{HostId, event::EngineEvent};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use crate::{
    ApiError, App,
    extract::{Fields, Params},
};

/// Which events are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEvents {
    /// Of this host only.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
    /// `container`, `image`, `volume`, `network` or `daemon`.
    kind: Option<String>,
    /// For example `start`.
    action: Option<String>,
    /// The actor's ID, or its beginning.
    actor: Option<String>,
    /// Part of the action, the actor's name or the actor's ID.
    q: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The recent events of all hosts, newest first.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "list_events", tag = "events", params(ListEvents),
    responses((status = 200, description = "A page of events", body = EventPage)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListEvents>,
) -> Result<web::Json<EventPage>, ApiError> {
    let mut fields = Fields::default();
    let limit = fields.check("limit", cursor::limit(wanted.limit));
    let before = wanted.cursor.as_deref().map(cursor::decode::<String>);
    let before = fields.check_optional("cursor", before);
    let Some(limit) = limit else { return Err(fields.into()) };
    fields.finish()?;
    let recent = app.events.recent();
    let mut items: Vec<EventRecord> =
        recent.iter().rev().map(|event| visible(event)).filter(|event| takes(&wanted, event)).collect();
    if let Some(before) = before {
        // An event that has fallen out of the memory takes everything older with it.
        let at = items.iter().position(|event| event.id == before).map_or(items.len(), |index| index + 1);
        items.drain(..at);
    }
    let more = cursor::cut(&mut items, limit);
    let next_cursor = items.last().filter(|_| more).map(|last| cursor::encode(&last.id));
    Ok(web::Json(EventPage { items, next_cursor }))
}

fn takes(wanted: &ListEvents, event: &EventRecord) -> bool {
    let same = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == found)
    };
    let text = wanted.q.as_deref().unwrap_or_default().to_lowercase();
    wanted.host.as_ref().is_none_or(|host| host.as_str() == event.host)
        && same(&wanted.kind, &event.kind)
        && same(&wanted.action, &event.action)
        && wanted.actor.as_deref().is_none_or(|actor| event.actor.id.starts_with(actor))
        && [&event.action, &event.actor.name, &event.actor.id]
            .iter()
            .any(|field| field.to_lowercase().contains(&text))
}

/// Attributes that the engine itself writes. Everything else there is a label of the container, and
/// labels may hold secrets.
const SHOWN: [&str; 18] = [
    "name",
    "image",
    "exitCode",
    "signal",
    "execID",
    "oldName",
    "container",
    "driver",
    "destination",
    "propagation",
    "read/write",
    "type",
    "scope",
    "execDuration",
    "tag",
    "reclaimed",
    "com.docker.compose.project",
    "com.docker.compose.service",
];

/// An event without what may be secret: labels, and the command line that `exec_create: …` carries.
pub(crate) fn visible(event: &EngineEvent) -> EventRecord {
    let shown = |(key, value): (&String, &String)| {
        SHOWN.contains(&key.as_str()).then(|| (key.clone(), value.clone()))
    };
    let attributes: BTreeMap<String, String> = event.attributes.iter().filter_map(shown).collect();
    let action = match event.action.split_once(": ") {
        Some((action @ ("exec_create" | "exec_start"), _command)) => action,
        _ => &event.action,
    };
    EventRecord {
        id: event.id(),
        host: event.host.to_string(),
        at: event.at.to_string(),
        kind: event.kind.clone(),
        action: action.to_owned(),
        actor: Actor { id: event.actor_id.clone(), name: event.actor_name().unwrap_or_default().to_owned() },
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use dockline_domain::Timestamp;

    use super::*;

    #[test]
    fn labels_and_commands_stay_inside() {
        let attributes = [("name", "web"), ("exitCode", "1"), ("api.token", "hunter2")];
        let event = EngineEvent {
            host: "local".parse().expect("valid"),
            at: Timestamp(1),
            kind: "container".into(),
            action: "exec_start: sh -c 'login hunter2'".into(),
            actor_id: "abc".into(),
            attributes: attributes.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
        };
        let shown = visible(&event);
        assert_eq!(shown.action, "exec_start");
        assert_eq!(shown.attributes.len(), 2);
        assert!(!format!("{shown:?}").contains("hunter2"));
    }
}
