//! The roles of a cluster: the same parts as standalone over PostgreSQL, Redis and Kafka.

use std::sync::Arc;

use anyhow::Context;
use dockline_api::{ApiConfig, AuditRelay, Deps, Directory, DirectoryParts, PublicUrl};
use dockline_auth::{AccessTokens, Passwords, Sealer, SecretKey, SetupToken};
use dockline_consumer::{Consumer, GROUP, TOPICS, housekeeping};
use dockline_docker::Hosts;
use dockline_eventlog::{EventLog, Topics, kafka::KafkaSource};
use dockline_fanout::{
    StoreHealth,
    redis::{RedisFanout, RedisOptions},
};
use dockline_hosts::{Opener, enabled_hosts};
use dockline_lease::redis::{RedisLease, Timing};
use dockline_lifecycle::{Probe, Report, Supervisor};
use dockline_persistence::{BackupFolder, Database};
use dockline_redis::{Keys, Redis};
use dockline_streamer::{BoardReader, Streamer};
use dockline_telemetry::Metrics;
use futures::{FutureExt, future::BoxFuture};
use prometheus::TextEncoder;

use crate::{event_log, process, settings::Settings};

/// Names in Redis of the election of who relays the audit log, apart from those of hosts.
const AUDIT_KEYS: &str = "dockline:audit";

/// A replica: REST, WebSockets and the web UI. It reads no Docker stream; live data reaches it through Redis.
pub(crate) async fn api(settings: Settings) -> anyhow::Result<()> {
    let _exporting = process::prepare(&settings, "api")?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = settings.secret_key.clone().context("DOCKLINE_SECRET_KEY is not set")?;
    let database = Database::open(&settings.database()).await?;
    // Every replica finds the same token, so the link works at whichever answers.
    let setup_token =
        if database.setup().required().await? { Some(SetupToken::of_installation(&key)) } else { None };
    let hosts = Hosts::default();
    let fanout = Arc::new(fanout(&settings, &key, &hosts).await?);
    let directory = Directory::open(DirectoryParts {
        database: database.clone(),
        declared: settings.hosts.clone(),
        setting: "DOCKLINE_HOSTS",
        hosts,
        opener: Opener::new(Sealer::new(&key)),
        board: fanout.clone(),
    })
    .await?;
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    if let Some(log) = event_log::open(&settings)? {
        let lease = RedisLease::new(redis(&settings, &key, Keys::new(AUDIT_KEYS)).await?, Timing::default());
        let lease = Arc::new(lease);
        let relay = AuditRelay::new(&database, log.clone(), lease.clone(), metrics.audit_relay.clone());
        supervisor.start("event log", event_log::watch(log.clone(), supervisor.shutdown()));
        let shutdown = supervisor.shutdown();
        supervisor.start("audit relay", async move {
            relay.run(shutdown).await;
            lease.close().await;
            log.close().await;
            Ok::<_, anyhow::Error>(())
        });
    }
    let server = dockline_api::build(Deps {
        listener,
        config: ApiConfig {
            sockets_per_user: settings.sockets_per_user,
            viewers_per_container: settings.viewers_per_container,
            image_import_limit: u64::from(settings.image_import_gib) << 30,
            build_context_limit: u64::from(settings.build_context_mib) << 20,
            upload_disk_mib: settings.upload_disk_mib,
            backup_folder: settings.backup_dir.clone().map(BackupFolder::new),
            recording: settings.recording,
            trusted_proxies: settings.trusted_proxies.clone(),
            drain_delay: settings.drain,
            ..ApiConfig::new(settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address)))
        },
        database: database.clone(),
        directory,
        access_tokens: AccessTokens::new(&key, &[]),
        passwords: Passwords::default(),
        sealer: Sealer::new(&key),
        compose: process::compose(&settings),
        setup_token: setup_token.clone(),
        // There is no file to remove.
        setup_done: None,
        tickets: fanout.clone(),
        seats: fanout.clone(),
        revocations: fanout.clone(),
        logs: fanout.clone(),
        stats: fanout.clone(),
        events: fanout.clone(),
        causes: fanout.clone(),
        store: Some(fanout),
        metrics: metrics.registry().clone(),
        socket_metrics: metrics.sockets,
        shutdown: supervisor.shutdown(),
    })?;
    supervisor.start("api", server.run());
    process::announce(address, settings.public_url.as_ref(), setup_token.as_ref())?;
    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}

