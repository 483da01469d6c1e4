mod jobs;

use dockline_domain::log::GapReason;
#[cfg(target_os = "linux")]
use prometheus::process_collector::ProcessCollector;
use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

pub use self::jobs::JobMetrics;

/// Every metric of the process.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// The streamer's handles.
    pub streamer: StreamerMetrics,
    /// The sockets' handles.
    pub sockets: SocketMetrics,
    /// The history's handles.
    pub history: HistoryMetrics,
    /// The audit relay's handles.
    pub audit_relay: AuditRelayMetrics,
    /// The worker's handles.
    pub jobs: JobMetrics,
}

/// What the streamer counts.
#[derive(Debug, Clone)]
pub struct StreamerMetrics {
    log_streams: IntGauge,
    stats_streams: IntGauge,
    log_opens: IntCounter,
    chunks: IntCounter,
    bytes: IntCounter,
    gaps: IntCounterVec,
    events: IntCounter,
    fenced: IntCounter,
    outbox: IntGaugeVec,
    outbox_limit: IntGauge,
    outbox_lost: IntCounter,
    relayed: IntCounter,
    samples_lost: IntCounter,
}

/// What the keeper of histories counts.
#[derive(Debug, Clone)]
pub struct HistoryMetrics {
    events: IntCounter,
    repeated: IntCounter,
    samples: IntCounter,
    set_aside: IntCounter,
    removed: IntCounter,
}

/// What the relay of the audit log counts.
#[derive(Debug, Clone)]
pub struct AuditRelayMetrics {
    relayed: IntCounter,
    waiting: IntGauge,
}

/// What live sockets count.
#[derive(Debug, Clone)]
pub struct SocketMetrics {
    sockets: IntGaugeVec,
    closes: IntCounterVec,
    gaps: IntCounterVec,
    delivered_frames: IntCounter,
    delivered_bytes: IntCounter,
}

/// Why a streamer marks a gap; those of the other reasons are made where a viewer is.
const PUBLISHED_GAPS: [GapReason; 3] = [GapReason::Rotated, GapReason::Unwatched, GapReason::EngineLost];

/// What a live socket is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketKind {
    /// One log.
    Logs,
    /// Several logs in one view.
    MergedLogs,
    /// A container's figures.
    Stats,
    /// What happens at engines.
    Events,
    /// A background job.
    Jobs,
    /// A terminal.
    Exec,
}

impl SocketKind {
    const ALL: [Self; 6] = [Self::Logs, Self::MergedLogs, Self::Stats, Self::Events, Self::Jobs, Self::Exec];

    /// As the label `kind` has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logs => "logs",
            Self::MergedLogs => "merged_logs",
            Self::Stats => "stats",
            Self::Events => "events",
            Self::Jobs => "jobs",
            Self::Exec => "exec",
        }
    }
}

/// Counts something open for as long as it lives.
#[derive(Debug)]
pub struct OpenGauge(IntGauge);

impl OpenGauge {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for OpenGauge {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// All metrics, registered.
    ///
    /// # Errors
    /// When two metrics have the same name: a defect, found at start.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        // Memory, processor time, open files.
        #[cfg(target_os = "linux")]
        registry.register(Box::new(ProcessCollector::for_self()))?;
        let new = Registration(&registry);
        let streamer = StreamerMetrics {
            log_streams: new.gauge("dockline_log_streams", "Log streams open at engines")?,
            stats_streams: new.gauge("dockline_stats_streams", "Stats streams open at engines")?,
            log_opens: new.counter("dockline_log_opens_total", "Log requests sent to engines")?,
            chunks: new.counter("dockline_log_chunks_total", "Log chunks read from engines")?,
            bytes: new.counter("dockline_log_bytes_total", "Log bytes read from engines")?,
            gaps: new.counters("dockline_log_gaps_total", "Gap markers published", &["reason"])?,
            events: new.counter("dockline_events_total", "Engine events published")?,
            fenced: new.counter("dockline_fenced_total", "Writes refused because the term had ended")?,
            outbox: new.gauges(
                "dockline_outbox_entries",
                "Events of hosts led here that wait for the event log",
                &["host"],
            )?,
            outbox_limit: new.gauge("dockline_outbox_limit", "How many events of one host can wait")?,
            outbox_lost: new.counter(
                "dockline_outbox_lost_total",
                "Events that did not fit into a full outbox; a gap stands in their place",
            )?,
            relayed: new
                .counter("dockline_relayed_events_total", "Events that the event log has acknowledged")?,
            samples_lost: new.counter(
                "dockline_samples_lost_total",
                "Samples that were not kept because the event log did not take them",
            )?,
        };
        let history = HistoryMetrics {
            events: new.counter("dockline_history_events_total", "Events written to the history")?,
            repeated: new.counter(
                "dockline_history_repeated_total",
                "Events that the history had already, by their identity",
            )?,
            samples: new.counter("dockline_history_samples_total", "Samples written to the history")?,
            set_aside: new.counter(
                "dockline_dead_letters_total",
                "Messages that could not be used and were put aside",
            )?,
            removed: new.counter("dockline_history_removed_total", "Rows whose time to be kept was over")?,
        };
        let audit_relay = AuditRelayMetrics {
            relayed: new
                .counter("dockline_audit_relayed_total", "Audit rows that the event log has acknowledged")?,
            waiting: new.gauge(
                "dockline_audit_waiting",
                "Audit rows that wait for the event log, 500 at most, on the replica that relays",
            )?,
        };
        let sockets = SocketMetrics {
            sockets: new.gauges("dockline_sockets", "Open WebSockets", &["kind"])?,
            closes: new.counters("dockline_socket_closes_total", "Closed WebSockets", &["kind", "code"])?,
            gaps: new.counters(
                "dockline_viewer_gaps_total",
                "Gap markers sent to viewers of logs",
                &["reason"],
            )?,
            delivered_frames: new.counter("dockline_socket_frames_total", "Frames sent to WebSockets")?,
            delivered_bytes: new.counter("dockline_socket_bytes_total", "Bytes sent to WebSockets")?,
        };
        // There from the start: a rate sees nothing of the first one that makes its series.
        for reason in PUBLISHED_GAPS {
            streamer.gaps.with_label_values(&[reason.as_str()]);
        }
        for reason in PUBLISHED_GAPS.into_iter().chain([GapReason::SlowViewer, GapReason::StateLost]) {
            sockets.gaps.with_label_values(&[reason.as_str()]);
        }
        for kind in SocketKind::ALL {
            sockets.sockets.with_label_values(&[kind.as_str()]);
        }
        let jobs = JobMetrics::register(&new)?;
        Ok(Self { registry, streamer, sockets, history, audit_relay, jobs })
    }

