//! The exchange of two containers, step by step.
//!
//! Before every step both are looked at anew, and the next step follows from what is there ([`next`]). So it does not
//! matter who took the steps before: a worker that died, at whatever moment, left a state like any other. The way there:
//!
//! 1. the new one is made under a temporary name; it bears labels that say whose successor it is,
//! 2. the old one gives its name away and is stopped,
//! 3. the new one takes the name, is started and watched until it is well,
//! 4. the old one is removed.
//!
//! The way back is the same in reverse, and ends with the removal of the new one: as long as both are there, the new one's
//! labels say that something is unfinished. What there is once is therefore never removed before the other one runs.
//!
//! Engines go on with a stop when nobody waits for it any more. So the name goes first: an old one without its name may be
//! about to stop, though it still runs, and whoever brings it back waits for that. As long as it is being stopped, the
//! container is there under the two other names only. Its network aliases stay.

mod course;
mod going;
mod next;
mod resume;
mod standing;
mod step;
mod verdict;

use std::time::Duration;

use dockline_domain::{ContainerId, ContainerName, JobId};
use dockline_jobs::Progress;
use tokio::sync::watch;

pub(super) use self::resume::{patiently, take_up, unknown};

/// How an exchange divides its time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How long a container without a health check must run to count as well.
    pub(super) settled: Duration,
    /// How much longer than by its own rule a health check may take.
    pub(super) grace: Duration,
    /// Between two looks at a container that is not well yet.
    pub(super) look_every: Duration,
    /// For how long an engine that does not answer is waited for, in the middle of an exchange.
    pub(super) patience: Duration,
    /// How long until it is asked again.
    pub(super) ask_again: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            settled: Duration::from_secs(5),
            grace: Duration::from_secs(30),
            look_every: Duration::from_millis(500),
            patience: Duration::from_mins(10),
            ask_again: Duration::from_secs(2),
        }
    }
}

/// The three names of an exchange.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// The container's, which goes from the old one to the new one.
    pub(super) own: ContainerName,
    /// The new one's until then. There can be one exchange of a container at a time, since a name can be taken once.
    pub(super) temporary: ContainerName,
    /// The old one's from then on.
    pub(super) parked: ContainerName,
}

impl Names {
    /// Names that are recognized for what they are.
    pub(super) fn of(own: &ContainerName, old: &ContainerId) -> Result<Self, String> {
        let begin: String = own.as_str().chars().take(90).collect();
        let made = |what: &str| format!("{begin}.dockline-{what}-{}", old.short()).parse();
        let failed = |error: dockline_domain::ids::InvalidId| error.to_string();
        Ok(Self {
            own: own.clone(),
            temporary: made("new").map_err(failed)?,
            parked: made("old").map_err(failed)?,
        })
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// The new one is in the old one's place.
    Replaced(ContainerId),
    /// The old one is as it was.
    Kept,
    /// What was wanted did not work, and the old one is as it was, as far as nothing else is said.
    Failed(String),
}

/// An exchange that is wanted, or was begun.
pub(super) struct Swap<'a, S> {
    pub(super) site: &'a S,
    /// Whose new one it is about. There may be another job's, which is none of ours.
    pub(super) job: JobId,
    pub(super) old: ContainerId,
    pub(super) names: Names,
    /// Whether the old one ran.
    pub(super) ran: bool,
    pub(super) progress: &'a watch::Sender<Progress>,
    pub(super) pace: Pace,
}

/// Which way it goes, and why if it is back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    Forward,
    Back(Option<String>),
}

#[cfg(test)]
mod tests;
