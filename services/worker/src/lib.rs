//! The worker: takes background jobs from the database and does them. Any number of workers may run; a job is done by one
//! of them at a time.
//!
//! - [`Worker`] takes jobs while it has room, a few at a time, and removes old ones;
//! - [`attempt`] does one job: it says again and again that it is at it, hears of a wish to call it off, and writes down
//!   the end. A worker that cannot say so for too long stops by itself, before another one takes the job;
//! - [`authority`] asks whether whoever asked for a job may still have it done;
//! - [`schedules`] adds jobs when their time has come;
//! - [`handlers`] do the work itself: one for each kind of job.
//!
//! The rules that make one worker at a time of this are in `dockline-jobs` and in the statements of
//! `dockline-persistence`.

mod attempt;
mod authority;
mod handlers;
mod hosts;
mod registries;
mod schedules;

use std::{collections::HashMap, sync::Arc, time::Duration};

use dockline_auth::Sealer;
use dockline_compose::Compose;
use dockline_docker::volumes_closed;
use dockline_persistence::{
    AuditLog, BackupFolder, Backups, Database, ImageUpdates, Jobs, Schedules, Stacks, Users,
};
use dockline_telemetry::JobMetrics;
use futures::{StreamExt, stream};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{debug, error, info, warn};

use crate::registries::RegistryLogins;

pub use hosts::StoredHosts;
pub use schedules::Clock;

/// How a worker divides its time.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// For how long a job is this worker's without a word from it.
    pub lease: Duration,
    /// How often it says how far a job is, if that is news.
    pub report_every: Duration,
    /// How often it looks for jobs.
    pub look_every: Duration,
    /// How many jobs it does at the same time.
    pub at_once: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(15),
            report_every: Duration::from_millis(500),
            look_every: Duration::from_secs(1),
            at_once: 4,
        }
    }
}

/// How long the end waits for engines to let go of volumes.
const CLOSE: Duration = Duration::from_secs(5);
/// How often old jobs are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(1);
/// How often the backup folder is looked through, which may be far away and hold many files.
const SWEEP_BACKUPS_EVERY: Duration = Duration::from_hours(1);
/// How many hosts are swept at the same time.
const SWEPT_AT_ONCE: usize = 8;

/// Does background jobs.
pub struct Worker(Shared);

struct Shared {
    /// Of this process, for people.
    name: String,
    jobs: Jobs,
    users: Users,
    audit: AuditLog,
    stacks: Stacks,
    compose: Compose,
    schedules: Schedules,
    backups: Backups,
    backup_folder: Option<BackupFolder>,
    clock: Arc<dyn Clock>,
    sealer: Sealer,
    registries: RegistryLogins,
    updates: ImageUpdates,
    hosts: StoredHosts,
    metrics: JobMetrics,
    pace: Pace,
}

impl Worker {
    /// A worker of this name, which is for people. It opens what jobs keep sealed with `sealer`.
    #[must_use]
    pub fn new(
        name: String,
        database: &Database,
        hosts: StoredHosts,
        sealer: Sealer,
        metrics: JobMetrics,
    ) -> Self {
        Self(Shared {
            name,
            jobs: database.jobs(),
            users: database.users(),
            audit: database.audit(),
            stacks: database.stacks(),
            compose: Compose::new(None, None),
            schedules: database.schedules(),
            backups: database.backups(),
            backup_folder: None,
            clock: Arc::new(database.clone()),
            sealer,
            registries: RegistryLogins { stored: database.registries(), hosts: hosts.clone() },
            updates: database.image_updates(),
            hosts,
            metrics,
            pace: Pace::default(),
        })
    }

    /// With a folder for backups; the jobs that need one fail without.
    #[must_use]
    pub fn with_backups(mut self, folder: Option<BackupFolder>) -> Self {
        self.0.backup_folder = folder;
        self
    }

    /// With this Compose plugin, rather than the one of the usual folders without a jail.
    #[must_use]
    pub fn with_compose(mut self, compose: Compose) -> Self {
        self.0.compose = compose;
        self
    }

