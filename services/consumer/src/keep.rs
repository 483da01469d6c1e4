use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use dockline_domain::{HostId, event::EngineEvent};
use dockline_eventlog::{AppendError, Batch, EventLog, EventSource, Message, ReadError, Topic};
use dockline_persistence::{Database, EventHistory, Moment, Sample, StatsHistory};
use dockline_telemetry::{HistoryMetrics, trace};
use rand::Rng;
use tokio_util::sync::CancellationToken;
use tracing::{Span, debug, info, info_span, warn};

use crate::decode::{Content, decode};

/// The group that shares the work.
pub const GROUP: &str = "dockline-history";
/// What it reads.
pub const TOPICS: [Topic; 2] = [Topic::Events, Topic::Stats];

/// Messages of one batch, and how long they are gathered: a transaction each.
const BATCH: usize = 500;
const GATHER: Duration = Duration::from_millis(100);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Reads the event log into the histories.
pub struct Consumer {
    source: Box<dyn EventSource>,
    keeper: Keeper,
}

/// Does what a batch needs.
struct Keeper {
    log: Arc<dyn EventLog>,
    events: EventHistory,
    stats: StatsHistory,
    metrics: HistoryMetrics,
}

/// What is still to be done for a batch.
#[derive(Debug, Default)]
struct Work {
    events: Vec<(String, EngineEvent)>,
    samples: BTreeMap<HostId, Vec<Sample>>,
    /// What cannot be used, with the reason.
    unusable: VecDeque<(Message, String)>,
}

/// What keeps a batch from being done.
#[derive(Debug, thiserror::Error)]
enum Fail {
    #[error(transparent)]
    Database(#[from] dockline_persistence::Error),
    #[error("a message could not be put aside: {0}")]
    SetAside(#[from] AppendError),
}

impl Consumer {
    /// A consumer of `source`, which puts aside in `log` what it cannot use.
    #[must_use]
    pub fn new(
        source: Box<dyn EventSource>,
        log: Arc<dyn EventLog>,
        database: &Database,
        metrics: HistoryMetrics,
    ) -> Self {
        let keeper = Keeper { log, events: database.events(), stats: database.stats(), metrics };
        Self { source, keeper }
    }

    /// Runs until `shutdown`: the batch in hand is finished, or left for others to read again.
    pub async fn run(mut self, shutdown: CancellationToken) {
        while let Some(batch) = self.next(&shutdown).await {
            let spans = traces(&batch);
            if !self.keeper.keep(&batch, &shutdown).await {
                break;
            }
            drop(spans);
            if let Err(error) = self.source.commit(&batch).await {
                // What comes again is known by its identity.
                debug!(%error, "a batch was not committed");
            }
        }
        self.source.close().await;
        info!("the histories are closed");
    }

    async fn next(&mut self, shutdown: &CancellationToken) -> Option<Batch> {
        let mut pause = FIRST_PAUSE;
        loop {
            let read = tokio::select! {
                read = self.source.next(BATCH, GATHER) => read,
                () = shutdown.cancelled() => return None,
            };
            match read {
                Ok(batch) => return Some(batch),
                Err(ReadError::Closed) => {
                    shutdown.cancelled().await;
                    return None;
                }
                Err(error) => debug!(%error, "nothing can be read"),
            }
            wait(&mut pause, shutdown).await;
        }
    }
}

impl Keeper {
    /// Does all that a batch needs, however long it takes. Whether that is done; if not, the end came first.
    async fn keep(&self, batch: &Batch, shutdown: &CancellationToken) -> bool {
        let mut work = Work::of(batch);
        let mut pause = FIRST_PAUSE;
        let mut is_troubled = false;
        loop {
            match self.go_on(&mut work).await {
                Ok(()) => {
                    if is_troubled {
                        info!("the histories are written again");
                    }
                    return true;
                }
                Err(error) if !std::mem::replace(&mut is_troubled, true) => {
                    warn!(%error, "the histories cannot be written; trying again until they can");
                }
                Err(error) => debug!(%error, "the histories cannot be written"),
            }
            if shutdown.is_cancelled() {
                return false;
            }
            wait(&mut pause, shutdown).await;
        }
    }

    /// Goes on with what is still to be done; what is done is not done again after a failure.
    async fn go_on(&self, work: &mut Work) -> Result<(), Fail> {
        let now = Moment::now();
        if !work.events.is_empty() {
            let appended = self.events.append(work.events.clone(), now).await?;
            self.metrics.events(appended.new, appended.repeated);
            work.events.clear();
        }
        while let Some(of_host) = work.samples.first_entry() {
            self.stats.append(of_host.key(), of_host.get().clone(), now).await?;
            self.metrics.samples(of_host.remove().len() as u64);
        }
        while let Some((message, reason)) = work.unusable.front() {
            self.log.set_aside(message, reason).await?;
            self.metrics.set_aside();
            work.unusable.pop_front();
        }
        Ok(())
    }
}

impl Work {
    fn of(batch: &Batch) -> Self {
        let mut work = Self::default();
        for message in &batch.messages {
            match decode(message) {
                Ok(Content::Event(id, event)) => work.events.push((id, event)),
                Ok(Content::Samples(host, some)) => work.samples.entry(host).or_default().extend(some),
                Err(reason) => {
                    warn!(place = ?message.place, reason, "a message cannot be used and is put aside");
                    work.unusable.push_back((message.clone(), reason));
                }
            }
        }
        work
    }
}

/// The traces that go on here, for as long as the batch is worked on.
fn traces(batch: &Batch) -> Vec<Span> {
    if !trace::is_exporting() {
        return Vec::new();
    }
    let sampled = |message: &Message| message.event().ok()?.trace_parent.filter(|one| trace::is_sampled(one));
    let span = |parent: String| {
        let span = info_span!(parent: None, "keep event", otel.kind = "consumer");
        trace::go_on(&span, &parent);
        span
    };
    batch.messages.iter().filter_map(sampled).map(span).collect()
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consumer").finish_non_exhaustive()
    }
}

async fn wait(pause: &mut Duration, shutdown: &CancellationToken) {
    let jitter = rand::rng().random_range(0.5..1.0);
    tokio::select! {
        () = tokio::time::sleep(pause.mul_f64(jitter)) => {}
        () = shutdown.cancelled() => {}
    }
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}
