//! Resource use, computed from the engine's raw counters with the docker CLI's own formulas.
//!
//! Sources: `cli/command/container/stats_helpers.go` of docker/cli for Linux and Windows CPU, memory
//! and I/O; the engine API's `ContainerStats` for what is absent on cgroup v2. A first sample has no
//! predecessor, so its CPU share and its rates are unknown rather than zero.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Raw counters of one moment, in the engine's terms.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawSample {
    /// When the engine read them.
    pub at: Timestamp,
    /// CPU counters, if the engine could read them.
    pub cpu: Option<RawCpu>,
    /// Memory counters, if the engine could read them.
    pub memory: Option<RawMemory>,
    /// Sum over the container's networks; absent without a network of its own.
    pub network: Option<RawNetwork>,
    /// Sum over block devices.
    pub block: Option<RawBlock>,
    /// Processes and threads, if known.
    pub pids: Option<u64>,
}

/// CPU time counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawCpu {
    /// Linux: nanoseconds used by the container and by the whole machine.
    Linux {
        /// `cpu_usage.total_usage`.
        container: u64,
        /// `system_cpu_usage`.
        system: u64,
        /// `online_cpus`, or the length of `percpu_usage` where that is absent.
        cpus: u32,
    },
    /// Windows: 100 ns units used, over the wall clock and the number of processors.
    Windows {
        /// `cpu_usage.total_usage`.
        container: u64,
        /// `num_procs`.
        processors: u32,
    },
}

/// Memory counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RawMemory {
    /// Linux.
    Linux {
        /// `memory_stats.usage`: everything, page cache included.
        usage: u64,
        /// What the CLI subtracts: `total_inactive_file` (cgroup v1) or `inactive_file` (v2).
        inactive_file: Option<u64>,
        /// `anon`, the fallback on kernels that report a usage of 0.
        anon: Option<u64>,
        /// `memory_stats.limit`.
        limit: u64,
    },
    /// Windows: the private working set; there is no limit.
    Windows {
        /// `privateworkingset`.
        private_working_set: u64,
    },
}

/// Network byte counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawNetwork {
    /// Received.
    pub rx_bytes: u64,
    /// Sent.
    pub tx_bytes: u64,
}

/// Block device byte counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RawBlock {
    /// Read.
    pub read_bytes: u64,
    /// Written.
    pub write_bytes: u64,
}

/// What viewers see. Bytes, bytes per second, per cent of one CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Per cent of one CPU; `None` when it cannot be known yet.
    pub cpu_percent: Option<f64>,
    /// Memory.
    pub memory: Option<Memory>,
    /// Network.
    pub network: Option<Network>,
    /// Block devices.
    pub block: Option<Block>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// Memory use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Bytes, page cache that can be dropped not counted.
    pub used: u64,
    /// Bytes; `None` where there is no limit to speak of.
    pub limit: Option<u64>,
    /// `used` of `limit`, in per cent.
    pub percent: Option<f64>,
}

/// Network use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Bytes received since the container's start.
    pub rx_bytes: u64,
    /// Bytes sent since the container's start.
    pub tx_bytes: u64,
    /// Bytes received per second.
    pub rx_rate: Option<f64>,
    /// Bytes sent per second.
    pub tx_rate: Option<f64>,
}

/// Block device use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Bytes read since the container's start.
    pub read_bytes: u64,
    /// Bytes written since the container's start.
    pub write_bytes: u64,
    /// Bytes read per second.
    pub read_rate: Option<f64>,
    /// Bytes written per second.
    pub write_rate: Option<f64>,
}

/// Computes what viewers see from a sample and the one before it.
#[must_use]
pub fn compute(previous: Option<&RawSample>, current: &RawSample) -> Sample {
    let seconds = previous.and_then(|before| {
        let nanos = current.at.0.checked_sub(before.at.0)?;
        (nanos > 0).then(|| to_f64(nanos.unsigned_abs()) / 1e9)
    });
    let network_before = previous.and_then(|before| before.network);
    let block_before = previous.and_then(|before| before.block);
    Sample {
        cpu_percent: previous.and_then(|before| cpu_percent(before, current)),
        memory: current.memory.map(memory),
        network: current.network.map(|now| Network {
            rx_bytes: now.rx_bytes,
            tx_bytes: now.tx_bytes,
            rx_rate: rate(network_before.map(|b| b.rx_bytes), now.rx_bytes, seconds),
            tx_rate: rate(network_before.map(|b| b.tx_bytes), now.tx_bytes, seconds),
        }),
        block: current.block.map(|now| Block {
            read_bytes: now.read_bytes,
            write_bytes: now.write_bytes,
            read_rate: rate(block_before.map(|b| b.read_bytes), now.read_bytes, seconds),
            write_rate: rate(block_before.map(|b| b.write_bytes), now.write_bytes, seconds),
        }),
        pids: current.pids,
    }
}

/// A counter that went backwards was reset: the rate is unknown until the next sample.
fn rate(before: Option<u64>, now: u64, seconds: Option<f64>) -> Option<f64> {
    Some(to_f64(now.checked_sub(before?)?) / seconds?)
}

