//! Jobs that somebody looks at, read again twice a second: one statement for all of them together, and none when nobody
//! looks. Progress is in the database, so it is the same at every replica, whichever worker has the job.

use std::{collections::HashMap, sync::Arc, time::Duration};

use dockline_domain::JobId;
use dockline_jobs::Job;
use dockline_persistence::Jobs;
use parking_lot::Mutex;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How often they are read.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The jobs that are looked at here.
#[derive(Debug)]
pub(crate) struct JobWatches {
    jobs: Jobs,
    watched: Mutex<HashMap<JobId, watch::Sender<Arc<Job>>>>,
}

impl JobWatches {
    pub(crate) fn new(jobs: Jobs) -> Self {
        Self { jobs, watched: Mutex::default() }
    }

    /// A job as it is known here, and each change from then on. Ends behind the job's end, and when the job is removed.
    pub(crate) fn watch(&self, job: Job) -> watch::Receiver<Arc<Job>> {
        let mut watched = self.watched.lock();
        if let Some(known) = watched.get(&job.id) {
            return known.subscribe();
        }
        let id = job.id;
        let sender = watch::Sender::new(Arc::new(job));
        let receiver = sender.subscribe();
        watched.insert(id, sender);
        receiver
    }

    /// Keeps what is looked at up to date until `ends`.
    pub(crate) async fn run(&self, ends: &CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_silent = false;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = ends.cancelled() => return,
            }
            match self.look().await {
                Ok(()) => is_silent = false,
                Err(error) if !is_silent => {
                    warn!(%error, "jobs that are looked at cannot be read; what was known of them stays");
                    is_silent = true;
                }
                Err(_) => {}
            }
        }
    }

    async fn look(&self) -> dockline_persistence::Result<()> {
        let ids: Vec<JobId> = {
            let mut watched = self.watched.lock();
            watched.retain(|_, sender| sender.receiver_count() > 0);
            watched.keys().copied().collect()
        };
        if ids.is_empty() {
            return Ok(());
        }
        let mut found: HashMap<JobId, Job> =
            self.jobs.many(&ids).await?.into_iter().map(|job| (job.id, job)).collect();
        let mut watched = self.watched.lock();
        for id in ids {
            // One that is over is told for the last time, one that is gone not even that.
            let goes_on = match (watched.get(&id), found.remove(&id)) {
                (Some(sender), Some(job)) => {
                    let goes_on = !job.state.is_final();
                    sender.send_if_modified(|known| {
                        let changed = **known != job;
                        if changed {
                            *known = Arc::new(job);
                        }
                        changed
                    });
                    goes_on
                }
                _ => false,
            };
            if !goes_on {
                watched.remove(&id);
            }
        }
        Ok(())
    }
}
