use std::task::{Context, Poll};

use actix_web::{HttpRequest, HttpResponse, web};
use bytestring::ByteString;
use dockline_contract::{
    rest::ErrorBody,
    ws::{CloseCode, StatsFrame},
};
use dockline_domain::{ContainerRef, HostId};
use dockline_fanout::{
    StatsUpdate, StatsWatch, StreamState,
    session::{Seat, SeatOf},
};
use dockline_telemetry::SocketKind;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream, stream::BoxStream};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    logs::json,
    socket::{Outgoing, Source},
    upgrade::{seat, upgrade},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
    rest::containers::{Target, resolve},
};

/// How resource use is watched.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StatsParams {
    /// Settles an ID that exists on several hosts.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

/// A container's resource use, live.
#[utoipa::path(get, path = "/ws/containers/{id}/stats", tag = "sockets", params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), StatsParams),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or a foreign origin", body = ErrorBody),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody)))]
pub(crate) async fn serve(
    Granted(grant): Granted,
    PathId(reference): PathId<ContainerRef>,
    Params(params): Params<StatsParams>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let Target { host, id: container } = resolve(&app, &reference, params.host.as_ref()).await?;
    let seats = [
        seat(&app, SeatOf::User(grant.principal().user)).await?,
        seat(&app, SeatOf::Stats(container.clone())).await?,
    ];
    let watch = app.stats.watch_stats(&host.id, &container).await?;
    let viewer = Viewer {
        left: app.directory.left(&host.id).boxed(),
        updates: updates(watch),
        waiting: None,
        sent: None,
        said: StreamState::Opening,
        is_over: false,
        _seats: seats,
    };
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), viewer)
}

/// The newest value at once, then each change.
fn updates(watch: StatsWatch) -> BoxStream<'static, StatsUpdate> {
    stream::unfold((watch, true), |(mut watch, is_first)| async move {
        if !is_first {
            watch.updates.changed().await.ok()?;
        }
        let update = watch.updates.borrow_and_update().clone();
        Some((update, (watch, false)))
    })
    .boxed()
}

struct Viewer {
    /// Completes when the host is not in use any more.
    left: BoxFuture<'static, &'static str>,
    updates: BoxStream<'static, StatsUpdate>,
    /// The sample of an update whose state had to be said first.
    waiting: Option<ByteString>,
    sent: Option<ByteString>,
    said: StreamState,
    is_over: bool,
    _seats: [Seat; 2],
}

impl Source for Viewer {
    const KIND: SocketKind = SocketKind::Stats;

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        loop {
            if self.is_over {
                return Poll::Ready(Outgoing::Close(CloseCode::Ended, String::new()));
            }
            if let Poll::Ready(reason) = self.left.poll_unpin(context) {
                self.is_over = true;
                let (state, reason) = ("ended".to_owned(), reason.to_owned());
                return Poll::Ready(json(&StatsFrame::State { state, reason }));
            }
            if let Some(frame) = self.waiting.take()
                && self.sent.as_ref() != Some(&frame)
            {
                self.sent = Some(frame.clone());
                return Poll::Ready(Outgoing::Text(frame));
            }
            let update = match self.updates.poll_next_unpin(context) {
                Poll::Ready(Some(update)) => update,
                Poll::Ready(None) => {
                    self.is_over = true;
                    continue;
                }
                Poll::Pending => return Poll::Pending,
            };
            self.waiting = update.frame;
            let is_news = update.state != self.said;
            self.said.clone_from(&update.state);
            let said = match update.state {
                StreamState::Live => ("live", String::new()),
                StreamState::Delayed(reason) | StreamState::Failed { message: reason, .. } => {
                    ("delayed", reason)
                }
                StreamState::Ended(reason) => ("ended", reason),
                StreamState::Removed => {
                    self.is_over = true;
                    ("ended", "the container was removed".to_owned())
                }
                StreamState::Opening => continue,
            };
            if is_news {
                return Poll::Ready(json(&StatsFrame::State { state: said.0.to_owned(), reason: said.1 }));
            }
        }
    }
}
