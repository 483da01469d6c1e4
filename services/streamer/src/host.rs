//! One host: campaign, lead, hand over, campaign again.

use std::sync::Arc;

use dockline_docker::Host;
use dockline_lease::{Leadership, Lease};
use dockline_telemetry::StreamerMetrics;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{
    Publisher, Recorder,
    backoff::Backoff,
    events::EventReader,
    readers::Readers,
    relay::Relay,
    samples::{self, Samples, Sampling},
};

pub(crate) struct HostTask {
    pub(crate) host: Host,
    pub(crate) lease: Arc<dyn Lease>,
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) metrics: StreamerMetrics,
    pub(crate) recorder: Option<Recorder>,
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
    pub(crate) signals: Arc<Signals>,
    /// `None` when there is no event log.
    pub(crate) recording: Option<Recording>,
}

/// What the parts of a session tell one another.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// An event was published: there is something to carry over.
    pub(crate) published: Notify,
    /// Whoever reads the event log may be wrong about every container.
    pub(crate) doubt: Notify,
}

/// What goes to the event log beside the outbox.
#[derive(Clone)]
pub(crate) struct Recording {
    pub(crate) samples: Arc<Samples>,
    sampling: Sampling,
}

impl Session {
    /// Which samples are kept.
    pub(crate) fn sampling(&self) -> Sampling {
        self.recording.as_ref().map_or(Sampling::Off, |recording| recording.sampling)
    }
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
                    tokio::select! {
                        () = backoff.pause() => {}
                        () = shutdown.cancelled() => return,
                    }
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
            signals: Arc::default(),
            recording: self
                .recorder
                .as_ref()
                .filter(|recorder| recorder.sampling != Sampling::Off)
                .map(|recorder| Recording { samples: Arc::default(), sampling: recorder.sampling }),
        };
        let watchdog = async {
            session.leadership.ended().await;
            term.cancel();
        };
        let work = async {
            tokio::join!(
                EventReader::new(session.clone()).run(term.clone()),
                Readers::new(session.clone()).run(term.clone()),
                self.record(&session, &term),
            );
        };
        tokio::pin!(work);
        let told = || info!(host = %self.host.id, "no longer leading");
        tokio::select! {
            () = &mut work => told(),
            () = watchdog => {
                // Nothing is published from here on. What is under way may wait for a store that does not answer.
                told();
                work.await;
            }
        }
    }

    /// Carries over to the event log what belongs there.
    async fn record(&self, session: &Session, term: &CancellationToken) {
        let Some(recorder) = &self.recorder else { return };
        let samples = async {
            if let Some(recording) = &session.recording {
                let samples = Arc::clone(&recording.samples);
                samples::send(session.clone(), samples, Arc::clone(&recorder.log), term.clone()).await;
            }
        };
        let relay = Relay::new(session.clone(), Arc::clone(&recorder.log));
        tokio::join!(relay.run(term.clone()), samples);
    }
}
