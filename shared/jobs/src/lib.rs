//! Background jobs, as types and rules: what can be a job ([`JobSpec`]), what becomes of it ([`JobState`]), how far it is
//! ([`Progress`]), and what is kept of it ([`Job`]). No I/O: jobs are stored by `dockline-persistence` and run by
//! `dockline-worker`.
//!
//! # One job, one worker
//! A worker that takes a job gets a [`Claim`]: the job's number and the number of this attempt. Each taking makes the next
//! attempt, and everything a worker writes about a job names its attempt. So a worker that was thought dead and comes back
//! changes nothing any more, whatever it still believes.
//!
//! # On whose authority
//! A job outlives the request that asked for it, so it cannot carry that request's grant. It keeps who asked ([`Asker`]),
//! and at the begin of every attempt the worker asks `authorize` again, about the account as it is then. So whoever was
//! disabled, demoted or removed meanwhile has no more work done in their name, and there still is one single way to a
//! grant.

mod job;
mod progress;
mod schedule;
mod spec;
mod timing;

pub use job::{Asker, Claim, Job, JobState};
pub use progress::{MAX_OUTPUT, MAX_STEPS, Progress, Step, Unit};
pub use schedule::{Schedule, Task};
pub use spec::{JobKind, JobSpec};
pub use timing::{InvalidTiming, Timing};

/// Whom a job's secrets are sealed for: moved to another job they cannot be opened.
#[must_use]
pub fn sealed_for(job: dockline_domain::JobId) -> String {
    format!("jobs/{job}")
}
