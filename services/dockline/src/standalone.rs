//! The whole product in one process: SQLite, in-process fan-out and lease, the local engine and whatever hosts are added.

use std::sync::Arc;

use anyhow::Context;
use dockline_api::{ApiConfig, Deps, Directory, DirectoryParts, PublicUrl};
use dockline_auth::{AccessTokens, Passwords, Sealer};
use dockline_consumer::{Consumer, housekeeping};
use dockline_docker::Hosts;
use dockline_domain::HostId;
use dockline_eventlog::memory;
use dockline_fanout::memory::{MemoryFanout, MemoryOptions};
use dockline_hosts::Opener;
use dockline_lease::memory::MemoryLease;
use dockline_lifecycle::Supervisor;
use dockline_persistence::{BackupFolder, Database, EventFilter};
use dockline_streamer::{Recorder, Streamer};
use dockline_telemetry::Metrics;
use tracing::warn;

use crate::{data_dir::DataDir, process, settings::Settings};

/// Events of one host that wait while the database cannot be written.
const OUTBOX: u64 = 10_000;

/// Runs until a signal comes.
pub(crate) async fn run(settings: Settings) -> anyhow::Result<()> {
    let _exporting = process::prepare(&settings, "standalone")?;
    let data_dir = DataDir::open(&settings.data_dir)?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = match settings.secret_key.clone() {
        Some(key) => key,
        None => data_dir.secret_key()?,
    };
    let database = Database::open(&settings.database()).await?;
    let setup_token = if database.setup().required().await? { Some(data_dir.setup_token()?) } else { None };

    let options = MemoryOptions { logs_idle: settings.log_idle, outbox: OUTBOX, ..MemoryOptions::default() };
    let fanout = Arc::new(MemoryFanout::new(options));
    // What happened while this process was not there is looked for behind the last event that it knew.
    let known = EventFilter { limit: options.recent_events as u64, ..EventFilter::default() };
    let known = database.events().search(&known).await?;
    fanout.remember(known.events.into_iter().rev().map(|(_, event)| event));
    let hosts = Hosts::default();
    let local: HostId = "local".parse().context("the local host's name")?;
    let directory = Directory::open(DirectoryParts {
        database: database.clone(),
        declared: vec![(local, settings.docker_host.clone())],
        setting: "DOCKER_HOST",
        hosts: hosts.clone(),
        opener: Opener::new(Sealer::new(&key)),
        // Nobody reads it: the streamer of this process sees the same directory.
        board: fanout.clone(),
    })
    .await?;
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();

    let (log, source) = memory::log();
    let log = Arc::new(log);
    let recorder = Recorder { log: log.clone(), sampling: settings.sampling };
    let streamer =
        Streamer::new(hosts, Arc::new(MemoryLease::default()), fanout.clone(), metrics.streamer.clone())
            .recording(Some(recorder));
    let history = Consumer::new(Box::new(source), log, &database, metrics.history.clone());
    let keeping =
        housekeeping(database.clone(), settings.retention, metrics.history.clone(), supervisor.shutdown());
    let backups = settings.backup_dir.clone().unwrap_or_else(|| settings.data_dir.join("backups"));
    let backups = Some(BackupFolder::new(backups));
    let worker =
        process::worker(&database, &key, &metrics, process::compose(&settings)).with_backups(backups.clone());
    let public_url = settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address));
    let token_path = data_dir.setup_token_path();
    let server = dockline_api::build(Deps {
        listener,
        config: ApiConfig {
            sockets_per_user: settings.sockets_per_user,
            viewers_per_container: settings.viewers_per_container,
            image_import_limit: u64::from(settings.image_import_gib) << 30,
            build_context_limit: u64::from(settings.build_context_mib) << 20,
            upload_disk_mib: settings.upload_disk_mib,
            backup_folder: backups,
            recording: settings.recording,
            trusted_proxies: settings.trusted_proxies.clone(),
            drain_delay: settings.drain,
            ..ApiConfig::new(public_url)
        },
        database: database.clone(),
        directory,
        access_tokens: AccessTokens::new(&key, &[]),
        passwords: Passwords::default(),
        sealer: Sealer::new(&key),
        compose: process::compose(&settings),
        setup_token: setup_token.clone(),
        setup_done: Some(Box::new(move || {
            if let Err(error) = std::fs::remove_file(&token_path) {
                warn!(%error, "the used set-up token could not be removed");
            }
        })),
        tickets: fanout.clone(),
        seats: fanout.clone(),
        revocations: fanout.clone(),
        logs: fanout.clone(),
        stats: fanout.clone(),
        events: fanout.clone(),
        causes: fanout,
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
    let shutdown = supervisor.shutdown();
    supervisor.start("history", async move {
        history.run(shutdown).await;
        Ok::<_, anyhow::Error>(())
    });
    supervisor.start("housekeeping", async move {
        keeping.await;
        Ok::<_, anyhow::Error>(())
    });
    let shutdown = supervisor.shutdown();
    supervisor.start("worker", async move {
        worker.run(shutdown).await;
        Ok::<_, anyhow::Error>(())
    });
    supervisor.start("api", server.run());
    process::announce(address, settings.public_url.as_ref(), setup_token.as_ref())?;

    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}
