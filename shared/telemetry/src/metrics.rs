use prometheus::{IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry};

/// Every metric of the process.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    /// The streamer's handles.
    pub streamer: StreamerMetrics,
    /// The sockets' handles.
    pub sockets: SocketMetrics,
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
}

/// What live sockets count.
#[derive(Debug, Clone)]
pub struct SocketMetrics {
    sockets: IntGaugeVec,
    closes: IntCounterVec,
    delivered_frames: IntCounter,
    delivered_bytes: IntCounter,
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
        };
        let sockets = SocketMetrics {
            sockets: new.gauges("dockline_sockets", "Open WebSockets", &["kind"])?,
            closes: new.counters("dockline_socket_closes_total", "Closed WebSockets", &["kind", "code"])?,
            delivered_frames: new.counter("dockline_socket_frames_total", "Frames sent to WebSockets")?,
            delivered_bytes: new.counter("dockline_socket_bytes_total", "Bytes sent to WebSockets")?,
        };
        Ok(Self { registry, streamer, sockets })
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
}

impl SocketMetrics {
    /// A socket of a kind (`logs`, `stats`, `events`) is open until the result is dropped.
    #[must_use]
    pub fn socket_open(&self, kind: &str) -> OpenGauge {
        OpenGauge::new(&self.sockets.with_label_values(&[kind]))
    }

    /// A socket was closed with a code.
    pub fn socket_closed(&self, kind: &str, code: u16) {
        self.closes.with_label_values(&[kind, &code.to_string()]).inc();
    }

    /// A frame was handed to a socket.
    pub fn delivered(&self, bytes: usize) {
        self.delivered_frames.inc();
        self.delivered_bytes.inc_by(bytes as u64);
    }
}
