//! The whole product in one process: SQLite, in-process fan-out and lease, the local engine.

use std::{io::Write, net::TcpListener, sync::Arc, time::Duration};

use anyhow::Context;
use dockline_api::{ApiConfig, Deps, PublicUrl};
use dockline_auth::{AccessTokens, Passwords};
use dockline_docker::{DockerEngine, Host, Hosts};
use dockline_domain::HostId;
use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
use dockline_lease::memory::MemoryLease;
use dockline_lifecycle::{Ended, Supervisor};
use dockline_persistence::Database;
use dockline_streamer::Streamer;
use dockline_telemetry::{Metrics, init_tracing};
use tracing::warn;

use crate::{
    data_dir::DataDir,
    settings::{Invalid, Settings},
};

/// How long a clean end may take.
const GRACE: Duration = Duration::from_secs(25);

/// Runs until a signal comes.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    init_tracing(&settings.log, settings.log_format).map_err(|error| Invalid(error.to_string()))?;
    raise_open_files();
    let data_dir = DataDir::open(&settings.data_dir)?;
    let listener = bind(&settings)?;
    let address = listener.local_addr()?;
    let key = match settings.secret_key.clone() {
        Some(key) => key,
        None => data_dir.secret_key()?,
    };
    let database = Database::open(&settings.database()).await?;
    let setup_token = if database.setup().required().await? { Some(data_dir.setup_token()?) } else { None };

    let fanout = Arc::new(MemoryFanout::new(MemoryOptions {
        logs_idle: settings.log_idle,
        ..MemoryOptions::default()
    }));
    let hosts = local_host(&settings)?;
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();

    let streamer = Streamer::new(
        hosts.clone(),
        Arc::new(MemoryLease::default()),
        fanout.clone(),
        metrics.streamer.clone(),
    );
    let public_url = settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address));
    let token_path = data_dir.setup_token_path();
    let server = dockline_api::build(Deps {
        listener,
        config: ApiConfig {
            sockets_per_user: settings.sockets_per_user,
            viewers_per_container: settings.viewers_per_container,
            trusted_proxies: settings.trusted_proxies.clone(),
            ..ApiConfig::new(public_url)
        },
        database: database.clone(),
        hosts,
        access_tokens: AccessTokens::new(&key, &[]),
        passwords: Passwords::default(),
        setup_token: setup_token.clone(),
        setup_done: Box::new(move || {
            if let Err(error) = std::fs::remove_file(&token_path) {
                warn!(%error, "the used set-up token could not be removed");
            }
        }),
        tickets: fanout.clone(),
        seats: fanout.clone(),
        revocations: fanout.clone(),
        logs: fanout.clone(),
        stats: fanout.clone(),
        events: fanout,
        metrics: metrics.registry().clone(),
        socket_metrics: metrics.sockets,
        shutdown: supervisor.shutdown(),
    })?;

    let shutdown = supervisor.shutdown();
    supervisor.start("streamer", async move {
        streamer.run(shutdown).await;
        Ok::<_, anyhow::Error>(())
    });
    supervisor.start("api", server.run());
    announce(address, setup_token.as_ref().map(dockline_auth::SetupToken::expose))?;

    let ended = supervisor.run(GRACE).await;
    database.close().await?;
    match ended {
        Ended::Cleanly => Ok(()),
        Ended::Overdue(tasks) => anyhow::bail!("these did not end in time: {}", tasks.join(", ")),
        Ended::TaskFailed { task, reason } => anyhow::bail!("the {task} failed: {reason}"),
    }
}

/// Brings the schema up to date.
pub(crate) async fn migrate(settings: &Settings) -> anyhow::Result<()> {
    let _data_dir = DataDir::open(&settings.data_dir)?;
    let database = Database::open_unmigrated(&settings.database()).await?;
    let applied = database.migrate().await?;
    writeln!(std::io::stdout(), "the schema is up to date ({applied} migrations applied)")?;
    Ok(())
}

fn bind(settings: &Settings) -> Result<TcpListener, Invalid> {
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

fn local_host(settings: &Settings) -> anyhow::Result<Hosts> {
    let id: HostId = "local".parse().context("the local host's name")?;
    let engine = DockerEngine::new(id.clone(), settings.docker_host.clone());
    Ok([Host { id, address: settings.docker_host.clone(), engine: Arc::new(engine) }].into_iter().collect())
}

/// The two lines of the contract.
fn announce(address: std::net::SocketAddr, setup_token: Option<&str>) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "dockline ready on http://{address}")?;
    if let Some(token) = setup_token {
        writeln!(out, "set up the first administrator: http://{address}/setup?token={token}")?;
    }
    out.flush()
}

/// Every viewer and every engine stream is a file: the usual soft limit of 1,024 is too low.
fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        warn!(%error, "the limit of open files could not be raised");
    }
}
