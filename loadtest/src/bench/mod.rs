//! One file for each thing that is measured.

pub(crate) mod deliveries;
pub(crate) mod edge;
pub(crate) mod engine_cpu;
pub(crate) mod events;
pub(crate) mod idle_memory;
pub(crate) mod keystroke;
pub(crate) mod large_file;
pub(crate) mod latency;
pub(crate) mod live;
pub(crate) mod publish;
pub(crate) mod replicas;
pub(crate) mod start;
pub(crate) mod stored;
