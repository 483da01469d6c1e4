//! Schedules whose time has come. Every worker looks; the database says whose turn it is.

use dockline_jobs::{Schedule, Timing};
use dockline_persistence::{Error, Fired, Result};
use futures::future::BoxFuture;
use tracing::{info, warn};

use crate::{Shared, work::Stopped};

/// Tells the time, in microseconds since the Unix epoch. All workers of a cluster go by one.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> BoxFuture<'_, Result<i64>>;
}

impl Clock for dockline_persistence::Database {
    fn now(&self) -> BoxFuture<'_, Result<i64>> {
        Box::pin(self.time())
    }
}

impl Shared {
    /// Adds a job for each schedule whose time has come. Times that passed while no worker ran are one.
    pub(crate) async fn run_schedules(&self) -> Result<()> {
        let now = self.clock.now().await?;
        for schedule in self.schedules.due(now).await? {
            self.run_schedule(&schedule, now).await?;
        }
        Ok(())
    }

    async fn run_schedule(&self, schedule: &Schedule, now: i64) -> Result<()> {
        let timing = Timing::new(&schedule.cron, &schedule.timezone).ok();
        let next = timing.and_then(|timing| timing.after(now));
        let task = match &schedule.task {
            Some(task) => match self.authority(&schedule.owner, task.kind()).await {
                Ok(_) => Some(task.spec(schedule.id)),
                Err(Stopped::Failed(why)) => {
                    warn!(schedule = schedule.name, why, "a schedule was passed over");
                    None
                }
                Err(Stopped::Later(why)) => {
                    warn!(schedule = schedule.name, why, "a schedule is put off");
                    return Ok(());
                }
            },
            // A newer release wrote it, and its worker runs it.
            None => return Ok(()),
        };
        match self.schedules.fire(schedule, now, next, task).await {
            Ok(Fired::Job(job)) => info!(schedule = schedule.name, job = %job.id, "a schedule runs"),
            Ok(Fired::Busy) => {
                info!(schedule = schedule.name, "a schedule was passed over: its last job is not over");
            }
            Ok(Fired::Skipped | Fired::Taken) => {}
            Err(Error::TooManyJobs) => {
                warn!(schedule = schedule.name, "a schedule waits for room among the jobs")
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
