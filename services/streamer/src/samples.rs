//! Samples of resource use on their way to the event log, where the history is made of them.
//!
//! They go there without the outbox, some seconds' worth in one message: a sample that is lost is a hole in a chart,
//! and is worth neither a write to the store for each of thousands a second nor a place in a bounded outbox.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use dockline_contract::kafka::{Payload, StatsSample, StatsSamples};
use dockline_domain::{ContainerId, Timestamp, stats::Sample};
use dockline_eventlog::{CloudEvent, EventLog, Topic};
use parking_lot::Mutex;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{backoff::Backoff, host::Session, relay::envelope};

/// How often they are sent.
const SEND_EVERY: Duration = Duration::from_secs(5);
/// How many are sent in one message: some 150 bytes each, compressed on the way.
const PER_MESSAGE: usize = 1_000;
/// How many wait at most while the log does not answer.
const WAITING: usize = 50_000;

/// Which samples are kept as history.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sampling {
    /// None.
    Off,
    /// Of containers that somebody watches anyway.
    Watched,
    /// Of every container that runs.
    #[default]
    All,
}

/// Samples that wait.
#[derive(Debug, Default)]
pub(crate) struct Samples(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    samples: VecDeque<StatsSample>,
    lost: u64,
}

impl Samples {
    pub(crate) fn push(&self, container: &ContainerId, at: Timestamp, sample: &Sample) {
        let mut waiting = self.0.lock();
        if waiting.samples.len() >= WAITING {
            waiting.samples.pop_front();
            waiting.lost += 1;
        }
        waiting.samples.push_back(StatsSample {
            container: container.to_string(),
            at_ms: at.0 / 1_000_000,
            cpu: sample.cpu_percent,
            memory: sample.memory.map(|memory| memory.used),
            memory_limit: sample.memory.and_then(|memory| memory.limit),
            rx_rate: sample.network.and_then(|network| network.rx_rate),
            tx_rate: sample.network.and_then(|network| network.tx_rate),
            read_rate: sample.block.and_then(|block| block.read_rate),
            write_rate: sample.block.and_then(|block| block.write_rate),
            pids: sample.pids,
        });
    }

    fn take(&self) -> (Vec<StatsSample>, u64) {
        let mut waiting = self.0.lock();
        let some = waiting.samples.len().min(PER_MESSAGE);
        (waiting.samples.drain(..some).collect(), std::mem::take(&mut waiting.lost))
    }
}

/// Sends a host's samples until the term ends.
pub(crate) async fn send(
    session: Session,
    samples: Arc<Samples>,
    log: Arc<dyn EventLog>,
    term: CancellationToken,
) {
    let mut ticks = interval(SEND_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut backoff = Backoff::new();
    let mut sent = 0_u64;
    let sending = async {
        loop {
            ticks.tick().await;
            loop {
                let (some, lost) = samples.take();
                session.metrics.samples_lost(lost);
                if some.is_empty() {
                    break;
                }
                sent += 1;
                let count = some.len() as u64;
                if let Err(error) = log.append(Topic::Stats, &[message(&session, some, sent)]).await {
                    debug!(host = %session.host.id, %error, "samples are lost");
                    session.metrics.samples_lost(count);
                    backoff.pause().await;
                } else {
                    backoff.reset();
                }
            }
        }
    };
    tokio::select! {
        () = sending => {}
        () = term.cancelled() => {}
    }
}

fn message(session: &Session, samples: Vec<StatsSample>, number: u64) -> CloudEvent {
    let host = &session.host.id;
    let at = samples.last().map_or(Timestamp(0), |sample| Timestamp(sample.at_ms * 1_000_000));
    let payload = StatsSamples { host: host.to_string(), samples };
    CloudEvent {
        // Unlike an event, a message of samples is made once, by one leader.
        id: format!("{host}-{}-{number}", session.leadership.token().number()),
        kind: StatsSamples::TYPE.to_owned(),
        time: at.to_string(),
        // Numbers and texts: serialization cannot fail.
        data: serde_json::to_vec(&payload).unwrap_or_default().into(),
        ..envelope(host, StatsSamples::SCHEMA)
    }
}
