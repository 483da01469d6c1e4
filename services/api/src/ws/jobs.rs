use std::{
    sync::Arc,
    task::{Context, Poll},
};

use actix_web::{HttpRequest, HttpResponse, web};
use dockline_contract::{
    rest::ErrorBody,
    ws::{CloseCode, JobFrame},
};
use dockline_domain::JobId;
use dockline_fanout::session::{Seat, SeatOf};
use dockline_jobs::Job;
use dockline_persistence::Error;
use dockline_telemetry::SocketKind;
use futures::{StreamExt, stream, stream::BoxStream};
use tokio::sync::watch;

use super::{
    logs::json,
    socket::{Outgoing, Source},
    upgrade::{seat, upgrade},
};
use crate::{
    ApiError, App,
    extract::{Granted, PathId},
    rest::jobs::record,
};

/// A background job, live: the whole job at once, and again when anything of it has changed, twice a second at most. Closes
/// with 1000 behind the frame that shows its end.
#[utoipa::path(get, path = "/ws/jobs/{id}", tag = "sockets", params(("id" = String, Path, description = "The job's ID")),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or a foreign origin", body = ErrorBody),
              (status = 404, description = "There is no such job", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody)))]
pub(crate) async fn serve(
    Granted(grant): Granted,
    PathId(id): PathId<JobId>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let job = app.jobs.get(id).await?.ok_or(Error::NoSuchJob)?;
    let seat = seat(&app, SeatOf::User(grant.principal().user)).await?;
    let viewer = Viewer { changes: changes(app.job_watches.watch(job)), is_over: false, _seat: seat };
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), viewer)
}

/// What is known at once, then each change.
fn changes(watch: watch::Receiver<Arc<Job>>) -> BoxStream<'static, Arc<Job>> {
    stream::unfold((watch, true), |(mut watch, is_first)| async move {
        if !is_first {
            watch.changed().await.ok()?;
        }
        let job = Arc::clone(&watch.borrow_and_update());
        Some((job, (watch, false)))
    })
    .boxed()
}

struct Viewer {
    changes: BoxStream<'static, Arc<Job>>,
    is_over: bool,
    _seat: Seat,
}

impl Source for Viewer {
    const KIND: SocketKind = SocketKind::Jobs;

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Outgoing> {
        if self.is_over {
            return Poll::Ready(Outgoing::Close(CloseCode::Ended, String::new()));
        }
        match self.changes.poll_next_unpin(context) {
            Poll::Ready(Some(job)) => {
                self.is_over = job.state.is_final();
                Poll::Ready(json(&JobFrame::Job(Box::new(record(&job)))))
            }
            // It was removed.
            Poll::Ready(None) => Poll::Ready(Outgoing::Close(CloseCode::Ended, String::new())),
            Poll::Pending => Poll::Pending,
        }
    }
}
