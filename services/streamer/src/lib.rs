//! The streamer: under a host's lease, reads what the engine says **once** and publishes it to every
//! replica. No HTTP framework, no SQL.
//!
//! - [`Streamer`] runs one [`host`] session per Docker host that this process leads;
//! - a session is a reconciler ([`readers`]): what is wanted is compared with what is being read, at
//!   every hint and once a second;
//! - [`log`] numbers a container's chunks and finds its place again after every kind of break;
//! - [`stats`] and [`events`] do the same for samples and events, where only the newest counts.

mod backoff;
mod events;
mod host;
mod log;
mod readers;
mod stats;

use std::sync::Arc;

use dockline_docker::Hosts;
use dockline_fanout::{EventPublisher, Interest, LogPublisher, StatsPublisher};
use dockline_lease::Lease;
use dockline_telemetry::StreamerMetrics;
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

/// Everything that a streamer publishes to.
pub trait Publisher: LogPublisher + StatsPublisher + EventPublisher + Interest {}
impl<T: LogPublisher + StatsPublisher + EventPublisher + Interest> Publisher for T {}

/// Reads every host that this process leads.
pub struct Streamer {
    hosts: Hosts,
    lease: Arc<dyn Lease>,
    publisher: Arc<dyn Publisher>,
    metrics: StreamerMetrics,
}

impl Streamer {
    /// A streamer for `hosts`.
    #[must_use]
    pub fn new(
        hosts: Hosts,
        lease: Arc<dyn Lease>,
        publisher: Arc<dyn Publisher>,
        metrics: StreamerMetrics,
    ) -> Self {
        Self { hosts, lease, publisher, metrics }
    }

    /// Runs until `shutdown`. Every task it started has ended when it returns.
    pub async fn run(self, shutdown: CancellationToken) {
        let sessions = self.hosts.iter().map(|host| {
            let session = host::HostTask {
                host: host.clone(),
                lease: Arc::clone(&self.lease),
                publisher: Arc::clone(&self.publisher),
                metrics: self.metrics.clone(),
            };
            session.run(shutdown.clone())
        });
        join_all(sessions).await;
    }
}
