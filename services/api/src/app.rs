use std::{net::TcpListener, sync::Arc};

use dockline_auth::{AccessTokens, Passwords, Sealer, SetupToken};
use dockline_compose::Compose;
use dockline_docker::{Hosts, archive::SpoolBudget};
use dockline_fanout::{
    Causes, EventFeed, LogFeed, StatsFeed, StoreHealth,
    session::{Revocations, Seats, Tickets},
};
use dockline_persistence::{
    AuditLog, Backups, Database, ImageUpdates, Jobs, Registries, Schedules, Sessions, SetupState, Stacks,
    Users,
};
use dockline_telemetry::SocketMetrics;
use tokio_util::sync::CancellationToken;

use crate::{
    ApiConfig, Directory,
    exec::{Recorder, Terminals},
    gate::Origins,
    job_watches::JobWatches,
    limits::SignInLimiter,
    metrics::ApiMetrics,
    prober::Prober,
    rosters::Rosters,
    ws::Sockets,
};

/// Everything that the API is built from.
pub struct Deps {
    /// Already bound, so that a taken port is reported before anything starts; port 0 is fine.
    pub listener: TcpListener,
    /// What the composition root decided.
    pub config: ApiConfig,
    /// Accounts, sign-ins, audit log.
    pub database: Database,
    /// The Docker hosts.
    pub directory: Directory,
    /// Issues and checks access tokens.
    pub access_tokens: AccessTokens,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Encrypts what is kept secret in the database.
    pub sealer: Sealer,
    /// Reads Compose files.
    pub compose: Compose,
    /// What the set-up link must carry; `None` when set-up is done.
    pub setup_token: Option<SetupToken>,
    /// Called once when the first administrator was made here, to remove the token's file; `None` without one.
    pub setup_done: Option<Box<dyn Fn() + Send + Sync>>,
    /// Tickets for sockets.
    pub tickets: Arc<dyn Tickets>,
    /// Limits of sockets.
    pub seats: Arc<dyn Seats>,
    /// Withdrawn rights.
    pub revocations: Arc<dyn Revocations>,
    /// Live logs.
    pub logs: Arc<dyn LogFeed>,
    /// Live resource use.
    pub stats: Arc<dyn StatsFeed>,
    /// Live events.
    pub events: Arc<dyn EventFeed>,
    /// Where requests are noted for traces.
    pub causes: Arc<dyn Causes>,
    /// The store that replicas share; `None` when there is only this process.
    pub store: Option<Arc<dyn StoreHealth>>,
    /// Where metrics are registered and what `/metrics` shows.
    pub metrics: prometheus::Registry,
    /// What live sockets count.
    pub socket_metrics: SocketMetrics,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
}

/// What handlers work with: `web::Data<App>`.
pub struct App {
    /// What the composition root decided.
    pub config: ApiConfig,
    /// The database, for its health.
    pub database: Database,
    /// Accounts.
    pub users: Users,
    /// Sign-ins.
    pub sessions: Sessions,
    /// The audit log.
    pub audit: AuditLog,
    /// Background jobs.
    pub jobs: Jobs,
    /// The credentials of registries.
    pub registries: Registries,
    /// What registries said of newer images.
    pub image_updates: ImageUpdates,
    /// The Compose files of stacks.
    pub stacks: Stacks,
    /// Reads Compose files.
    pub compose: Compose,
    /// What has jobs done at certain times.
    pub schedules: Schedules,
    /// What is known of copies of volumes.
    pub backups: Backups,
    /// Whether the first administrator exists.
    pub setup: SetupState,
    /// The Docker hosts, with their engines.
    pub hosts: Hosts,
    /// The Docker hosts as they are stored, and how they are changed.
    pub directory: Directory,
    /// Issues and checks access tokens.
    pub access_tokens: AccessTokens,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Tickets for sockets.
    pub tickets: Arc<dyn Tickets>,
    /// Limits of sockets.
    pub seats: Arc<dyn Seats>,
    /// Withdrawn rights.
    pub revocations: Arc<dyn Revocations>,
    /// Live logs.
    pub logs: Arc<dyn LogFeed>,
    /// Live resource use.
    pub stats: Arc<dyn StatsFeed>,
    /// Live events.
    pub events: Arc<dyn EventFeed>,
    /// Where requests are noted for traces.
    pub causes: Arc<dyn Causes>,
    /// The store that replicas share, if there is one, for its health.
    pub store: Option<Arc<dyn StoreHealth>>,
    /// Cancelled when the process is to end: sockets close with 1012, `/readyz` says 503.
    pub shutdown: CancellationToken,
    pub(crate) sealer: Sealer,
    pub(crate) setup_token: Option<SetupToken>,
    pub(crate) setup_done: Option<Box<dyn Fn() + Send + Sync>>,
    pub(crate) prober: Prober,
    pub(crate) origins: Origins,
    pub(crate) sign_in: SignInLimiter,
    /// The disk for archives that are being checked.
    pub(crate) upload_disk: SpoolBudget,
    pub(crate) job_watches: JobWatches,
    pub(crate) rosters: Rosters,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) terminals: Arc<Terminals>,
    pub(crate) metrics: ApiMetrics,
    pub(crate) registry: prometheus::Registry,
}

impl App {
    /// Splits the dependencies into the listener and what handlers work with.
    pub(crate) fn assemble(deps: Deps) -> Result<(TcpListener, Self), crate::BuildError> {
        let listening = deps.listener.local_addr().map_err(crate::BuildError::Listener)?;
        let metrics = ApiMetrics::register(&deps.metrics).map_err(crate::BuildError::Metrics)?;
        let sockets = Arc::new(Sockets::new(deps.socket_metrics));
        let recorder = Recorder::new(deps.database.recordings(), deps.sealer.clone(), deps.config.recording);
        let recorder = Arc::new(recorder);
        let terminals = Terminals::new(Arc::clone(&sockets), deps.database.audit(), Arc::clone(&recorder));
        let app = Self {
            origins: Origins::new(&deps.config.public_url, listening),
            sign_in: SignInLimiter::new(deps.config.sign_in),
            upload_disk: SpoolBudget::new(deps.config.upload_disk_mib),
            users: deps.database.users(),
            sessions: deps.database.sessions(),
            audit: deps.database.audit(),
            jobs: deps.database.jobs(),
            registries: deps.database.registries(),
            image_updates: deps.database.image_updates(),
            job_watches: JobWatches::new(deps.database.jobs()),
            rosters: Rosters::default(),
            stacks: deps.database.stacks(),
            compose: deps.compose,
            schedules: deps.database.schedules(),
            backups: deps.database.backups(),
            setup: deps.database.setup(),
            config: deps.config,
            database: deps.database,
            hosts: deps.directory.hosts().clone(),
            directory: deps.directory,
            prober: Prober::new(metrics.host_up.clone()),
            access_tokens: deps.access_tokens,
            passwords: deps.passwords,
            tickets: deps.tickets,
            seats: deps.seats,
            revocations: deps.revocations,
            logs: deps.logs,
            stats: deps.stats,
            events: deps.events,
            causes: deps.causes,
            store: deps.store,
            shutdown: deps.shutdown,
            sealer: deps.sealer,
            setup_token: deps.setup_token,
            setup_done: deps.setup_done,
            recorder,
            terminals,
            sockets,
            metrics,
            registry: deps.metrics,
        };
        Ok((deps.listener, app))
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps")
            .field("listener", &self.listener)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
