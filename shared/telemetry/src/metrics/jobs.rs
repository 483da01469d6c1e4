use prometheus::{IntCounter, IntCounterVec, IntGauge};

use super::{OpenGauge, Registration};

/// What a worker counts.
#[derive(Debug, Clone)]
pub struct JobMetrics {
    running: IntGauge,
    finished: IntCounterVec,
    lost: IntCounter,
    unreadable_schedules: IntGauge,
}

impl JobMetrics {
    pub(super) fn register(new: &Registration<'_>) -> prometheus::Result<Self> {
        let metrics = Self {
            running: new.gauge("dockline_jobs_running", "Background jobs that this process works on")?,
            finished: new.counters(
                "dockline_jobs_finished_total",
                "Background jobs that came to their end here",
                &["state"],
            )?,
            lost: new.counter(
                "dockline_jobs_lost_total",
                "Background jobs that this process gave up: it could not say that it was at them, or another one had them",
            )?,
            unreadable_schedules: new.gauge(
                "dockline_schedules_unreadable",
                "Schedules whose time has come and that cannot be read, so that they do not run",
            )?,
        };
        // There from the start: a rate sees nothing of the first one that makes its series.
        for state in ["succeeded", "failed", "cancelled"] {
            metrics.finished.with_label_values(&[state]);
        }
        Ok(metrics)
    }

    /// A job is worked on until the result is dropped.
    #[must_use]
    pub fn running(&self) -> OpenGauge {
        OpenGauge::new(&self.running)
    }

    /// A job came to its end: it `succeeded`, `failed` or was `cancelled`.
    pub fn finished(&self, state: &str) {
        self.finished.with_label_values(&[state]).inc();
    }

    /// So many schedules would have run and cannot be read.
    pub fn unreadable_schedules(&self, count: usize) {
        self.unreadable_schedules.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// A job was lost to another worker.
    pub fn lost(&self) {
        self.lost.inc();
    }
}
