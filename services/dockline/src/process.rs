//! What every role of the program does at its begin and end.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use dockline_api::PublicUrl;
use dockline_auth::{Sealer, SecretKey, SetupToken};
use dockline_compose::Compose;
use dockline_hosts::Opener;
use dockline_lifecycle::{Ended, Supervisor};
use dockline_persistence::Database;
use dockline_telemetry::{Export, Exporting, Metrics, init_tracing};
use dockline_worker::{StoredHosts, Worker};
use tracing::warn;

use crate::settings::{Invalid, Settings};

/// How long a clean end may take.
const GRACE: Duration = Duration::from_secs(25);

/// Starts logging and lifts limits. What is returned lives as long as the process, and sends its last traces.
pub(crate) fn prepare(settings: &Settings, role: &'static str) -> Result<Option<Exporting>, Invalid> {
    let export = settings.traces.clone().map(|traces| Export {
        endpoint: traces.endpoint,
        role,
        sample_ratio: traces.sample_ratio,
    });
    let exporting = init_tracing(&settings.log, settings.log_format, export.as_ref())
        .map_err(|error| Invalid(error.to_string()))?;
    raise_open_files();
    Ok(exporting)
}

/// Runs the tasks until a signal comes; an error if that did not end well.
pub(crate) async fn supervise(supervisor: Supervisor) -> anyhow::Result<()> {
    match supervisor.run(GRACE).await {
        Ended::Cleanly => Ok(()),
        Ended::Overdue(tasks) => anyhow::bail!("these did not end in time: {}", tasks.join(", ")),
        Ended::TaskFailed { task, reason } => anyhow::bail!("the {task} failed: {reason}"),
    }
}

pub(crate) fn bind(settings: &Settings) -> Result<TcpListener, Invalid> {
    TcpListener::bind(settings.listen).map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                "another program listens there: end it, or set DOCKLINE_LISTEN to another address"
            }
            std::io::ErrorKind::PermissionDenied => "ports below 1024 need privileges: choose a higher one",
            _ => "set DOCKLINE_LISTEN to an address of this machine",
        };
        Invalid(format!("cannot listen on {}: {error}; {advice}", settings.listen))
    })
}

/// The two lines of the contract. The link leads to `site`, by default to the listener itself.
pub(crate) fn announce(
    address: SocketAddr,
    site: Option<&PublicUrl>,
    setup_token: Option<&SetupToken>,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "dockline ready on http://{address}")?;
    if let Some(token) = setup_token.map(SetupToken::expose) {
        let site = site.map_or_else(|| format!("http://{address}"), ToString::to_string);
        writeln!(out, "set up the first administrator: {site}/setup?token={token}")?;
    }
    out.flush()
}

/// The Compose plugin, jailed by this program.
pub(crate) fn compose(settings: &Settings) -> Compose {
    // Not by its path, at which another release may lie by now.
    Compose::new(settings.compose.clone(), Some("/proc/self/exe".into()))
}

/// What does background jobs in this process.
pub(crate) fn worker(database: &Database, key: &SecretKey, metrics: &Metrics, compose: Compose) -> Worker {
    dockline_compose::sweep();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let name = format!("{}:{}", host.as_deref().unwrap_or("worker").trim(), std::process::id());
    let hosts = StoredHosts::new(database.hosts(), Opener::new(Sealer::new(key)));
    Worker::new(name, database, hosts, Sealer::new(key), metrics.jobs.clone()).with_compose(compose)
}

/// Every viewer and every engine stream is a file: the usual soft limit of 1,024 is too low.
fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        warn!(%error, "the limit of open files could not be raised");
    }
}
