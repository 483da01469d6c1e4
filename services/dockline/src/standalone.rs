//! The whole product in one process: SQLite, in-process fan-out and lease, the local engine.

use std::sync::Arc;

use anyhow::Context;
use dockline_api::{ApiConfig, Deps, PublicUrl};
use dockline_auth::{AccessTokens, Passwords};
use dockline_docker::{DockerEngine, Host, Hosts};
use dockline_domain::HostId;
use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
use dockline_lease::memory::MemoryLease;
use dockline_lifecycle::Supervisor;
use dockline_persistence::Database;
use dockline_streamer::Streamer;
use dockline_telemetry::Metrics;
use tracing::warn;

use crate::{data_dir::DataDir, process, settings::Settings};

/// Runs until a signal comes.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    process::prepare(&settings)?;
    let data_dir = DataDir::open(&settings.data_dir)?;
    let listener = process::bind(&settings)?;
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
        store: None,
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
    process::announce(address, setup_token.as_ref())?;

    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}

fn local_host(settings: &Settings) -> anyhow::Result<Hosts> {
    let id: HostId = "local".parse().context("the local host's name")?;
    let engine = DockerEngine::new(id.clone(), settings.docker_host.clone());
    Ok([Host { id, address: settings.docker_host.clone(), engine: Arc::new(engine) }].into_iter().collect())
}
