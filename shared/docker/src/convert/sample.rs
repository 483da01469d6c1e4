//! What a container takes, as engines tell it.

use bollard::models::{ContainerBlkioStats, ContainerCpuStats, ContainerMemoryStats, ContainerStatsResponse};
use dockline_domain::{
    Timestamp,
    stats::{RawBlock, RawCpu, RawMemory, RawNetwork, RawSample},
};

pub(crate) fn sample(from: ContainerStatsResponse) -> RawSample {
    let windows = from.os_type.as_deref() == Some("windows");
    let at = from.read.map_or(0, |time| i64::try_from(time.unix_timestamp_nanos()).unwrap_or_default());
    RawSample {
        at: Timestamp(at),
        cpu: from.cpu_stats.and_then(|stats| cpu(windows, stats, from.num_procs.unwrap_or_default())),
        memory: from.memory_stats.and_then(|stats| memory(windows, stats)),
        network: from.networks.map(|networks| {
            networks.values().fold(RawNetwork::default(), |sum, one| RawNetwork {
                rx_bytes: sum.rx_bytes.saturating_add(one.rx_bytes.unwrap_or_default()),
                tx_bytes: sum.tx_bytes.saturating_add(one.tx_bytes.unwrap_or_default()),
            })
        }),
        block: if windows {
            from.storage_stats.map(|storage| RawBlock {
                read_bytes: storage.read_size_bytes.unwrap_or_default(),
                write_bytes: storage.write_size_bytes.unwrap_or_default(),
            })
        } else {
            from.blkio_stats.map(block)
        },
        pids: from.pids_stats.and_then(|pids| pids.current),
    }
}

fn cpu(windows: bool, stats: ContainerCpuStats, processors: u32) -> Option<RawCpu> {
    let usage = stats.cpu_usage?;
    let container = usage.total_usage?;
    if windows {
        return Some(RawCpu::Windows { container, processors });
    }
    let per_cpu = usage.percpu_usage.map_or(0, |list| u32::try_from(list.len()).unwrap_or_default());
    let cpus = stats.online_cpus.filter(|cpus| *cpus > 0).unwrap_or(per_cpu);
    Some(RawCpu::Linux { container, system: stats.system_cpu_usage?, cpus: cpus.max(1) })
}

fn memory(windows: bool, stats: ContainerMemoryStats) -> Option<RawMemory> {
    if windows {
        return stats.privateworkingset.map(|bytes| RawMemory::Windows { private_working_set: bytes });
    }
    let usage = stats.usage?;
    let details = stats.stats.unwrap_or_default();
    // cgroup v1 has total_inactive_file, v2 inactive_file; a v1 `inactive_file` is not the hierarchy's.
    let inactive_file = details.get("total_inactive_file").or_else(|| details.get("inactive_file")).copied();
    Some(RawMemory::Linux {
        usage,
        inactive_file,
        anon: details.get("anon").copied(),
        limit: stats.limit.unwrap_or_default(),
    })
}

fn block(stats: ContainerBlkioStats) -> RawBlock {
    let mut sum = RawBlock::default();
    for entry in stats.io_service_bytes_recursive.unwrap_or_default() {
        let value = entry.value.unwrap_or_default();
        // cgroup v1 says "Read", v2 "read".
        match entry.op.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("read") => sum.read_bytes = sum.read_bytes.saturating_add(value),
            Some("write") => sum.write_bytes = sum.write_bytes.saturating_add(value),
            _ => {}
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use dockline_domain::stats::compute;
    use serde_json::json;

    use super::*;

    fn stats(value: serde_json::Value) -> RawSample {
        sample(serde_json::from_value(value).expect("the engine's shape"))
    }

    fn v1(cpu: u64, system: u64, read: &str) -> RawSample {
        stats(json!({
            "read": read, "pids_stats": {"current": 3},
            "cpu_stats": {"cpu_usage": {"total_usage": cpu, "percpu_usage": [1, 2]}, "system_cpu_usage": system},
            "memory_stats": {"usage": 5_000_000, "limit": 10_000_000, "stats": {"cache": 1, "total_inactive_file": 1_000_000, "inactive_file": 7}},
            "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 20}, "eth1": {"rx_bytes": 1, "tx_bytes": 2}},
            "blkio_stats": {"io_service_bytes_recursive": [{"op": "Read", "value": 100}, {"op": "Write", "value": 50}, {"op": "Sync", "value": 9}]}
        }))
    }

    #[test]
    fn cgroup_v1_matches_the_cli() {
        let now = v1(200_000_000, 4_000_000_000, "2026-11-24T10:00:01Z");
        let before = v1(100_000_000, 2_000_000_000, "2026-11-24T10:00:00Z");
        let shown = compute(Some(&before), &now);
        // 1e8 of 2e9 on two CPUs (percpu_usage's length): 10 per cent.
        assert_eq!(shown.cpu_percent, Some(10.0));
        let memory = shown.memory.expect("memory");
        assert_eq!((memory.used, memory.percent), (4_000_000, Some(40.0)));
        let network = shown.network.expect("network");
        assert_eq!((network.rx_bytes, network.tx_bytes), (11, 22));
        let block = shown.block.expect("block");
        assert_eq!((block.read_bytes, block.write_bytes), (100, 50));
        assert_eq!(shown.pids, Some(3));
    }

    #[test]
    fn cgroup_v2_matches_the_cli() {
        let now = stats(json!({
            "read": "2026-11-24T10:00:01Z",
            "cpu_stats": {"cpu_usage": {"total_usage": 30}, "system_cpu_usage": 100, "online_cpus": 8},
            "memory_stats": {"usage": 900, "limit": 1000, "stats": {"inactive_file": 400, "anon": 5}},
            "blkio_stats": {"io_service_bytes_recursive": [{"op": "read", "value": 7}, {"op": "write", "value": 8}]}
        }));
        assert_eq!(now.cpu, Some(RawCpu::Linux { container: 30, system: 100, cpus: 8 }));
        let shown = compute(None, &now);
        assert_eq!(shown.memory.expect("memory").used, 500);
        assert_eq!(shown.block.map(|block| (block.read_bytes, block.write_bytes)), Some((7, 8)));
        assert_eq!(shown.network, None);
    }

    #[test]
    fn windows_has_a_working_set_and_no_limit() {
        let now = stats(json!({
            "read": "2026-11-24T10:00:01Z", "os_type": "windows", "num_procs": 4,
            "cpu_stats": {"cpu_usage": {"total_usage": 30}},
            "memory_stats": {"privateworkingset": 77, "commitbytes": 9},
            "storage_stats": {"read_size_bytes": 3, "write_size_bytes": 4}
        }));
        assert_eq!(now.cpu, Some(RawCpu::Windows { container: 30, processors: 4 }));
        assert_eq!(compute(None, &now).memory.map(|memory| (memory.used, memory.limit)), Some((77, None)));
        assert_eq!(now.block, Some(RawBlock { read_bytes: 3, write_bytes: 4 }));
    }

    #[test]
    fn a_stopped_containers_empty_stats_are_unknown_not_zero() {
        let now = stats(json!({
            "read": "0001-01-01T00:00:00Z", "pids_stats": {}, "cpu_stats": {"cpu_usage": {"total_usage": 0}},
            "memory_stats": {}
        }));
        let shown = compute(None, &now);
        assert_eq!((shown.cpu_percent, shown.memory, shown.network, shown.pids), (None, None, None, None));
    }
}
