use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry};

/// The API's own metrics. Labels are patterns and codes, never what a caller sent.
pub(crate) struct ApiMetrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    sign_ins: IntCounterVec,
    /// Which engines answer this replica.
    pub(crate) host_up: IntGaugeVec,
}

const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

impl ApiMetrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            requests: IntCounterVec::new(
                Opts::new("dockline_http_requests_total", "Requests answered"),
                &["method", "route", "status"],
            )?,
            seconds: HistogramVec::new(
                HistogramOpts::new("dockline_http_request_seconds", "Time until an answer began")
                    .buckets(SECONDS.to_vec()),
                &["method", "route"],
            )?,
            sign_ins: IntCounterVec::new(
                Opts::new("dockline_sign_ins_total", "Attempts to sign in, by outcome"),
                &["outcome"],
            )?,
            host_up: IntGaugeVec::new(
                Opts::new("dockline_host_up", "Whether the engine of an enabled host answered the last ping"),
                &["host"],
            )?,
        };
        // There from the start: a rate sees nothing of the first one that makes its series.
        for outcome in ["accepted", "refused", "limited"] {
            metrics.sign_ins.with_label_values(&[outcome]);
        }
        registry.register(Box::new(metrics.requests.clone()))?;
        registry.register(Box::new(metrics.seconds.clone()))?;
        registry.register(Box::new(metrics.sign_ins.clone()))?;
        registry.register(Box::new(metrics.host_up.clone()))?;
        Ok(metrics)
    }

    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, seconds: f64) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.seconds.with_label_values(&[method, route]).observe(seconds);
    }

    pub(crate) fn sign_in(&self, outcome: &'static str) {
        self.sign_ins.with_label_values(&[outcome]).inc();
    }
}