/// A streamer: reads the hosts that it leads. It has no database, and learns the hosts from the replicas' board.
pub(crate) async fn streamer(settings: Settings) -> anyhow::Result<()> {
    let _exporting = process::prepare(&settings, "streamer")?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = settings.secret_key.clone().context("DOCKLINE_SECRET_KEY is not set")?;
    let hosts = Hosts::default();
    let log = event_log::open(&settings)?;
    let fanout = Arc::new(fanout(&settings, &key, &hosts).await?);
    let lease = Arc::new(RedisLease::new(redis(&settings, &key, Keys::default()).await?, Timing::default()));
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    let board = BoardReader::new(fanout.clone(), Opener::new(Sealer::new(&key)), hosts.clone());
    let streamer = Streamer::new(hosts, lease.clone(), fanout.clone(), metrics.streamer.clone())
        .recording(event_log::recorder(log.as_ref(), &settings));
    let shutdown = supervisor.shutdown();
    if let Some(log) = &log {
        supervisor.start("event log", event_log::watch(Arc::clone(log), shutdown.clone()));
    }
    supervisor.start("hosts", {
        let shutdown = shutdown.clone();
        async move {
            board.run(shutdown).await;
            Ok::<_, anyhow::Error>(())
        }
    });
    supervisor.start("streamer", async move {
        streamer.run(shutdown).await;
        // The hosts are handed over before this process ends.
        lease.close().await;
        if let Some(log) = log {
            log.close().await;
        }
        Ok::<_, anyhow::Error>(())
    });
    let report = report(&metrics, move || {
        let fanout = Arc::clone(&fanout);
        async move { fanout.ping().await.map_err(|error| error.to_string()) }.boxed()
    });
    supervisor.start("probe", Probe::new(listener, report)?.run(supervisor.shutdown()));
    process::announce(address, None, None)?;
    process::supervise(supervisor).await
}

/// A consumer: writes what is on Kafka into the database. It knows neither Redis nor an engine.
pub(crate) async fn consumer(settings: Settings) -> anyhow::Result<()> {
    let _exporting = process::prepare(&settings, "consumer")?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let brokers = settings.kafka.clone().context("DOCKLINE_KAFKA_BROKERS is not set")?;
    let log = event_log::open(&settings)?.context("DOCKLINE_KAFKA_BROKERS is not set")?;
    let database = Database::open(&settings.database()).await?;
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    let shutdown = supervisor.shutdown();
    supervisor.start("consumer", {
        let (log, database, metrics) = (log.clone(), database.clone(), metrics.history.clone());
        let shutdown = shutdown.clone();
        async move {
            // A group that forms before its topics are there would not notice them for minutes.
            event_log::look(&log, &shutdown).await;
            if shutdown.is_cancelled() {
                return Ok(());
            }
            let source = KafkaSource::join(&brokers, Topics::default(), GROUP, &TOPICS)?;
            Consumer::new(Box::new(source), log.clone(), &database, metrics).run(shutdown).await;
            log.close().await;
            Ok::<_, anyhow::Error>(())
        }
    });
    supervisor.start("housekeeping", {
        let keeping =
            housekeeping(database.clone(), settings.retention, metrics.history.clone(), shutdown.clone());
        async move {
            keeping.await;
            Ok::<_, anyhow::Error>(())
        }
    });
    let report = report(&metrics, {
        let database = database.clone();
        move || {
            let (log, database) = (Arc::clone(&log), database.clone());
            async move {
                database.ping().await.map_err(|error| error.to_string())?;
                log.ping().await.map_err(|reason| format!("Kafka does not answer: {reason}"))
            }
            .boxed()
        }
    });
    supervisor.start("probe", Probe::new(listener, report)?.run(supervisor.shutdown()));
    process::announce(address, None, None)?;
    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}

/// A worker: does background jobs, which it takes from the database, as it does the hosts. It knows neither Redis nor Kafka.
pub(crate) async fn worker(settings: Settings) -> anyhow::Result<()> {
    let _exporting = process::prepare(&settings, "worker")?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = settings.secret_key.clone().context("DOCKLINE_SECRET_KEY is not set")?;
    let database = Database::open(&settings.database()).await?;
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    let backups = settings.backup_dir.clone().map(BackupFolder::new);
    let worker =
        process::worker(&database, &key, &metrics, process::compose(&settings)).with_backups(backups);
    let shutdown = supervisor.shutdown();
    supervisor.start("worker", async move {
        worker.run(shutdown).await;
        Ok::<_, anyhow::Error>(())
    });
    let report = report(&metrics, {
        let database = database.clone();
        move || {
            let database = database.clone();
            async move { database.ping().await.map_err(|error| error.to_string()) }.boxed()
        }
    });
    supervisor.start("probe", Probe::new(listener, report)?.run(supervisor.shutdown()));
    process::announce(address, None, None)?;
    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}

/// What the probe of a role without an API tells.
fn report(
    metrics: &Metrics,
    ready: impl Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
) -> Report {
    let registry = metrics.registry().clone();
    Report {
        ready: Box::new(ready),
        metrics: Box::new(move || {
            TextEncoder::new().encode_to_string(&registry.gather()).unwrap_or_default()
        }),
    }
}

async fn redis(settings: &Settings, key: &SecretKey, keys: Keys) -> anyhow::Result<Redis> {
    let address = settings.redis.as_ref().context("DOCKLINE_REDIS_URL is not set")?;
    let redis = Redis::connect(address, keys).await?;
    redis.claim(address, &key.fingerprint()).await?;
    Ok(redis)
}

async fn fanout(settings: &Settings, key: &SecretKey, hosts: &Hosts) -> anyhow::Result<RedisFanout> {
    let outbox = if settings.kafka.is_some() { event_log::OUTBOX } else { 0 };
    let options = RedisOptions { logs_idle: settings.log_idle, outbox, ..RedisOptions::default() };
    Ok(RedisFanout::new(redis(settings, key, Keys::default()).await?, options, enabled_hosts(hosts)))
}
