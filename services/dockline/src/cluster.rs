//! The roles of a cluster: the same parts as standalone over PostgreSQL and Redis.

use std::sync::Arc;

use anyhow::Context;
use dockline_api::{ApiConfig, Deps, PublicUrl};
use dockline_auth::{AccessTokens, Passwords, SecretKey, SetupToken};
use dockline_docker::{DockerEngine, Host, Hosts};
use dockline_fanout::{
    StoreHealth,
    redis::{RedisFanout, RedisOptions},
};
use dockline_lease::redis::{RedisLease, Timing};
use dockline_lifecycle::{Probe, Report, Supervisor};
use dockline_persistence::Database;
use dockline_redis::{Keys, Redis};
use dockline_streamer::Streamer;
use dockline_telemetry::Metrics;
use futures::FutureExt;
use prometheus::TextEncoder;

use crate::{process, settings::Settings};

/// A replica: REST, WebSockets and the web UI. It reads no Docker stream; live data reaches it through Redis.
pub(crate) async fn api(settings: Settings) -> anyhow::Result<()> {
    process::prepare(&settings)?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = settings.secret_key.clone().context("DOCKLINE_SECRET_KEY is not set")?;
    let database = Database::open(&settings.database()).await?;
    // Every replica finds the same token, so the link works at whichever answers.
    let setup_token =
        if database.setup().required().await? { Some(SetupToken::of_installation(&key)) } else { None };
    let fanout = Arc::new(fanout(&settings, &key).await?);
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    let server = dockline_api::build(Deps {
        listener,
        config: ApiConfig {
            sockets_per_user: settings.sockets_per_user,
            viewers_per_container: settings.viewers_per_container,
            trusted_proxies: settings.trusted_proxies.clone(),
            ..ApiConfig::new(settings.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(address)))
        },
        database: database.clone(),
        hosts: hosts(&settings),
        access_tokens: AccessTokens::new(&key, &[]),
        passwords: Passwords::default(),
        setup_token: setup_token.clone(),
        // There is no file to remove.
        setup_done: Box::new(|| {}),
        tickets: fanout.clone(),
        seats: fanout.clone(),
        revocations: fanout.clone(),
        logs: fanout.clone(),
        stats: fanout.clone(),
        events: fanout.clone(),
        store: Some(fanout),
        metrics: metrics.registry().clone(),
        socket_metrics: metrics.sockets,
        shutdown: supervisor.shutdown(),
    })?;
    supervisor.start("api", server.run());
    process::announce(address, setup_token.as_ref())?;
    let ended = process::supervise(supervisor).await;
    database.close().await?;
    ended
}

/// A streamer: reads the hosts that it leads. It has no database.
pub(crate) async fn streamer(settings: Settings) -> anyhow::Result<()> {
    process::prepare(&settings)?;
    let listener = process::bind(&settings)?;
    let address = listener.local_addr()?;
    let key = settings.secret_key.clone().context("DOCKLINE_SECRET_KEY is not set")?;
    let fanout = Arc::new(fanout(&settings, &key).await?);
    let lease = Arc::new(RedisLease::new(redis(&settings, &key).await?, Timing::default()));
    let metrics = Metrics::new()?;
    let mut supervisor = Supervisor::new();
    let streamer = Streamer::new(hosts(&settings), lease.clone(), fanout.clone(), metrics.streamer.clone());
    let shutdown = supervisor.shutdown();
    supervisor.start("streamer", async move {
        streamer.run(shutdown).await;
        // The hosts are handed over before this process ends.
        lease.close().await;
        Ok::<_, anyhow::Error>(())
    });
    let registry = metrics.registry().clone();
    let report = Report {
        ready: Box::new(move || {
            let fanout = Arc::clone(&fanout);
            async move { fanout.ping().await.map_err(|error| error.to_string()) }.boxed()
        }),
        metrics: Box::new(move || {
            TextEncoder::new().encode_to_string(&registry.gather()).unwrap_or_default()
        }),
    };
    supervisor.start("probe", Probe::new(listener, report)?.run(supervisor.shutdown()));
    process::announce(address, None)?;
    process::supervise(supervisor).await
}

async fn redis(settings: &Settings, key: &SecretKey) -> anyhow::Result<Redis> {
    let address = settings.redis.as_ref().context("DOCKLINE_REDIS_URL is not set")?;
    let redis = Redis::connect(address, Keys::default()).await?;
    redis.claim(address, &key.fingerprint()).await?;
    Ok(redis)
}

async fn fanout(settings: &Settings, key: &SecretKey) -> anyhow::Result<RedisFanout> {
    let options = RedisOptions { logs_idle: settings.log_idle, ..RedisOptions::default() };
    let hosts = settings.hosts.iter().map(|(id, _)| id.clone());
    Ok(RedisFanout::new(redis(settings, key).await?, options, hosts))
}

fn hosts(settings: &Settings) -> Hosts {
    let host = |(id, address): &(_, _)| {
        let engine = DockerEngine::new(Clone::clone(id), Clone::clone(address));
        Host { id: Clone::clone(id), address: Clone::clone(address), engine: Arc::new(engine) }
    };
    settings.hosts.iter().map(host).collect()
}
