use std::task::{Context, Poll};

use bytestring::ByteString;
use dockline_contract::ws::MergedLogFrame;
use dockline_domain::{ContainerId, HostId};
use dockline_fanout::{
    LOG_FRAME_BEGINS, StartAt,
    session::{Seat, SeatOf},
};
use dockline_telemetry::SocketMetrics;

use crate::{
    ApiError, App,
    ws::{
        logs::{
            json,
            reading::{End, News, Reading},
        },
        socket::Outgoing,
        upgrade::seat,
    },
};

/// One container of a view: its log as this viewer reads it, and the viewer's seat at it.
pub(super) struct Part {
    id: ContainerId,
    /// How its frames with chunks begin.
    head: ByteString,
    reading: Reading,
    _seat: Seat,
}

impl Part {
    pub(super) async fn open(
        app: &App,
        host: &HostId,
        id: ContainerId,
        at: StartAt,
        follow: bool,
    ) -> Result<Self, ApiError> {
        let seat = seat(app, SeatOf::Logs(id.clone())).await?;
        let reading = Reading::open(app, host, &id, at, follow).await?;
        let head = ByteString::from(format!("{LOG_FRAME_BEGINS}\"container\":\"{id}\","));
        Ok(Self { id, head, reading, _seat: seat })
    }

    pub(super) const fn id(&self) -> &ContainerId {
        &self.id
    }

    /// Where its log goes on.
    pub(super) const fn at(&self) -> StartAt {
        self.reading.at()
    }

    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<News> {
        self.reading.poll_next(context)
    }

    /// What a viewer is told, with the container's name on it. Chunks stay the shared frame: what is put before them is all
    /// that is this viewer's own.
    pub(super) fn frame(&self, news: News, metrics: &SocketMetrics) -> Outgoing {
        let container = self.id.to_string();
        json(&match news {
            News::Chunks(frame) => {
                let rest = frame.slice_ref(frame.strip_prefix(LOG_FRAME_BEGINS).unwrap_or_default());
                return Outgoing::Joined(self.head.clone(), rest);
            }
            News::Start(start) => MergedLogFrame::Start {
                container,
                epoch: start.epoch.to_string(),
                tty: start.tty,
                oldest: start.oldest,
                next: start.next,
            },
            News::Gap(mark) => {
                metrics.gap(mark.reason.as_str());
                MergedLogFrame::Gap {
                    container,
                    from: mark.from,
                    to: mark.to,
                    reason: mark.reason.as_str().to_owned(),
                    epoch: mark.epoch.to_string(),
                }
            }
            News::State(state, reason) => {
                MergedLogFrame::State { container, state: state.to_owned(), reason }
            }
            News::Failed { code, message } => {
                MergedLogFrame::Error { container, code: code.to_owned(), message }
            }
            News::End(end) => MergedLogFrame::End { container, reason: name(end).to_owned() },
        })
    }
}

/// An end as the contract calls it.
pub(super) const fn name(end: End) -> &'static str {
    match end {
        End::Removed => "removed",
        End::HostLeft => "host_left",
        End::Complete => "complete",
        End::Failed => "failed",
    }
}
