use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A container's resource use over a time, oldest first. Where nothing is known there is no point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatsHistory {
    /// The container's whole ID.
    pub container: String,
    /// Its host; absent when nothing is known of it.
    pub host: Option<String>,
    /// How far apart points are, in seconds: 1 as measured, 10 and 60 as averages from the point's time on.
    pub step: u32,
    /// For how long points of this step are kept, in seconds.
    pub kept: u32,
    /// The points.
    pub items: Vec<StatsPoint>,
}

/// Resource use at a moment, or on average from then on. Rates are bytes per second; null is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatsPoint {
    /// RFC 3339.
    pub at: String,
    /// Per cent of one CPU.
    pub cpu_percent: Option<f64>,
    /// Memory in bytes.
    pub memory_used: Option<u64>,
    /// The limit of memory in bytes.
    pub memory_limit: Option<u64>,
    /// Received from the network.
    pub rx_rate: Option<f64>,
    /// Sent to the network.
    pub tx_rate: Option<f64>,
    /// Read from block devices.
    pub read_rate: Option<f64>,
    /// Written to block devices.
    pub write_rate: Option<f64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}