fn cpu_percent(before: &RawSample, now: &RawSample) -> Option<f64> {
    match (before.cpu?, now.cpu?) {
        // (cpuDelta / systemDelta) * onlineCPUs * 100
        (RawCpu::Linux { container: c0, system: s0, .. }, RawCpu::Linux { container, system, cpus }) => {
            let (used, total) = (container.checked_sub(c0)?, system.checked_sub(s0)?);
            if total == 0 {
                return None;
            }
            let most = f64::from(cpus) * 100.0;
            Some((to_f64(used) / to_f64(total) * most).min(most))
        }
        // Intervals of 100 ns over the wall clock times the processors.
        (RawCpu::Windows { container: c0, .. }, RawCpu::Windows { container, processors }) => {
            let used = container.checked_sub(c0)?;
            let wall = u64::try_from(now.at.0.checked_sub(before.at.0)?).ok()?;
            let possible = wall / 100 * u64::from(processors);
            (possible > 0).then(|| (to_f64(used) / to_f64(possible) * 100.0).min(100.0))
        }
        _ => None,
    }
}

/// Engines report this, or more, where a cgroup has no limit (cgroup v1's page-rounded `i64::MAX`).
const NO_LIMIT: u64 = 0x7fff_ffff_ffff_f000;

fn memory(raw: RawMemory) -> Memory {
    match raw {
        RawMemory::Linux { usage, inactive_file, anon, limit } => {
            // The CLI subtracts only what is smaller than the usage.
            let used = match (usage, inactive_file) {
                (0, _) => anon.unwrap_or(0),
                (usage, Some(inactive)) if inactive < usage => usage - inactive,
                (usage, _) => usage,
            };
            let limit = (limit > 0 && limit < NO_LIMIT).then_some(limit);
            Memory { used, limit, percent: limit.map(|limit| to_f64(used) / to_f64(limit) * 100.0) }
        }
        RawMemory::Windows { private_working_set } => {
            Memory { used: private_working_set, limit: None, percent: None }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counters above 2^53 are shown, not computed with")]
fn to_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(at: i64, container: u64, system: u64) -> RawSample {
        RawSample {
            at: Timestamp(at),
            cpu: Some(RawCpu::Linux { container, system, cpus: 4 }),
            ..RawSample::default()
        }
    }

    #[test]
    fn the_first_sample_knows_no_cpu() {
        assert_eq!(compute(None, &linux(1, 5, 10)).cpu_percent, None);
    }

    #[test]
    fn linux_cpu_is_the_clis_formula() {
        // 100 of 800 on 4 CPUs: 100/800*4*100 = 50 per cent of one CPU.
        let sample = compute(Some(&linux(0, 100, 1_000)), &linux(1_000_000_000, 200, 1_800));
        assert_eq!(sample.cpu_percent, Some(50.0));
    }

    #[test]
    fn a_counter_reset_is_unknown_and_never_huge() {
        assert_eq!(compute(Some(&linux(0, 500, 1_000)), &linux(1, 10, 1_800)).cpu_percent, None);
        assert_eq!(compute(Some(&linux(0, 0, 1_000)), &linux(1, 10_000, 1_001)).cpu_percent, Some(400.0));
        let net = |at, rx| RawSample {
            at: Timestamp(at),
            network: Some(RawNetwork { rx_bytes: rx, tx_bytes: 0 }),
            ..RawSample::default()
        };
        let sample = compute(Some(&net(0, 100)), &net(2_000_000_000, 50));
        assert_eq!(sample.network.expect("network").rx_rate, None);
        let sample = compute(Some(&net(0, 100)), &net(2_000_000_000, 300));
        assert_eq!(sample.network.expect("network").rx_rate, Some(100.0));
    }

    #[test]
    fn memory_subtracts_inactive_file_on_both_cgroup_versions() {
        let memory =
            memory(RawMemory::Linux { usage: 1_000, inactive_file: Some(400), anon: None, limit: 1_200 });
        assert_eq!((memory.used, memory.limit, memory.percent), (600, Some(1_200), Some(50.0)));
    }

    #[test]
    fn odd_memory_is_survived() {
        let zero = memory(RawMemory::Linux { usage: 0, inactive_file: Some(9), anon: Some(77), limit: 0 });
        assert_eq!((zero.used, zero.limit, zero.percent), (77, None, None));
        let more = memory(RawMemory::Linux { usage: 5, inactive_file: Some(9), anon: None, limit: u64::MAX });
        assert_eq!((more.used, more.limit), (5, None));
        let windows = memory(RawMemory::Windows { private_working_set: 42 });
        assert_eq!((windows.used, windows.percent), (42, None));
    }

    #[test]
    fn windows_cpu_uses_the_wall_clock() {
        let sample = |at, container| RawSample {
            at: Timestamp(at),
            cpu: Some(RawCpu::Windows { container, processors: 2 }),
            ..RawSample::default()
        };
        // One second, two processors: 2 * 10^7 intervals possible, 5 * 10^6 used.
        let computed = compute(Some(&sample(0, 0)), &sample(1_000_000_000, 5_000_000));
        assert_eq!(computed.cpu_percent, Some(25.0));
    }
}