    /// By another clock, for tests.
    #[must_use]
    pub fn by_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.0.clock = clock;
        self
    }

    /// At another pace, for tests.
    #[must_use]
    pub const fn at_pace(mut self, pace: Pace) -> Self {
        self.0.pace = pace;
        self
    }

    /// Runs until `shutdown`, and then gives back what it has not finished.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = Arc::new(self.0);
        let room = Arc::new(Semaphore::new(shared.pace.at_once));
        let mut attempts = JoinSet::new();
        let mut ticks = interval(shared.pace.look_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_silent, mut is_schedule_silent, mut put_off) = (false, false, HashMap::new());
        // Hosts that do not answer hold up no job.
        let _tidying = AbortOnDropHandle::new(tokio::spawn(Arc::clone(&shared).keep_tidy()));
        info!(worker = shared.name, "taking jobs");
        loop {
            tokio::select! {
                // First: the end of an attempt that was given back would have it taken again, by the one that ends.
                biased;
                () = shutdown.cancelled() => break,
                // There is room again.
                Some(ended) = attempts.join_next() => if let Err(broken) = ended {
                    error!(%broken, "a job's task broke; another worker will take the job");
                },
                _ = ticks.tick() => {}
            }
            let scheduled = shared.run_schedules(&mut put_off).await;
            if let Err(error) = &scheduled
                && !is_schedule_silent
            {
                warn!(%error, "no schedules can be run");
            }
            is_schedule_silent = scheduled.is_err();
            while !shutdown.is_cancelled()
                && let Ok(permit) = Arc::clone(&room).try_acquire_owned()
            {
                match shared.jobs.claim(&shared.name, shared.pace.lease).await {
                    Ok(Some(job)) => {
                        let attempt = attempt::run(Arc::clone(&shared), job, shutdown.clone());
                        attempts.spawn(async move {
                            attempt.await;
                            drop(permit);
                        });
                        is_silent = false;
                    }
                    Ok(None) => {
                        is_silent = false;
                        break;
                    }
                    Err(error) => {
                        if !is_silent {
                            warn!(%error, "no jobs can be taken");
                        }
                        is_silent = true;
                        break;
                    }
                }
            }
        }
        while attempts.join_next().await.is_some() {}
        if timeout(CLOSE, volumes_closed()).await.is_err() {
            warn!("volumes that were being read are still held; they are swept later");
        }
    }
}

/// Does this at once and in this interval, until it is dropped.
async fn again_and_again<Done: Future<Output = ()>>(every: Duration, what: impl Fn() -> Done) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        what().await;
    }
}

impl Shared {
    /// Tidies again and again, until it is dropped.
    async fn keep_tidy(self: Arc<Self>) {
        // A backup folder that does not answer, as a network file system may not, holds up nothing else.
        tokio::join!(
            again_and_again(PRUNE_EVERY, || self.tidy()),
            again_and_again(SWEEP_BACKUPS_EVERY, || self.sweep_backups())
        );
    }

    /// Removes old jobs, what jobs worked with, and what processes that were killed left at engines.
    async fn tidy(&self) {
        if let Err(error) = self.jobs.prune().await {
            warn!(%error, "old jobs are still there");
        }
        if let Err(error) = self.jobs.prune_inputs().await {
            warn!(%error, "what jobs worked with is still there");
        }
        let hosts = self.hosts.all().await.unwrap_or_default().into_iter().filter(|host| host.enabled);
        let swept = stream::iter(hosts).for_each_concurrent(SWEPT_AT_ONCE, |host| async move {
            match host.engine.sweep_helpers().await {
                Ok(0) => {}
                Ok(removed) => info!(host = %host.id, removed, "removed helpers that were left over"),
                Err(error) => debug!(host = %host.id, %error, "an engine was not swept"),
            }
        });
        swept.await;
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("name", &self.0.name).finish_non_exhaustive()
    }
}
