//! Start, signals and a clean end: one [`Supervisor`] per process owns every long task.

mod probe;

use std::{future::Future, time::Duration};

use tokio::{signal::unix::SignalKind, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

pub use probe::{Probe, Report};

/// How a supervised process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// A signal asked for it and every task ended in time.
    Cleanly,
    /// A signal asked for it but these tasks did not end in time.
    Overdue(Vec<&'static str>),
    /// A task ended by itself, which none may.
    TaskFailed {
        /// Its name.
        task: &'static str,
        /// Why.
        reason: String,
    },
}

/// Owns the process's long tasks. Each has a name; none may end before it is told to.
#[derive(Debug, Default)]
pub struct Supervisor {
    shutdown: CancellationToken,
    tasks: JoinSet<(&'static str, Result<(), String>)>,
    names: Vec<&'static str>,
}

impl Supervisor {
    /// A supervisor without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the process must end.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Starts a task. It must return soon after [`Self::shutdown`] is cancelled.
    pub fn start<E: std::fmt::Display>(
        &mut self,
        name: &'static str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        self.names.push(name);
        self.tasks.spawn(async move { (name, task.await.map_err(|error| error.to_string())) });
    }

    /// Waits for SIGTERM, SIGINT or the end of a task, then ends all tasks within `grace`. A second
    /// signal ends the wait at once.
    pub async fn run(mut self, grace: Duration) -> Ended {
        let failed = tokio::select! {
            signal = first_signal() => {
                info!(signal, "shutting down");
                None
            }
            Some(ended) = self.tasks.join_next() => Some(self.describe(ended)),
        };
        self.shutdown.cancel();
        let drained = tokio::select! {
            drained = tokio::time::timeout(grace, self.drain()) => drained.is_ok(),
            signal = first_signal() => {
                warn!(signal, "ending at once");
                false
            }
        };
        match failed {
            Some((task, reason)) => Ended::TaskFailed { task, reason },
            None if drained => Ended::Cleanly,
            None => Ended::Overdue(self.names),
        }
    }

    async fn drain(&mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Ok((name, _)) = &ended {
                self.names.retain(|running| running != name);
            }
            if let Ok((name, Err(reason))) | Err((name, reason)) = ended.map_err(|e| ("task", e.to_string()))
            {
                error!(task = name, reason, "a task failed while shutting down");
            }
        }
    }

    fn describe(
        &mut self,
        ended: Result<(&'static str, Result<(), String>), tokio::task::JoinError>,
    ) -> (&'static str, String) {
        let (task, reason) = match ended {
            Ok((name, Ok(()))) => (name, "it ended by itself".to_owned()),
            Ok((name, Err(reason))) => (name, reason),
            Err(panic) => ("a task", panic.to_string()),
        };
        self.names.retain(|running| *running != task);
        (task, reason)
    }
}

async fn first_signal() -> &'static str {
    let wait = |kind: SignalKind| async move {
        match tokio::signal::unix::signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                error!(%error, "cannot wait for a signal");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => "SIGTERM",
        () = wait(SignalKind::interrupt()) => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_by_itself_ends_the_process() {
        let mut supervisor = Supervisor::new();
        let shutdown = supervisor.shutdown();
        supervisor.start("steady", async move {
            shutdown.cancelled().await;
            Ok::<_, String>(())
        });
        supervisor.start("broken", async { Err("no luck") });
        let ended = supervisor.run(Duration::from_secs(5)).await;
        assert_eq!(ended, Ended::TaskFailed { task: "broken", reason: "no luck".into() });
    }
}
