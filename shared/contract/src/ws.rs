//! WebSocket frames: text, one JSON object each, `type` first.
//!
//! Log frames are written by hand by the streamer, once for all viewers (`fanout`'s `LogBatch`);
//! [`Chunk`] describes their parts for the published schema and for clients written in Rust.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::JobRecord;

mod exec;
mod merged;

pub use exec::{ExecFrame, ExecMessage};
pub use merged::MergedLogFrame;

/// Why a socket was closed. Codes below 4000 are WebSocket's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The stream came to its end; reconnecting is pointless.
    Ended = 1000,
    /// A message from the client was too large.
    TooLarge = 1009,
    /// This replica is shutting down: reconnect at once, with jitter.
    Restart = 1012,
    /// The request turned out to be malformed.
    BadRequest = 4400,
    /// The ticket or token is invalid, expired, or its session ended.
    Unauthenticated = 4401,
    /// The permission is missing or was withdrawn.
    Forbidden = 4403,
    /// There is no such container.
    NotFound = 4404,
    /// No pong came in time.
    PongTimeout = 4408,
    /// The viewer was too slow: reconnect with `from`.
    TooSlow = 4413,
    /// Too many connections; the reason names the limit and the seconds to wait.
    TooMany = 4429,
}

impl CloseCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }
}

/// What the server sends on `/ws/containers/{id}/logs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum LogFrame {
    /// The first frame.
    Start {
        /// The container's full ID.
        container: String,
        /// The numbering in force.
        epoch: String,
        /// Whether the container has a terminal (then there is no stderr).
        tty: bool,
        /// The oldest chunk that can still be had.
        oldest: u64,
        /// The number that the next new chunk will have.
        next: u64,
    },
    /// Output.
    Log {
        /// The numbering of the chunks.
        epoch: String,
        /// The chunks, in order.
        chunks: Vec<Chunk>,
    },
    /// Chunks are missing between the frame before and the frame after this one.
    Gap {
        /// The first number that is missing.
        from: u64,
        /// The last number that is missing; `from - 1` when what is missing never had numbers.
        to: u64,
        /// `rotated`, `unwatched`, `slow_viewer`, `engine_lost` or `state_lost`.
        reason: String,
        /// The numbering that `from` and `to` belong to.
        epoch: String,
    },
    /// The stream's condition changed.
    State {
        /// `live`, `delayed` or `ended`.
        state: String,
        /// Why.
        reason: String,
    },
    /// Every 15 seconds, since browsers do not show pings to programs.
    Heartbeat {},
    /// The stream failed; the socket closes after this frame.
    Error {
        /// Stable.
        code: String,
        /// For people.
        message: String,
    },
}

/// One message of the engine's log driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Chunk {
    /// Its number in the epoch.
    pub n: u64,
    /// 1 stdout, 2 stderr.
    pub s: u8,
    /// The engine's time stamp, with nanoseconds.
    pub t: String,
    /// The text, when it is valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<String>,
    /// The bytes in base64, when they are not valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub b: Option<String>,
    /// The line goes on in a later chunk of the same stream.
    #[serde(default, skip_serializing_if = "is_false")]
    pub p: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !*value
}

/// What the server sends on `/ws/containers/{id}/stats`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum StatsFrame {
    /// One sample; at most one per second.
    Stats {
        /// The engine's time; RFC 3339.
        at: String,
        /// Per cent of one CPU; null until two samples are known.
        cpu_percent: Option<f64>,
        /// Memory.
        memory: Option<Memory>,
        /// Network.
        network: Option<Network>,
        /// Block devices.
        block: Option<Block>,
        /// Processes and threads.
        pids: Option<u64>,
    },
    /// The stream's condition changed.
    State {
        /// `live`, `delayed` or `ended`.
        state: String,
        /// Why.
        reason: String,
    },
    /// Every 15 seconds.
    Heartbeat {},
}

/// Memory use in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Memory {
    /// Page cache that can be dropped is not counted.
    pub used: u64,
    /// Null where there is no limit.
    pub limit: Option<u64>,
    /// `used` of `limit`.
    pub percent: Option<f64>,
}

/// Network use: bytes since start, bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Network {
    /// Received.
    pub rx_bytes: u64,
    /// Sent.
    pub tx_bytes: u64,
    /// Received per second.
    pub rx_rate: Option<f64>,
    /// Sent per second.
    pub tx_rate: Option<f64>,
}

/// Block device use: bytes since start, bytes per second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Block {
    /// Read.
    pub read_bytes: u64,
    /// Written.
    pub write_bytes: u64,
    /// Read per second.
    pub read_rate: Option<f64>,
    /// Written per second.
    pub write_rate: Option<f64>,
}

/// What the server sends on `/ws/events`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum EventFrame {
    /// Something happened at an engine.
    Event {
        /// The same whoever read it and however often it was replayed.
        id: String,
        /// The host.
        host: String,
        /// The engine's time; RFC 3339 with nanoseconds.
        at: String,
        /// `container`, `image`, `volume`, `network` or `daemon`.
        kind: String,
        /// For example `start`.
        action: String,
        /// What it happened to.
        actor: Actor,
        /// Details, secrets removed.
        attributes: BTreeMap<String, String>,
    },
    /// Events were lost between the engine and the server; lists should be read again.
    Gap {
        /// The host.
        host: String,
        /// `engine_lost`, `slow_viewer` or `state_lost`.
        reason: String,
    },
    /// A host's engine began or ceased to answer, or the host itself was changed: lists look different now.
    State {
        /// The host.
        host: String,
        /// `live` or `delayed` of the engine; `changed` (or new), `disabled` or `removed` of the host.
        state: String,
        /// Why.
        reason: String,
    },
    /// Every 15 seconds.
    Heartbeat {},
}

/// What the server sends on `/ws/jobs/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum JobFrame {
    /// The whole job, when anything of it has changed.
    Job(Box<JobRecord>),
    /// Every 15 seconds.
    Heartbeat {},
}

/// What an event happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// Its ID.
    pub id: String,
    /// Its name, where the engine gave one; otherwise empty.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_comes_first() {
        let frame = LogFrame::Gap { from: 1, to: 2, reason: "rotated".into(), epoch: "00".into() };
        let text = serde_json::to_string(&frame).expect("serializable");
        assert_eq!(text, r#"{"type":"gap","from":1,"to":2,"reason":"rotated","epoch":"00"}"#);
        assert_eq!(serde_json::to_string(&LogFrame::Heartbeat {}).expect("ok"), r#"{"type":"heartbeat"}"#);
    }
}
