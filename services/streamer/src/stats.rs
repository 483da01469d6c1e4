//! A container's resource use: one engine stream, one frame a second for every viewer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytestring::ByteString;
use dockline_contract::ws;
use dockline_docker::Error as EngineError;
use dockline_domain::{
    ContainerId, Timestamp,
    stats::{RawSample, Sample, compute},
};
use dockline_fanout::{StatsUpdate, StreamState};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::{backoff::Backoff, host::Session};

/// The engine sends one sample a second. Silence for this long means a half-open connection.
const MAX_SILENCE: Duration = Duration::from_secs(10);
/// How often a stopped container is looked at when no event hints at it.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

pub(crate) struct StatsReader {
    session: Session,
    container: ContainerId,
    /// Whether somebody watches; samples are kept for the history in any case.
    watched: Arc<AtomicBool>,
}

enum Round {
    Stopped(String),
    Interrupted,
    Failed(EngineError),
}

impl StatsReader {
    pub(crate) const fn new(session: Session, container: ContainerId, watched: Arc<AtomicBool>) -> Self {
        Self { session, container, watched }
    }

    pub(crate) async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.read() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn read(&self) {
        let mut backoff = Backoff::new();
        loop {
            let mut hints = self.session.hints.subscribe();
            hints.mark_unchanged();
            match self.round().await {
                Round::Stopped(reason) => {
                    self.publish(|| None, StreamState::Ended(reason)).await;
                    backoff.reset();
                    let hint = tokio::time::timeout(LOOK_AGAIN, hints.changed()).await;
                    debug!(container = self.container.short(), hinted = hint.is_ok(), "looking again");
                }
                Round::Interrupted => backoff.pause().await,
                Round::Failed(EngineError::NotFound) => {
                    self.publish(|| None, StreamState::Removed).await;
                    return;
                }
                Round::Failed(error) => {
                    self.publish(|| None, StreamState::Delayed(error.to_string())).await;
                    backoff.pause().await;
                }
            }
        }
    }

    /// Reads one engine stream to its end.
    async fn round(&self) -> Round {
        let engine = &self.session.host.engine;
        // A stopped container has no samples; the engine would go on sending empty ones.
        match engine.status(&self.container).await {
            Ok(status) if !status.running => {
                return Round::Stopped(format!("exited with code {}", status.exit_code));
            }
            Ok(_) => {}
            Err(error) => return Round::Failed(error),
        }
        let mut samples = match engine.stats(&self.container).await {
            Ok(samples) => samples,
            Err(error) => return Round::Failed(error),
        };
        let _open = self.session.metrics.stats_open();
        let mut before: Option<RawSample> = None;
        while let Ok(Some(sample)) = tokio::time::timeout(MAX_SILENCE, samples.next()).await {
            let sample = match sample {
                Ok(sample) => sample,
                Err(error) => return Round::Failed(error),
            };
            // The engine's zero time: the container stopped under the open stream.
            if sample.cpu.is_none() && sample.memory.is_none() {
                return Round::Interrupted;
            }
            let shown = compute(before.as_ref(), &sample);
            let at = sample.at;
            before = Some(sample);
            if let Some(recording) = &self.session.recording {
                recording.samples.push(&self.container, at, &shown);
            }
            self.publish(|| Some(encode(at, &shown)), StreamState::Live).await;
        }
        Round::Interrupted
    }

    async fn publish(&self, frame: impl FnOnce() -> Option<ByteString>, state: StreamState) {
        if !self.watched.load(Ordering::Relaxed) {
            return;
        }
        let update = StatsUpdate { frame: frame(), state };
        let published =
            self.session.publisher.publish_stats(&self.session.leadership, &self.container, update).await;
        if let Err(error) = published {
            debug!(container = self.container.short(), %error, "a sample was not published");
        }
    }
}

fn encode(at: Timestamp, sample: &Sample) -> ByteString {
    let frame = ws::StatsFrame::Stats {
        at: at.to_string(),
        cpu_percent: sample.cpu_percent,
        memory: sample.memory.map(|m| ws::Memory { used: m.used, limit: m.limit, percent: m.percent }),
        network: sample.network.map(|n| ws::Network {
            rx_bytes: n.rx_bytes,
            tx_bytes: n.tx_bytes,
            rx_rate: n.rx_rate,
            tx_rate: n.tx_rate,
        }),
        block: sample.block.map(|b| ws::Block {
            read_bytes: b.read_bytes,
            write_bytes: b.write_bytes,
            read_rate: b.read_rate,
            write_rate: b.write_rate,
        }),
        pids: sample.pids,
    };
    // Numbers and short strings: serialization cannot fail.
    serde_json::to_string(&frame).unwrap_or_default().into()
}
