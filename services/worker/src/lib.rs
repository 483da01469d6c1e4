//! The worker: takes background jobs from the database and does them. Any number of workers may run; a job is done by one
//! of them at a time.
//!
//! - [`Worker`] takes jobs while it has room, a few at a time, and removes old ones;
//! - [`attempt`] does one job: it says again and again that it is at it, hears of a wish to call it off, and writes down
//!   the end. A worker that cannot say so for too long stops by itself, before another one takes the job;
//! - [`authority`] asks whether whoever asked for a job may still have it done;
//! - [`work`] is the work itself, a file for each kind of job.
//!
//! The rules that make one worker at a time of this are in `dockline-jobs` and in the statements of
//! `dockline-persistence`.

mod attempt;
mod authority;
mod hosts;
mod work;

use std::{sync::Arc, time::Duration};

use dockline_persistence::{AuditLog, Database, Jobs, Users};
use dockline_telemetry::JobMetrics;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use hosts::StoredHosts;

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

/// How often old jobs are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(1);

/// Does background jobs.
pub struct Worker(Arc<Shared>);

struct Shared {
    /// Of this process, for people.
    name: String,
    jobs: Jobs,
    users: Users,
    audit: AuditLog,
    hosts: StoredHosts,
    metrics: JobMetrics,
    pace: Pace,
}

impl Worker {
    /// A worker of this name, which is for people.
    #[must_use]
    pub fn new(name: String, database: &Database, hosts: StoredHosts, metrics: JobMetrics) -> Self {
        let (jobs, users, audit) = (database.jobs(), database.users(), database.audit());
        Self(Arc::new(Shared { name, jobs, users, audit, hosts, metrics, pace: Pace::default() }))
    }

    /// At another pace, for tests.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        let Shared { name, jobs, users, audit, hosts, metrics, .. } = &*self.0;
        Self(Arc::new(Shared {
            name: name.clone(),
            jobs: jobs.clone(),
            users: users.clone(),
            audit: audit.clone(),
            hosts: hosts.clone(),
            metrics: metrics.clone(),
            pace,
        }))
    }

    /// Runs until `shutdown`, and then gives back what it has not finished.
    pub async fn run(self, shutdown: CancellationToken) {
        let shared = self.0;
        let room = Arc::new(Semaphore::new(shared.pace.at_once));
        let mut attempts = JoinSet::new();
        let mut ticks = interval(shared.pace.look_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_silent, mut prune_at) = (false, Instant::now());
        info!(worker = shared.name, "taking jobs");
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                // There is room again.
                Some(ended) = attempts.join_next() => if let Err(broken) = ended {
                    error!(%broken, "a job's task broke; another worker will take the job");
                },
                () = shutdown.cancelled() => break,
            }
            while let Ok(permit) = Arc::clone(&room).try_acquire_owned() {
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
            if prune_at <= Instant::now() {
                prune_at = Instant::now() + PRUNE_EVERY;
                if let Err(error) = shared.jobs.prune().await {
                    warn!(%error, "old jobs are still there");
                }
            }
        }
        while attempts.join_next().await.is_some() {}
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("name", &self.0.name).finish_non_exhaustive()
    }
}
