//! The streamer: under a host's lease, reads what the engine says **once** and publishes it to every
//! replica. No HTTP framework, no SQL.
//!
//! - [`Streamer`] keeps a [`host`] session for each enabled host of the directory ([`sessions`]), and leads those of
//!   them that it wins; in a cluster a [`BoardReader`] fills the directory;
//! - a session is a reconciler ([`readers`]): what is wanted is compared with what is being read, at
//!   every hint and once a second;
//! - [`log`] numbers a container's chunks and finds its place again after every kind of break;
//! - [`stats`] and [`events`] do the same for samples and events;
//! - [`relay`] and [`samples`] carry events and samples on to the event log, if there is one.

mod backoff;
mod board;
mod clock;
mod events;
mod host;
mod log;
mod readers;
mod relay;
mod samples;
mod sessions;
mod stats;

use std::sync::Arc;

use dockline_docker::Hosts;
use dockline_eventlog::EventLog;
use dockline_fanout::{Causes, EventPublisher, Interest, LogPublisher, Outbox, StatsPublisher};
use dockline_lease::Lease;
use dockline_telemetry::StreamerMetrics;
use tokio_util::sync::CancellationToken;

pub use board::BoardReader;
pub use relay::cloud_event;
pub use samples::Sampling;

use self::sessions::Sessions;

/// Everything that a streamer publishes to.
pub trait Publisher: LogPublisher + StatsPublisher + EventPublisher + Outbox + Interest + Causes {}
impl<T: LogPublisher + StatsPublisher + EventPublisher + Outbox + Interest + Causes> Publisher for T {}

/// Where events and samples are kept.
#[derive(Clone)]
pub struct Recorder {
    /// The log that events and samples go to.
    pub log: Arc<dyn EventLog>,
    /// Which samples go there.
    pub sampling: Sampling,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("sampling", &self.sampling).finish_non_exhaustive()
    }
}

/// Reads every host that this process leads, as the directory changes.
pub struct Streamer {
    hosts: Hosts,
    lease: Arc<dyn Lease>,
    publisher: Arc<dyn Publisher>,
    metrics: StreamerMetrics,
    recorder: Option<Recorder>,
}

impl Streamer {
    /// A streamer for the enabled ones of `hosts`.
    #[must_use]
    pub fn new(
        hosts: Hosts,
        lease: Arc<dyn Lease>,
        publisher: Arc<dyn Publisher>,
        metrics: StreamerMetrics,
    ) -> Self {
        Self { hosts, lease, publisher, metrics, recorder: None }
    }

    /// As well, keeps events and samples.
    #[must_use]
    pub fn recording(self, recorder: Option<Recorder>) -> Self {
        Self { recorder, ..self }
    }

    /// Runs until `shutdown`. Every task it started has ended when it returns.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut watch = self.hosts.watch();
        let mut sessions = Sessions::new(&self);
        loop {
            let directory = Arc::clone(&watch.borrow_and_update());
            sessions.reconcile(&directory);
            tokio::select! {
                // The directory lives as long as this streamer.
                _changed = watch.changed() => {}
                () = sessions.broken() => {}
                () = shutdown.cancelled() => break,
            }
        }
        sessions.end().await;
    }
}
