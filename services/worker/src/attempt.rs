use std::{sync::Arc, time::Duration};

use dockline_jobs::{Claim, Job, JobState, Progress};
use dockline_persistence::{Actor, End, Moment, NewEntry, Outcome, Standing};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Shared, handlers::Stopped};

/// A job over which so many workers died is not tried again: it may be what they died of.
const MOST_LOST_WORKERS: u32 = 3;
/// How often it is said that the job is being worked on when there is no news of it, which is also how soon a worker hears
/// that it is to be called off.
const SAY_EVERY: Duration = Duration::from_secs(1);
/// How often the end is tried to be written down, a second apart.
const TRIES: u32 = 10;

/// Why the work is to be stopped.
enum Stop {
    Cancelled,
    /// Another worker has the job, or soon will have.
    Lost(&'static str),
}

/// Does a job that was just taken, to its end or until `shutdown`.
pub(crate) async fn run(shared: Arc<Shared>, job: Job, shutdown: CancellationToken) {
    let claim = Claim { job: job.id, attempt: job.attempt };
    let _running = shared.metrics.running();
    info!(job = %job.id, kind = job.kind, subject = job.subject, attempt = job.attempt, "began a job");
    let progress = watch::Sender::new(job.progress.clone());
    let ended = if job.cancel_requested {
        Some(End::Cancelled)
    } else if job.lost_workers >= MOST_LOST_WORKERS {
        let why = format!("{} workers died while they did this, so it is not tried again", job.lost_workers);
        Some(End::Failed(why))
    } else {
        tokio::select! {
            done = shared.work(&job, &progress) => match done {
                Ok(()) => Some(End::Succeeded),
                Err(Stopped::Failed(why)) => Some(End::Failed(why)),
                Err(Stopped::Later(why)) => {
                    warn!(job = %job.id, why, "a job was put off");
                    None
                }
            },
            stop = shared.keep(claim, progress.subscribe(), true) => match stop {
                Stop::Cancelled => Some(End::Cancelled),
                Stop::Lost(why) => {
                    warn!(job = %job.id, attempt = job.attempt, why, "a job was lost");
                    shared.metrics.lost();
                    return;
                }
            },
            () = shutdown.cancelled() => None,
        }
    };
    // The work was dropped by now, and with it what it had under way at the engine.
    let ended = match ended {
        // Its own failures the work has cleared away itself.
        Some(end @ (End::Cancelled | End::Failed(_))) if is_called_off(&end, &job) => tokio::select! {
            taken_back = shared.take_back(&job, &progress) => match taken_back {
                Ok(false) => Some(end),
                Ok(true) => Some(End::Succeeded),
                Err(Stopped::Failed(why)) => Some(End::Failed(why)),
                Err(Stopped::Later(why)) => {
                    warn!(job = %job.id, why, "what a job began is not taken back yet");
                    None
                }
            },
            _lost = shared.keep(claim, progress.subscribe(), false) => {
                shared.metrics.lost();
                return;
            }
            () = shutdown.cancelled() => None,
        },
        ended => ended,
    };
    let progress = progress.borrow().clone();
    shared.write_end(claim, &progress, ended).await;
}

/// Whether somebody else than the work itself brought a job to its end.
const fn is_called_off(end: &End, job: &Job) -> bool {
    matches!(end, End::Cancelled) || job.lost_workers >= MOST_LOST_WORKERS
}

impl Shared {
    /// Says again and again that this worker is at it and how far it is, until it is to stop; a wish to call it off
    /// may be one that it has heard already.
    async fn keep(
        &self,
        claim: Claim,
        mut progress: watch::Receiver<Progress>,
        heeds_a_cancel: bool,
    ) -> Stop {
        let lease = self.pace.lease;
        let mut ticks = interval(self.pace.report_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut is_told = true;
        loop {
            ticks.tick().await;
            let is_news = progress.has_changed().unwrap_or_default() || !is_told;
            if !is_news && heard.elapsed() < SAY_EVERY.min(lease / 3) {
                continue;
            }
            let news = is_news.then(|| progress.borrow_and_update().clone());
            let said = Instant::now();
            match timeout(lease / 3, self.jobs.report(claim, news.as_ref(), lease)).await {
                Ok(Ok(Standing::Yours { cancel_requested: true })) if heeds_a_cancel => {
                    return Stop::Cancelled;
                }
                Ok(Ok(Standing::Yours { .. })) => (heard, is_told) = (said, true),
                Ok(Ok(Standing::Lost)) => return Stop::Lost("another worker has it, or it is over"),
                Ok(Err(_)) | Err(_) => is_told = false,
            }
            // Before the others may take it, by whichever clock.
            if heard.elapsed() > lease / 3 * 2 {
                return Stop::Lost("the database could not be told that it is being worked on");
            }
        }
    }

    /// Writes down how it ended, or lays it back for others.
    async fn write_end(&self, claim: Claim, progress: &Progress, end: Option<End>) {
        for _ in 0..TRIES {
            let written = match &end {
                Some(end) => self.jobs.finish(claim, progress, end.clone()).await,
                None => self.jobs.give_back(claim).await,
            };
            match written {
                Ok(Some(job)) if job.state.is_final() => return self.over(&job).await,
                Ok(Some(job)) => return info!(job = %job.id, "gave a job back"),
                Ok(None) => {
                    return warn!(job = %claim.job, "the end of a job came too late: it was another worker's");
                }
                Err(error) => {
                    warn!(%error, job = %claim.job, "the end of a job could not be written down yet");
                    sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Tells the log, the metrics and the audit log.
    async fn over(&self, job: &Job) {
        info!(job = %job.id, state = job.state.as_str(), error = job.error, "a job is over");
        self.metrics.finished(job.state.as_str());
        let entry = NewEntry {
            actor: Actor::account(job.asker.user, &job.asker.username),
            action: "job.finish".to_owned(),
            target: Some(format!("jobs/{}", job.id)),
            detail: Some(json!({
                "kind": job.kind, "host": job.host, "subject": job.subject,
                "state": job.state.as_str(), "attempt": job.attempt,
            })),
            address: None,
            request_id: job.id.to_string(),
        };
        let outcome = if job.state == JobState::Succeeded { Outcome::Success } else { Outcome::Failure };
        if let Err(error) = self.audit.record(entry, outcome, Moment::now()).await {
            tracing::error!(%error, job = %job.id, "the end of a job could not be recorded in the audit log");
        }
    }
}
