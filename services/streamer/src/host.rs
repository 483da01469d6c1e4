//! One host: campaign, lead, hand over, campaign again.

use std::sync::Arc;

use dockline_docker::Host;
use dockline_lease::{Leadership, Lease};
use dockline_telemetry::StreamerMetrics;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Publisher, backoff::Backoff, events::EventReader, readers::Readers};

pub(crate) struct HostTask {
    pub(crate) host: Host,
    pub(crate) lease: Arc<dyn Lease>,
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) metrics: StreamerMetrics,
}

/// What everything below a host's session needs.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) host: Host,
    pub(crate) leadership: Arc<Leadership>,
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) metrics: StreamerMetrics,
    /// Changes whenever something happened to a container: a hint to look again.
    pub(crate) hints: watch::Sender<u64>,
}

impl HostTask {
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let mut backoff = Backoff::new();
        while !shutdown.is_cancelled() {
            let campaign = tokio::select! {
                campaign = self.lease.campaign(&self.host.id) => campaign,
                () = shutdown.cancelled() => return,
            };
            match campaign {
                Ok(leadership) => {
                    backoff.reset();
                    self.lead(leadership, &shutdown).await;
                }
                Err(error) => {
                    warn!(host = %self.host.id, %error, "cannot take part in the election");
                    backoff.pause().await;
                }
            }
        }
    }

    async fn lead(&self, leadership: Leadership, shutdown: &CancellationToken) {
        info!(host = %self.host.id, term = leadership.token().number(), "leading");
        let term = shutdown.child_token();
        let session = Session {
            host: self.host.clone(),
            leadership: Arc::new(leadership),
            publisher: Arc::clone(&self.publisher),
            metrics: self.metrics.clone(),
            hints: watch::channel(0).0,
        };
        let watchdog = async {
            session.leadership.ended().await;
            term.cancel();
        };
        let work = async {
            tokio::join!(
                EventReader::new(session.clone()).run(term.clone()),
                Readers::new(session.clone()).run(term.clone()),
            );
        };
        tokio::pin!(work);
        tokio::select! {
            () = &mut work => {}
            () = watchdog => work.await,
        }
        info!(host = %self.host.id, "no longer leading");
    }
}
