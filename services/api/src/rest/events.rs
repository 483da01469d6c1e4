use std::{cmp::Reverse, collections::BTreeMap, str::FromStr};

use actix_web::web;
use dockline_contract::{
    rest::{EventPage, EventRecord},
    ws::Actor,
};
use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use dockline_persistence::{EventFilter, EventMark};
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
    /// `container`, `image`, `volume`, `network`, `daemon` or `host`.
    kind: Option<String>,
    /// For example `start`.
    action: Option<String>,
    /// The actor's ID, or its beginning.
    actor: Option<String>,
    /// Part of the action, the actor's name or the actor's ID.
    q: Option<String>,
    /// Nothing older; RFC 3339.
    since: Option<String>,
    /// Nothing newer; RFC 3339.
    until: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The events of all hosts, newest first: the history, and what happened a moment ago and is not in it yet. In a
/// cluster without Kafka there is no history, and these are the recent events only.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "list_events", tag = "events", params(ListEvents),
    responses((status = 200, description = "A page of events", body = EventPage)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(wanted): Params<ListEvents>,
) -> Result<web::Json<EventPage>, ApiError> {
    let filter = parse(wanted)?;
    let kept = app.database.events().search(&filter).await?;
    let recent = app.events.recent();
    let recent = recent.iter().map(|event| (event.id(), &**event));
    let recent = recent.filter(|(id, event)| takes(&filter, id, event));
    let kept_events = kept.events.iter().map(|(id, event)| (id.clone(), event));
    // Both parts begin with their newest in this order, hence the newest of both together are among them.
    let mut page: BTreeMap<Reverse<EventMark>, &EngineEvent> = BTreeMap::new();
    for (id, event) in kept_events.chain(recent) {
        page.insert(Reverse(EventMark { at: event.at, id }), event);
    }
    let mut page: Vec<(EventMark, &EngineEvent)> =
        page.into_iter().map(|(Reverse(mark), event)| (mark, event)).collect();
    let more = cursor::cut(&mut page, filter.limit) || kept.more;
    let last = page.last().filter(|_| more).map(|(mark, _)| format!("{}:{}", mark.at.0, mark.id));
    Ok(web::Json(EventPage {
        items: page.into_iter().map(|(mark, event)| record_of(mark.id, event)).collect(),
        next_cursor: cursor::next(last),
    }))
}

fn parse(wanted: ListEvents) -> Result<EventFilter, ApiError> {
    let mut fields = Fields::default();
    let from = fields.check_optional("since", filled(wanted.since).map(|text| time(&text)));
    let to = fields.check_optional("until", filled(wanted.until).map(|text| time(&text)));
    let cursor::Wanted { limit, after } =
        cursor::wanted::<Place>(fields, wanted.limit, wanted.cursor.as_ref())?;
    Ok(EventFilter {
        host: wanted.host,
        kind: filled(wanted.kind),
        action: filled(wanted.action),
        actor: filled(wanted.actor),
        text: filled(wanted.q),
        from,
        to,
        after: after.map(|Place(mark)| mark),
        limit,
    })
}

/// An empty field of a search form is no condition.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn time(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse(text.as_bytes()).ok_or("must be a time in RFC 3339, for example 2026-11-24T10:00:00Z")
}

/// A mark as it is in a cursor.
struct Place(EventMark);

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once(':').ok_or(())?;
        Ok(Self(EventMark { at: Timestamp(at.parse().map_err(drop)?), id: id.to_owned() }))
    }
}

/// Whether an event in memory is wanted, by the rules of the history.
fn takes(filter: &EventFilter, id: &str, event: &EngineEvent) -> bool {
    let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
    let text = filter.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let name = event.actor_name().unwrap_or_default();
    let mark = || EventMark { at: event.at, id: id.to_owned() };
    filter.host.as_ref().is_none_or(|host| *host == event.host)
        && same(&filter.kind, &event.kind)
        && same(&filter.action, &event.action)
        && filter.actor.as_deref().is_none_or(|actor| event.actor_id.starts_with(actor))
        && filter.from.is_none_or(|from| from <= event.at)
        && filter.to.is_none_or(|to| event.at <= to)
        && filter.after.as_ref().is_none_or(|after| mark() < *after)
        && [&event.action, name, &event.actor_id]
            .iter()
            .any(|field| field.to_ascii_lowercase().contains(&text))
}

/// An event as the API shows it. Secrets left it at the Docker port already.
pub(crate) fn record(event: &EngineEvent) -> EventRecord {
    record_of(event.id(), event)
}

fn record_of(id: String, event: &EngineEvent) -> EventRecord {
    EventRecord {
        id,
        host: event.host.to_string(),
        at: event.at.to_string(),
        kind: event.kind.clone(),
        action: event.action.clone(),
        actor: Actor { id: event.actor_id.clone(), name: event.actor_name().unwrap_or_default().to_owned() },
        attributes: event.attributes.clone(),
    }
}
