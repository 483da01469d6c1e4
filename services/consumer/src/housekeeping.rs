use std::time::Duration;

use dockline_domain::Timestamp;
use dockline_persistence::{Database, Moment};
use dockline_telemetry::HistoryMetrics;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// How long the history of events is kept. Samples have their own times, by their step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// In days.
    pub event_days: u32,
}

/// How often old rows are looked for: seldom enough to cost nothing, often enough that each time they are few.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// Removes what has been kept long enough, until `shutdown`. Several processes may do it at the same time.
pub async fn housekeeping(
    database: Database,
    retention: Retention,
    metrics: HistoryMetrics,
    shutdown: CancellationToken,
) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (events, stats) = (database.events(), database.stats());
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return,
        }
        let now = Moment::now();
        let oldest = now.plus_seconds(-i64::from(retention.event_days) * 24 * 3_600);
        for removed in [events.prune(Timestamp(oldest.0.saturating_mul(1_000))).await, stats.prune(now).await]
        {
            match removed {
                Ok(rows) => metrics.removed(rows),
                Err(error) => warn!(%error, "old rows of the histories are still there"),
            }
        }
    }
}
