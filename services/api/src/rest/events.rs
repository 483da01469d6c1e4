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
        recent.iter().rev().map(|event| record(event)).filter(|event| takes(&wanted, event)).collect();
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

/// An event as the API shows it. Secrets left it at the Docker port already.
pub(crate) fn record(event: &EngineEvent) -> EventRecord {
    EventRecord {
        id: event.id(),
        host: event.host.to_string(),
        at: event.at.to_string(),
        kind: event.kind.clone(),
        action: event.action.clone(),
        actor: Actor { id: event.actor_id.clone(), name: event.actor_name().unwrap_or_default().to_owned() },
        attributes: event.attributes.clone(),
    }
}
