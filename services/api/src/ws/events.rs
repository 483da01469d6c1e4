use std::{
    collections::BTreeSet,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{HttpRequest, HttpResponse, web};
use dockline_contract::{
    rest::{ErrorBody, EventRecord},
    ws::EventFrame,
};
use dockline_docker::{Host, Hosts};
use dockline_domain::{HostId, event::EngineEvent, log::GapReason};
use dockline_fanout::{
    EventItem, EventWatch,
    session::{Seat, SeatOf},
};
use dockline_telemetry::SocketKind;
use futures::{Stream, StreamExt, stream, stream::BoxStream};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

use super::{
    logs::json,
    socket::{Outgoing, Source},
    upgrade::{seat, upgrade},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params},
    rest::events::record,
};

/// Which events are watched; all by default.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// Only of this host.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
    /// Only of this kind, for example `container`.
    kind: Option<String>,
    /// Only about this ID.
    actor: Option<String>,
}

impl EventParams {
    fn wants(&self, item: &EventItem) -> bool {
        let host = match item {
            EventItem::Event(event) => &event.host,
            EventItem::Gap(host) | EventItem::HostState(host, _) => host,
        };
        if self.host.as_ref().is_some_and(|wanted| wanted != host) {
            return false;
        }
        match item {
            EventItem::Event(event) => {
                self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
                    && self.actor.as_ref().is_none_or(|actor| *actor == event.actor_id)
            }
            _ => true,
        }
    }
}

/// What happens at the engines, live.
#[utoipa::path(get, path = "/ws/events", tag = "sockets", params(EventParams),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or a foreign origin", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody)))]
pub(crate) async fn serve(
    Granted(grant): Granted,
    Params(params): Params<EventParams>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let seat = seat(&app, SeatOf::User(grant.principal().user)).await?;
    let changes = changes(&app.hosts, params.host.clone());
    let events = frames(app.events.watch_events(), params, app.hosts.clone());
    let viewer = Viewer { frames: stream::select(events, changes).boxed(), _seat: seat };
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), viewer)
}

struct Viewer {
    frames: BoxStream<'static, EventFrame>,
    _seat: Seat,
}

impl Source for Viewer {
    const KIND: SocketKind = SocketKind::Events;

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        match self.frames.poll_next_unpin(context) {
            Poll::Ready(Some(frame)) => Poll::Ready(json(&frame)),
            // The feed lives as long as the process.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

fn frames(
    watch: EventWatch,
    params: EventParams,
    hosts: Hosts,
) -> impl Stream<Item = EventFrame> + Send + 'static {
    stream::unfold((watch, params, hosts), |(mut watch, params, hosts)| async move {
        let frames = loop {
            match watch.0.recv().await {
                Ok(item) if params.wants(&item) => break vec![frame(item)],
                Ok(_) => {}
                // Too slow for the channel: what was missed is told, and lists are read again.
                Err(RecvError::Lagged(_)) => {
                    break hosts.all().iter().map(|host| gap(&host.id, GapReason::SlowViewer)).collect();
                }
                Err(RecvError::Closed) => return None,
            }
        };
        Some((stream::iter(frames), (watch, params, hosts)))
    })
    .flatten()
}

/// What happens to the hosts themselves, as far as it is wanted: lists look different then.
fn changes(hosts: &Hosts, only: Option<HostId>) -> impl Stream<Item = EventFrame> + Send + 'static {
    let mut watch = hosts.watch();
    let known = Arc::clone(&watch.borrow_and_update());
    // The handle keeps the directory open.
    stream::unfold((hosts.clone(), watch, known, only), |(hosts, mut watch, known, only)| async move {
        watch.changed().await.ok()?;
        let now = Arc::clone(&watch.borrow_and_update());
        let ids: BTreeSet<&HostId> = known.keys().chain(now.keys()).collect();
        let wanted = |id: &&&HostId| only.as_ref().is_none_or(|only| only == **id);
        let frames: Vec<EventFrame> =
            ids.iter().filter(wanted).filter_map(|id| change(id, known.get(*id), now.get(*id))).collect();
        Some((stream::iter(frames), (hosts, watch, now, only)))
    })
    .flatten()
}

fn change(id: &HostId, before: Option<&Host>, after: Option<&Host>) -> Option<EventFrame> {
    if before == after {
        return None;
    }
    let state = match after {
        None => "removed",
        Some(host) if !host.enabled => "disabled",
        Some(_) => "changed",
    };
    Some(EventFrame::State { host: id.to_string(), state: state.to_owned(), reason: String::new() })
}

fn frame(item: EventItem) -> EventFrame {
    match item {
        EventItem::Event(event) => event_frame(&event),
        EventItem::Gap(host) => gap(&host, GapReason::EngineLost),
        EventItem::HostState(host, None) => {
            EventFrame::State { host: host.to_string(), state: "live".to_owned(), reason: String::new() }
        }
        EventItem::HostState(host, Some(reason)) => {
            EventFrame::State { host: host.to_string(), state: "delayed".to_owned(), reason }
        }
    }
}

fn gap(host: &HostId, reason: GapReason) -> EventFrame {
    EventFrame::Gap { host: host.to_string(), reason: reason.as_str().to_owned() }
}

fn event_frame(event: &EngineEvent) -> EventFrame {
    let EventRecord { id, host, at, kind, action, actor, attributes } = record(event);
    EventFrame::Event { id, host, at, kind, action, actor, attributes }
}
