//! Logging set-up, traces and the names of all metrics.
//!
//! Log lines go to stderr; stdout belongs to the lines of the contract. Metrics are kept in one
//! registry that `/metrics` prints. A component gets a small struct of its own handles, so that names
//! live here and nowhere else.

mod metrics;
mod otlp;
pub mod trace;
mod tracing_setup;

pub use metrics::{
    AuditRelayMetrics, HistoryMetrics, JobMetrics, Metrics, OpenGauge, SocketKind, SocketMetrics,
    StreamerMetrics,
};
pub use otlp::{Export, Exporting, InvalidEndpoint, OtlpEndpoint};
pub use prometheus;
pub use tracing_setup::{InvalidLevel, LogFormat, TracingError, check_level, init_tracing};
