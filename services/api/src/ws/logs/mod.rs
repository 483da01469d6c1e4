//! Logs, live: one, or several in one view.

mod merged;
mod query;
mod reading;

use std::task::{Context, Poll};

use actix_web::{HttpRequest, HttpResponse, web};
use bytestring::ByteString;
use dockline_contract::{
    rest::ErrorBody,
    ws::{CloseCode, LogFrame},
};
use dockline_domain::{ContainerId, ContainerRef, HostId, log::Position};
use dockline_fanout::{
    StartAt,
    session::{Seat, SeatOf},
};
use dockline_telemetry::{SocketKind, SocketMetrics};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

pub(crate) use self::merged::{__path_serve_merged, serve_merged};
use self::reading::{News, Reading};
use super::{
    socket::{Outgoing, Source},
    upgrade::{seat, upgrade},
};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathId},
    rest::containers::{Target, resolve},
};

/// How a log is watched.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogParams {
    /// Lines to begin with: a number or `all`; 100 by default.
    tail: Option<String>,
    /// Go on with new output; true by default.
    follow: Option<bool>,
    /// Nothing older: RFC 3339 or seconds since 1970.
    since: Option<String>,
    /// Resume behind this position: `<epoch>:<n>`.
    #[param(value_type = Option<String>)]
    from: Option<FromParam>,
    /// Settles an ID that exists on several hosts.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

/// A position in a query.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct FromParam(Position);

impl TryFrom<String> for FromParam {
    type Error = dockline_domain::ids::InvalidId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl LogParams {
    fn start_at(&self) -> Result<StartAt, ApiError> {
        if let Some(FromParam(position)) = self.from {
            return Ok(StartAt::After(position));
        }
        let mut fields = Fields::default();
        let at = query::begin(&mut fields, self.tail.as_deref(), self.since.as_deref());
        at.map_or_else(|| Err(fields.into()), Ok)
    }
}

/// A container's log, live.
#[utoipa::path(get, path = "/ws/containers/{id}/logs", tag = "sockets", params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), LogParams),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or a foreign origin", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody)))]
pub(crate) async fn serve(
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(params): Params<LogParams>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let start_at = params.start_at()?;
    let Target { host, id: container } = resolve(&app, &reference, params.host.as_ref()).await?;
    let seats = [
        seat(&app, SeatOf::User(grant.principal().user)).await?,
        seat(&app, SeatOf::Logs(container.clone())).await?,
    ];
    let follow = params.follow.unwrap_or(true);
    let reading = Reading::open(&app, &host.id, &container, start_at, follow).await?;
    let viewer = Viewer { reading, container, metrics: app.sockets.metrics.clone(), _seats: seats };
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), viewer)
}

/// A viewer of one log.
struct Viewer {
    reading: Reading,
    container: ContainerId,
    metrics: SocketMetrics,
    _seats: [Seat; 2],
}

impl Source for Viewer {
    const KIND: SocketKind = SocketKind::Logs;

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        self.reading.poll_next(context).map(|news| match news {
            News::Chunks(frame) => Outgoing::Text(frame),
            News::Start(start) => json(&LogFrame::Start {
                container: self.container.to_string(),
                epoch: start.epoch.to_string(),
                tty: start.tty,
                oldest: start.oldest,
                next: start.next,
            }),
            News::Gap(mark) => {
                self.metrics.gap(mark.reason.as_str());
                json(&LogFrame::Gap {
                    from: mark.from,
                    to: mark.to,
                    reason: mark.reason.as_str().to_owned(),
                    epoch: mark.epoch.to_string(),
                })
            }
            News::State(state, reason) => json(&LogFrame::State { state: state.to_owned(), reason }),
            News::Failed { code, message } => json(&LogFrame::Error { code: code.to_owned(), message }),
            News::End(_) => Outgoing::Close(CloseCode::Ended, String::new()),
        })
    }
}

/// Numbers and strings: serialization cannot fail.
pub(super) fn json<T: Serialize>(frame: &T) -> Outgoing {
    Outgoing::Text(ByteString::from(serde_json::to_string(frame).unwrap_or_default()))
}
