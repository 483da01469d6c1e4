//! Schedules whose time has come. Every worker looks; the database says whose turn it is.

use std::collections::HashMap;

use dockline_domain::ScheduleId;
use dockline_jobs::{Schedule, Timing};
use dockline_persistence::{BrokenSchedule, Fired, Result};
use futures::future::BoxFuture;
use tracing::{error, info, warn};

use crate::{Shared, handlers::Stopped};

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
    /// Adds a job for each schedule whose time has come. Times that passed while no worker ran are one. One that cannot run
    /// yet, or cannot be read, holds up no other; `put_off` has why, so that it is said once.
    pub(crate) async fn run_schedules(&self, put_off: &mut HashMap<ScheduleId, String>) -> Result<()> {
        let now = self.clock.now().await?;
        let due = self.schedules.due(now).await?;
        let before = std::mem::take(put_off);
        self.metrics.unreadable_schedules(due.broken.len());
        for BrokenSchedule { id, name, why, .. } in due.broken {
            if before.get(&id) != Some(&why) {
                error!(schedule = name, why, "a schedule cannot be read, and does not run");
            }
            put_off.insert(id, why);
        }
        for schedule in due.schedules {
            let Err(why) = self.run_schedule(&schedule, now).await else { continue };
            if before.get(&schedule.id) != Some(&why) {
                warn!(schedule = schedule.name, why, "a schedule is put off");
            }
            put_off.insert(schedule.id, why);
        }
        Ok(())
    }

    /// Lets a schedule's time pass, or tells why that is to be tried again.
    async fn run_schedule(&self, schedule: &Schedule, now: i64) -> Result<(), String> {
        let timing = Timing::new(&schedule.cron, &schedule.timezone).ok();
        let next = timing.and_then(|timing| timing.after(now));
        let task = match &schedule.task {
            Some(task) => match self.authority(&schedule.owner, task.kind()).await {
                Ok(_) => Some(task.spec(schedule.id)),
                Err(Stopped::Failed(why)) => {
                    warn!(schedule = schedule.name, why, "a schedule was passed over");
                    None
                }
                Err(Stopped::Later(why)) => return Err(why),
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
            Err(error) => return Err(error.to_string()),
        }
        Ok(())
    }
}
