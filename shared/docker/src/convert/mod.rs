//! From the engine's JSON shapes (bollard's models) to Dockline's. Absent fields become neutral values:
//! engines of five years disagree on what they send.

mod sample;

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerInspectResponse, ContainerSummary as EngineSummary, EventMessage, MountPoint as EngineMount,
    PortMap, PortSummary,
};
use dockline_contract::rest::{
    ContainerDetails, ContainerSummary, EnvironmentVariable, Health, MountPoint, NetworkAttachment,
    PublishedPort, RestartPolicy,
};
use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

pub(crate) use self::sample::sample;
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
        (_, size) => Some(size.and_then(human_size).unwrap_or(DEFAULT_MAX_SIZE)),
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

/// Docker's way of writing `max-size`: `FromHumanSize` of docker/go-units, where every suffix is decimal, `ib` too.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as Docker: cut off, not negative"
)]
fn human_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1e3,
        "m" | "mb" | "mib" => 1e6,
        "g" | "gb" | "gib" => 1e9,
        "t" | "tb" | "tib" => 1e12,
        "p" | "pb" | "pib" => 1e15,
        _ => return None,
    };
    number.trim().parse::<f64>().ok().filter(|number| *number >= 0.0).map(|number| (number * unit) as u64)
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
    use super::*;

    #[test]
    fn log_sizes_are_read_as_docker_reads_them() {
        let sizes = [
            ("1k", 1_000),
            ("10m", 10_000_000),
            ("2g", 2_000_000_000),
            ("512", 512),
            ("20MB", 20_000_000),
            ("1.5 m", 1_500_000),
            ("4KiB", 4_000),
        ];
        for (text, bytes) in sizes {
            assert_eq!(human_size(text), Some(bytes), "{text}");
        }
        for text in ["many", "", "-1", "1x", "inf"] {
            assert_eq!(human_size(text), None, "{text}");
        }
    }

    #[test]
    fn health_is_read_from_the_status_text() {
        assert_eq!(health_from_status("Up 3 hours (healthy)").as_deref(), Some("healthy"));
        assert_eq!(health_from_status("Up 2 seconds (health: starting)").as_deref(), Some("starting"));
        assert_eq!(health_from_status("Up 3 hours"), None);
    }
}
