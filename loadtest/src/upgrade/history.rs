//! What the database remembers of the restarts, read past the program: each event once, each audit line with its outcome.

use std::fmt;

use anyhow::{Context, Result};
use dockline_testkit::TestContainer;

use super::fleet::Fleet;

/// Of all restarted containers together.
#[derive(Debug, Default)]
pub(super) struct Histories {
    /// Answered with success.
    restarts: u64,
    /// Events of each kind that a restart makes, in the history; `start` without a container's first.
    events: [(&'static str, u64); 3],
    /// Events that are there twice, under two identities.
    repeated: u64,
    /// Lines of the audit log: before the restart, and with its success.
    audit: [u64; 2],
}

/// What happens to a container at a restart.
const ACTIONS: [&str; 3] = ["die", "start", "restart"];

impl Histories {
    /// Reads them for the containers that were restarted so often.
    pub(super) fn read(fleet: &Fleet, restarts: &[(TestContainer, u64)]) -> Result<Self> {
        let ask = |sql: String| -> Result<u64> {
            let said = tokio::task::block_in_place(|| fleet.cluster.query(&sql))?;
            said.trim().parse().with_context(|| format!("{sql}: {said:?}"))
        };
        let mut sum = Self { events: ACTIONS.map(|action| (action, 0)), ..Self::default() };
        for (container, times) in restarts {
            let id = container.id();
            sum.restarts += times;
            for (action, count) in &mut sum.events {
                let of = format!("FROM event_history WHERE actor_id = '{id}' AND action = '{action}'");
                let found = ask(format!("SELECT count(*) {of}"))?;
                sum.repeated += ask(format!("SELECT count(*) - count(DISTINCT at_ns) {of}"))?;
                *count += found.saturating_sub(u64::from(*action == "start"));
            }
        }
        for (outcome, count) in ["intent", "success"].iter().zip(&mut sum.audit) {
            let of = format!("action = 'container.restart' AND outcome = '{outcome}'");
            *count = ask(format!("SELECT count(*) FROM audit_log WHERE {of}"))?;
        }
        Ok(sum)
    }

    /// Whether nothing is missing any more.
    pub(super) fn is_complete(&self) -> bool {
        self.events.iter().all(|(_, count)| *count >= self.restarts)
            && self.audit.iter().all(|count| *count >= self.restarts)
    }

    /// Whether everything is there, and once.
    pub(super) fn are_exact(&self) -> bool {
        self.repeated == 0
            && self.events.iter().all(|(_, count)| *count == self.restarts)
            && self.audit.iter().all(|count| *count == self.restarts)
    }
}

impl fmt::Display for Histories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "histories of {} restarts: events", self.restarts)?;
        for (action, count) in &self.events {
            write!(f, " {action} {count}")?;
        }
        let [intents, successes] = self.audit;
        write!(f, ", {} of them twice; audit log {intents} intents, {successes} successes", self.repeated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_missing_or_there_twice_shows() {
        let exact = |restarts| Histories {
            restarts,
            events: ACTIONS.map(|action| (action, restarts)),
            repeated: 0,
            audit: [restarts, restarts],
        };
        assert!(exact(3).is_complete() && exact(3).are_exact());
        let mut lost = exact(3);
        lost.events[1].1 = 2;
        assert!(!lost.is_complete() && !lost.are_exact());
        let mut unfinished = exact(3);
        unfinished.audit[1] = 2;
        assert!(!unfinished.is_complete() && !unfinished.are_exact());
        let mut twice = exact(3);
        twice.events[2].1 = 4;
        assert!(twice.is_complete() && !twice.are_exact());
        // One that is there twice does not stand for one that is lost.
        let balanced = Histories { repeated: 1, ..exact(3) };
        assert!(balanced.is_complete() && !balanced.are_exact());
    }
}
