use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Payload;

/// Samples of resource use at one host, of some seconds and all its containers that ran then.
///
/// Many in one message: a message a second for each container would cost more in headers than in content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatsSamples {
    /// The host.
    pub host: String,
    /// The samples, of each container in the order of time.
    pub samples: Vec<StatsSample>,
}

/// One container's resource use at one moment. Rates are bytes per second; what is absent is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatsSample {
    /// The container's ID.
    pub container: String,
    /// The engine's time, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Per cent of one CPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// Memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// The limit of memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// Received from the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rx_rate: Option<f64>,
    /// Sent to the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tx_rate: Option<f64>,
    /// Read from block devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_rate: Option<f64>,
    /// Written to block devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_rate: Option<f64>,
    /// Processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u64>,
}

impl Payload for StatsSamples {
    const SCHEMA: &'static str = "urn:dockline:schema:stats-samples:v1";
    const FAMILY: &'static str = "stats";
}

impl StatsSamples {
    /// The type of its CloudEvent.
    pub const TYPE: &'static str = "io.dockline.stats.v1";
}
