use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{HttpRequest, HttpResponse, web};
use bytestring::ByteString;
use dockline_contract::{
    rest::{ErrorBody, FieldError},
    ws::{CloseCode, LogFrame},
};
use dockline_domain::{ContainerId, ContainerRef, HostId, Timestamp, log::Position};
use dockline_fanout::{
    GapMark, LogWatch, Read, ReadPosition, StartAt, StreamState,
    session::{Seat, SeatOf},
};
use dockline_telemetry::SocketMetrics;
use futures::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use tokio::sync::futures::OwnedNotified;
use utoipa::IntoParams;

use super::{
    socket::{Outgoing, Source},
    upgrade::{seat, upgrade},
};
use crate::{
    ApiError, App,
    extract::{Granted, Params, PathId},
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

const DEFAULT_TAIL: u64 = 100;

impl LogParams {
    fn start_at(&self) -> Result<StartAt, ApiError> {
        if let Some(FromParam(position)) = self.from {
            return Ok(StartAt::After(position));
        }
        if let Some(since) = &self.since {
            return parse_since(since).map(StartAt::Since).ok_or_else(|| {
                wrong("since", "must be a time as in 2026-11-24T10:00:00Z, or seconds since 1970")
            });
        }
        match self.tail.as_deref() {
            None => Ok(StartAt::Tail(DEFAULT_TAIL)),
            Some("all") => Ok(StartAt::Oldest),
            Some(text) => text
                .parse()
                .map(StartAt::Tail)
                .map_err(|_| wrong("tail", "must be a number of lines, or all")),
        }
    }
}

fn wrong(field: &str, message: &str) -> ApiError {
    ApiError::InvalidFields(vec![FieldError { field: field.to_owned(), message: message.to_owned() }])
}

fn parse_since(text: &str) -> Option<Timestamp> {
    if let Some(time) = Timestamp::parse(text.as_bytes()) {
        return Some(time);
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanos).map(Timestamp)
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
    let watch = app.logs.watch(&host.id, &container).await?;
    let viewer = Viewer {
        left: app.directory.left(&host.id).boxed(),
        changed: Box::pin(watch.ring().changed()),
        watch,
        metrics: app.sockets.metrics.clone(),
        container,
        follow: params.follow.unwrap_or(true),
        at: start_at,
        phase: Phase::Waiting,
        said: StreamState::Opening,
        _seats: seats,
    };
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), viewer)
}

/// A viewer: a position in the container's ring.
struct Viewer {
    watch: LogWatch,
    metrics: SocketMetrics,
    /// Completes when the host is not in use any more.
    left: BoxFuture<'static, &'static str>,
    changed: Pin<Box<OwnedNotified>>,
    container: ContainerId,
    follow: bool,
    at: StartAt,
    phase: Phase,
    /// The stream state that the viewer knows.
    said: StreamState,
    _seats: [Seat; 2],
}

enum Phase {
    /// The stream's numbering is not known yet.
    Waiting,
    /// The start frame is sent; a gap may have to be said before the first chunk.
    Started(Option<GapMark>, ReadPosition),
    /// Reading.
    Reading(ReadPosition),
    /// The last frame is sent.
    Ending(CloseCode),
}

impl Source for Viewer {
    const KIND: &'static str = "logs";

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        if !matches!(self.phase, Phase::Ending(_))
            && let Poll::Ready(reason) = self.left.poll_unpin(context)
        {
            self.phase = Phase::Ending(CloseCode::Ended);
            return Poll::Ready(state_frame("ended", reason));
        }
        // Registered before the ring is read, so that no change is missed.
        while self.changed.poll_unpin(context).is_ready() {
            self.changed = Box::pin(self.watch.ring().changed());
        }
        let ring = Arc::clone(self.watch.ring());
        match &mut self.phase {
            Phase::Waiting => match ring.start(self.at) {
                Some(start) => {
                    self.phase = Phase::Started(start.gap, start.position);
                    Poll::Ready(json(&LogFrame::Start {
                        container: self.container.to_string(),
                        epoch: start.epoch.to_string(),
                        tty: start.tty,
                        oldest: start.oldest,
                        next: start.next,
                    }))
                }
                None => self.caught_up(ring.state()),
            },
            Phase::Started(gap, position) => {
                let gap = *gap;
                self.phase = Phase::Reading(*position);
                match gap {
                    Some(mark) => Poll::Ready(gap_frame(&self.metrics, mark)),
                    None => self.poll_next(context),
                }
            }
            Phase::Reading(position) => match ring.read(position) {
                Read::Frame(frame) => Poll::Ready(Outgoing::Text(frame)),
                Read::Gap(mark) => Poll::Ready(gap_frame(&self.metrics, mark)),
                Read::CaughtUp => self.caught_up(ring.state()),
            },
            Phase::Ending(code) => Poll::Ready(Outgoing::Close(*code, String::new())),
        }
    }
}

impl Viewer {
    /// Everything was sent: says what condition the stream is in, if that is news.
    fn caught_up(&mut self, state: StreamState) -> Poll<Outgoing> {
        let is_news = state != self.said;
        self.said.clone_from(&state);
        let has_started = matches!(self.phase, Phase::Reading(_));
        match state {
            StreamState::Failed { code, message } => {
                self.phase = Phase::Ending(CloseCode::Ended);
                Poll::Ready(json(&LogFrame::Error { code: code.to_owned(), message }))
            }
            StreamState::Removed => {
                self.phase = Phase::Ending(CloseCode::Ended);
                Poll::Ready(state_frame("ended", "the container was removed"))
            }
            StreamState::Delayed(reason) if is_news => Poll::Ready(state_frame("delayed", &reason)),
            StreamState::Ended(reason) if is_news && has_started => {
                if !self.follow {
                    self.phase = Phase::Ending(CloseCode::Ended);
                }
                Poll::Ready(state_frame("ended", &reason))
            }
            StreamState::Live | StreamState::Ended(_) if has_started && !self.follow => {
                Poll::Ready(Outgoing::Close(CloseCode::Ended, String::new()))
            }
            StreamState::Live if is_news && has_started => Poll::Ready(state_frame("live", "")),
            _ => Poll::Pending,
        }
    }
}

fn state_frame(state: &str, reason: &str) -> Outgoing {
    json(&LogFrame::State { state: state.to_owned(), reason: reason.to_owned() })
}

fn gap_frame(metrics: &SocketMetrics, mark: GapMark) -> Outgoing {
    metrics.gap(mark.reason.as_str());
    json(&LogFrame::Gap {
        from: mark.from,
        to: mark.to,
        reason: mark.reason.as_str().to_owned(),
        epoch: mark.epoch.to_string(),
    })
}

/// Numbers and strings: serialization cannot fail.
pub(super) fn json<T: Serialize>(frame: &T) -> Outgoing {
    Outgoing::Text(ByteString::from(serde_json::to_string(frame).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_both_of_dockers_forms() {
        assert_eq!(parse_since("2026-11-24T10:00:00Z"), parse_since("1795514400"));
        assert_eq!(parse_since("1795514400.5"), Some(Timestamp(1_795_514_400_500_000_000)));
        for bad in ["", "yesterday", "1.2.3", "1795514400.1234567890", "99999999999999999999"] {
            assert_eq!(parse_since(bad), None, "{bad:?}");
        }
    }
}
