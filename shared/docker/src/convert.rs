//! From the engine's JSON shapes (bollard's models) to Dockline's. Absent fields become neutral values:
//! engines of five years disagree on what they send.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerBlkioStats, ContainerCpuStats, ContainerInspectResponse, ContainerMemoryStats,
    ContainerStatsResponse, ContainerSummary as EngineSummary, EventMessage, MountPoint as EngineMount,
    PortMap, PortSummary,
};
use dockline_contract::rest::{
    ContainerDetails, ContainerSummary, EnvironmentVariable, Health, MountPoint, NetworkAttachment,
    PublishedPort, RestartPolicy,
};
use dockline_domain::{
    HostId, Timestamp,
    event::EngineEvent,
    stats::{RawBlock, RawCpu, RawMemory, RawNetwork, RawSample},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::ContainerStatus;

pub(crate) const STACK_LABEL: &str = "com.docker.compose.project";

pub(crate) fn summary(host: &HostId, from: EngineSummary) -> ContainerSummary {
    let labels = sorted(from.labels);
    let status = from.status.unwrap_or_default();
    ContainerSummary {
        id: from.id.unwrap_or_default(),
        name: from.names.unwrap_or_default().first().map(|name| bare(name)).unwrap_or_default(),
        host: host.to_string(),
        image: from.image.unwrap_or_default(),
        image_id: from.image_id.unwrap_or_default(),
        update: None,
        state: from.state.map(|state| state.to_string()).unwrap_or_default(),
        health: health_from_status(&status),
        status,
        created_at: rfc3339(from.created.unwrap_or_default()),
        ports: from.ports.unwrap_or_default().into_iter().map(port).collect(),
        stack: labels.get(STACK_LABEL).cloned(),
        labels,
    }
}

/// Seconds since 1970 as RFC 3339.
pub(crate) fn rfc3339(seconds: i64) -> String {
    written(OffsetDateTime::from_unix_timestamp(seconds).ok())
}

/// A moment as RFC 3339; empty where the engine does not tell it.
pub(crate) fn written(time: Option<OffsetDateTime>) -> String {
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Engines before 28 tell the health only inside the status text.
fn health_from_status(status: &str) -> Option<String> {
    [("(healthy)", "healthy"), ("(unhealthy)", "unhealthy"), ("(health: starting)", "starting")]
        .into_iter()
        .find(|(text, _)| status.contains(text))
        .map(|(_, health)| health.to_owned())
}

fn port(from: PortSummary) -> PublishedPort {
    PublishedPort {
        container_port: from.private_port,
        protocol: from.typ.map_or_else(|| "tcp".to_owned(), |typ| typ.to_string()),
        host_port: from.public_port,
        host_ip: from.ip.filter(|ip| !ip.is_empty()),
    }
}

pub(crate) fn details(host: &HostId, from: ContainerInspectResponse) -> ContainerDetails {
    let config = from.config.unwrap_or_default();
    let state = from.state.unwrap_or_default();
    let host_config = from.host_config.unwrap_or_default();
    let network = from.network_settings.unwrap_or_default();
    let labels = sorted(config.labels);
    let running = state.running.unwrap_or_default();
    let state_name = state.status.map(|status| status.to_string()).unwrap_or_default();
    let health = state.health.and_then(|health| {
        let status = health.status.map(|status| status.to_string())?;
        (status != "none" && !status.is_empty()).then(|| Health {
            status,
            failing_streak: count(health.failing_streak),
            last_output: health.log.and_then(|log| log.last().and_then(|check| check.output.clone())),
        })
    });
    let restart = host_config.restart_policy.unwrap_or_default();
    let mut command: Vec<String> = from.path.into_iter().collect();
    command.extend(from.args.unwrap_or_default());
    ContainerDetails {
        summary: ContainerSummary {
            id: from.id.unwrap_or_default(),
            name: from.name.map(|name| bare(&name)).unwrap_or_default(),
            host: host.to_string(),
            image: config.image.unwrap_or_default(),
            image_id: from.image.unwrap_or_default(),
            update: None,
            status: state_name.clone(),
            state: state_name,
            health: health.as_ref().map(|health| health.status.clone()),
            created_at: from.created.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default(),
            ports: port_map(network.ports),
            stack: labels.get(STACK_LABEL).cloned(),
            labels,
        },
        tty: config.tty.unwrap_or_default(),
        command,
        working_dir: config.working_dir.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        hostname: config.hostname.unwrap_or_default(),
        env: config.env.unwrap_or_default().iter().map(|text| variable(text)).collect(),
        secrets_hidden: false,
        started_at: happened(state.started_at),
        finished_at: if running { None } else { happened(state.finished_at) },
        exit_code: if running { None } else { state.exit_code },
        error: state.error.filter(|error| !error.is_empty()),
        oom_killed: state.oom_killed.unwrap_or_default(),
        pid: count(state.pid),
        restart_count: count(from.restart_count),
        restart_policy: RestartPolicy {
            name: restart
                .name
                .map(|name| name.to_string())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "no".to_owned()),
            maximum_retry_count: count(restart.maximum_retry_count),
        },
        health_check: health,
        mounts: from.mounts.unwrap_or_default().into_iter().map(mount).collect(),
        networks: sorted(network.networks)
            .into_iter()
            .map(|(name, endpoint)| NetworkAttachment {
                name,
                ip_address: endpoint.ip_address.filter(|text| !text.is_empty()),
                gateway: endpoint.gateway.filter(|text| !text.is_empty()),
                mac_address: endpoint.mac_address.filter(|text| !text.is_empty()),
                aliases: endpoint.aliases.unwrap_or_default(),
            })
            .collect(),
        log_driver: host_config.log_config.and_then(|log| log.typ).unwrap_or_default(),
        memory_limit: host_config.memory.filter(|bytes| *bytes > 0).map(|bytes| bytes.unsigned_abs()),
        cpu_limit: host_config.nano_cpus.filter(|nanos| *nanos > 0).map(cpus),
        privileged: host_config.privileged.unwrap_or_default(),
    }
}

pub(crate) fn status(from: ContainerInspectResponse) -> ContainerStatus {
    let state = from.state.unwrap_or_default();
    let log = from.host_config.unwrap_or_default().log_config.unwrap_or_default();
    let log_driver = log.typ.unwrap_or_default();
    let options = log.config.unwrap_or_default();
    let max_size = options.get("max-size").map(String::as_str);
    // The `local` driver rotates by default, and so does the cache behind drivers that cannot be read.
    let rotates_at = match (log_driver.as_str(), max_size) {
        ("json-file", None | Some("-1")) => None,
        (_, size) => Some(size.and_then(ram_in_bytes).unwrap_or(DEFAULT_MAX_SIZE)),
    };
    ContainerStatus {
        tty: from.config.unwrap_or_default().tty.unwrap_or_default(),
        running: state.running.unwrap_or_default(),
        restarting: state.restarting.unwrap_or_default(),
        started_at: state.started_at.unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or_default(),
        log_driver,
        rotates_at,
    }
}

/// The `local` driver's `max-size` and the dual-logging cache's (`daemon/logger/local/config.go` in moby).
const DEFAULT_MAX_SIZE: u64 = 20 << 20;

/// Docker's way of writing sizes (`RAMInBytes` of docker/go-units), as far as `max-size` uses it.
fn ram_in_bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[number.len()..].chars().next() {
        None | Some('b') => 0,
        Some('k') => 10,
        Some('m') => 20,
        Some('g') => 30,
        Some(_) => return None,
    };
    number.trim().parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[expect(clippy::cast_precision_loss, reason = "a number of CPUs")]
fn cpus(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

pub(crate) fn bare(name: &str) -> String {
    name.trim_start_matches('/').to_owned()
}

pub(crate) fn count(number: Option<i64>) -> u64 {
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

pub(crate) fn sorted<V>(map: Option<HashMap<String, V>>) -> BTreeMap<String, V> {
    map.unwrap_or_default().into_iter().collect()
}

/// Go's zero time stands for "never".
fn happened(time: Option<String>) -> Option<String> {
    time.filter(|time| !time.is_empty() && !time.starts_with("0001-"))
}

fn variable(text: &str) -> EnvironmentVariable {
    match text.split_once('=') {
        Some((name, value)) => EnvironmentVariable { name: name.to_owned(), value: Some(value.to_owned()) },
        None => EnvironmentVariable { name: text.to_owned(), value: None },
    }
}

fn mount(from: EngineMount) -> MountPoint {
    MountPoint {
        kind: from.typ.map(|typ| typ.to_string()).unwrap_or_default(),
        name: from.name.filter(|name| !name.is_empty()),
        source: from.source.unwrap_or_default(),
        destination: from.destination.unwrap_or_default(),
        read_only: !from.rw.unwrap_or(true),
    }
}

fn port_map(ports: Option<PortMap>) -> Vec<PublishedPort> {
    let mut published = Vec::new();
    for (key, bindings) in sorted(ports) {
        let (number, protocol) = key.split_once('/').unwrap_or((&key, "tcp"));
        let Ok(container_port) = number.parse() else { continue };
        let bindings = bindings.unwrap_or_default();
        if bindings.is_empty() {
            let protocol = protocol.to_owned();
            published.push(PublishedPort { container_port, protocol, host_port: None, host_ip: None });
        }
        for binding in bindings {
            published.push(PublishedPort {
                container_port,
                protocol: protocol.to_owned(),
                host_port: binding.host_port.and_then(|port| port.parse().ok()),
                host_ip: binding.host_ip.filter(|ip| !ip.is_empty()),
            });
        }
    }
    published
}

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

pub(crate) fn event(host: &HostId, from: EventMessage) -> EngineEvent {
    let actor = from.actor.unwrap_or_default();
    let at = from
        .time_nano
        .or_else(|| from.time.and_then(|seconds| seconds.checked_mul(1_000_000_000)))
        .unwrap_or_default();
    EngineEvent {
        host: host.clone(),
        at: Timestamp(at),
        kind: from.typ.map(|typ| typ.to_string()).unwrap_or_default(),
        action: from.action.unwrap_or_default(),
        actor_id: actor.id.unwrap_or_default(),
        attributes: sorted(actor.attributes),
    }
    .without_secrets()
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

    #[test]
    fn log_sizes_are_read_as_docker_reads_them() {
        for (text, bytes) in
            [("1k", 1_024), ("10m", 10 << 20), ("2g", 2 << 30), ("512", 512), ("20MB", 20 << 20)]
        {
            assert_eq!(ram_in_bytes(text), Some(bytes), "{text}");
        }
        assert_eq!(ram_in_bytes("many"), None);
    }

    #[test]
    fn health_is_read_from_the_status_text() {
        assert_eq!(health_from_status("Up 3 hours (healthy)").as_deref(), Some("healthy"));
        assert_eq!(health_from_status("Up 2 seconds (health: starting)").as_deref(), Some("starting"));
        assert_eq!(health_from_status("Up 3 hours"), None);
    }
}