    /// Where they are registered, and where other components register theirs.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }
}

struct Registration<'a>(&'a Registry);

impl Registration<'_> {
    fn gauge(&self, name: &str, help: &str) -> prometheus::Result<IntGauge> {
        let gauge = IntGauge::new(name, help)?;
        self.0.register(Box::new(gauge.clone()))?;
        Ok(gauge)
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntGaugeVec> {
        let gauges = IntGaugeVec::new(Opts::new(name, help), labels)?;
        self.0.register(Box::new(gauges.clone()))?;
        Ok(gauges)
    }

    fn counter(&self, name: &str, help: &str) -> prometheus::Result<IntCounter> {
        let counter = IntCounter::new(name, help)?;
        self.0.register(Box::new(counter.clone()))?;
        Ok(counter)
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<IntCounterVec> {
        let counters = IntCounterVec::new(Opts::new(name, help), labels)?;
        self.0.register(Box::new(counters.clone()))?;
        Ok(counters)
    }
}

impl StreamerMetrics {
    /// A log stream is open at an engine until the result is dropped.
    #[must_use]
    pub fn log_open(&self) -> OpenGauge {
        OpenGauge::new(&self.log_streams)
    }

    /// A stats stream is open at an engine until the result is dropped.
    #[must_use]
    pub fn stats_open(&self) -> OpenGauge {
        OpenGauge::new(&self.stats_streams)
    }

    /// A log request was sent to an engine.
    pub fn log_request(&self) {
        self.log_opens.inc();
    }

    /// Chunks were published.
    pub fn published(&self, chunks: usize, bytes: usize) {
        self.chunks.inc_by(chunks as u64);
        self.bytes.inc_by(bytes as u64);
    }

    /// A gap marker was published.
    pub fn gap(&self, reason: &str) {
        self.gaps.with_label_values(&[reason]).inc();
    }

    /// A write was refused: the term of leadership had ended.
    pub fn fenced(&self) {
        self.fenced.inc();
    }

    /// An event was published.
    pub fn event(&self) {
        self.events.inc();
    }

    /// So many events of a host wait, and so many may.
    pub fn outbox(&self, host: &str, waiting: u64, limit: u64) {
        self.outbox.with_label_values(&[host]).set(whole(waiting));
        self.outbox_limit.set(whole(limit));
    }

    /// A host is not led here any more: who leads it tells how many wait.
    pub fn outbox_left(&self, host: &str) {
        // A host whose outbox was never looked at has no value.
        let _absent = self.outbox.remove_label_values(&[host]);
    }

    /// Events did not fit into an outbox.
    pub fn outbox_lost(&self, events: u64) {
        self.outbox_lost.inc_by(events);
    }

    /// Events arrived in the event log.
    pub fn relayed(&self, events: usize) {
        self.relayed.inc_by(events as u64);
    }

    /// Samples were not kept.
    pub fn samples_lost(&self, samples: u64) {
        self.samples_lost.inc_by(samples);
    }
}

impl HistoryMetrics {
    /// Events were written, some of which had been before.
    pub fn events(&self, new: u64, repeated: u64) {
        self.events.inc_by(new);
        self.repeated.inc_by(repeated);
    }

    /// Samples were written.
    pub fn samples(&self, samples: u64) {
        self.samples.inc_by(samples);
    }

    /// A message was put aside.
    pub fn set_aside(&self) {
        self.set_aside.inc();
    }

    /// Rows were removed.
    pub fn removed(&self, rows: u64) {
        self.removed.inc_by(rows);
    }
}

impl AuditRelayMetrics {
    /// Rows arrived, and so many wait.
    pub fn relayed(&self, rows: u64, waiting: i64) {
        self.relayed.inc_by(rows);
        self.waiting.set(waiting);
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl SocketMetrics {
    /// A socket is open until the result is dropped.
    #[must_use]
    pub fn socket_open(&self, kind: SocketKind) -> OpenGauge {
        OpenGauge::new(&self.sockets.with_label_values(&[kind.as_str()]))
    }

    /// A socket was closed with a code.
    pub fn socket_closed(&self, kind: SocketKind, code: u16) {
        self.closes.with_label_values(&[kind.as_str(), &code.to_string()]).inc();
    }

    /// A viewer was told of a gap.
    pub fn gap(&self, reason: &str) {
        self.gaps.with_label_values(&[reason]).inc();
    }

    /// A frame was handed to a socket.
    pub fn delivered(&self, bytes: usize) {
        self.delivered_frames.inc();
        self.delivered_bytes.inc_by(bytes as u64);
    }
}
