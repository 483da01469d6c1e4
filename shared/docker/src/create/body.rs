//! From what is wanted to the engine's request.

use std::collections::{BTreeMap, HashMap};

use bollard::models::{
    ContainerCreateBody, DeviceMapping, EndpointIpamConfig, EndpointSettings, HealthConfig, HostConfig,
    HostConfigLogConfig, Mount, MountType, NetworkingConfig, PortBinding, PortMap, RestartPolicy,
    RestartPolicyNameEnum,
};
use dockline_contract::rest::{LogDriver, LogDriverName, Protocol, RestartName, RestartRule};
use dockline_domain::host_access::Namespace;

use super::{AddMount, HealthTest, Isolation, JoinNetwork, NewContainer, NewHealthCheck, PublishPort};

const SECOND: i64 = 1_000_000_000;

pub(super) fn body(new: &NewContainer) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(new.image.clone()),
        cmd: new.command.clone(),
        entrypoint: new.entrypoint.clone(),
        env: filled(new.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        working_dir: new.working_dir.as_ref().map(ToString::to_string),
        user: new.user.clone(),
        hostname: new.hostname.clone(),
        labels: Some(unsorted(&new.labels)),
        exposed_ports: filled(new.ports.iter().map(port_key).collect()),
        healthcheck: new.health_check.as_ref().map(health),
        stop_timeout: new.stop_timeout.map(i64::from),
        tty: Some(new.tty),
        open_stdin: Some(new.tty),
        host_config: Some(host_config(new)),
        networking_config: networking(&new.networks),
        ..ContainerCreateBody::default()
    }
}

fn host_config(new: &NewContainer) -> HostConfig {
    let Isolation {
        privileged, cap_add, cap_drop, devices, security_options, cgroup_parent, sysctls, ..
    } = &new.isolation;
    let devices = devices.iter().map(|device| DeviceMapping {
        path_on_host: Some(device.host_path.clone()),
        path_in_container: Some(device.container_path.clone()),
        cgroup_permissions: Some(device.permissions.clone()),
    });
    HostConfig {
        memory: limit(new.limits.memory_bytes),
        nano_cpus: limit(new.limits.nano_cpus),
        pids_limit: limit(new.limits.pids),
        port_bindings: (!new.ports.is_empty()).then(|| bindings(&new.ports)),
        mounts: filled(new.mounts.iter().map(mount).collect()),
        restart_policy: new.restart.map(restart_policy),
        init: new.init,
        readonly_rootfs: Some(new.read_only_rootfs),
        log_config: new.log.as_ref().map(log_config),
        // The first network is the one that a container begins with.
        network_mode: new
            .isolation
            .mode(Namespace::Network)
            .or_else(|| new.networks.first().map(|network| network.name.as_str().to_owned())),
        pid_mode: new.isolation.mode(Namespace::Pid),
        ipc_mode: new.isolation.mode(Namespace::Ipc),
        uts_mode: new.isolation.mode(Namespace::Uts),
        userns_mode: new.isolation.mode(Namespace::User),
        privileged: Some(*privileged),
        cap_add: filled(cap_add.clone()),
        cap_drop: filled(cap_drop.clone()),
        devices: filled(devices.collect()),
        security_opt: filled(security_options.clone()),
        cgroup_parent: cgroup_parent.clone(),
        sysctls: (!sysctls.is_empty()).then(|| unsorted(sysctls)),
        ..HostConfig::default()
    }
}

pub(crate) fn restart_policy(rule: RestartRule) -> RestartPolicy {
    RestartPolicy {
        name: Some(match rule.name {
            RestartName::No => RestartPolicyNameEnum::NO,
            RestartName::Always => RestartPolicyNameEnum::ALWAYS,
            RestartName::UnlessStopped => RestartPolicyNameEnum::UNLESS_STOPPED,
            RestartName::OnFailure => RestartPolicyNameEnum::ON_FAILURE,
        }),
        maximum_retry_count: Some(i64::from(rule.maximum_retry_count)),
    }
}

/// The engine counts in signed numbers.
pub(crate) fn limit(value: Option<u64>) -> Option<i64> {
    value.map(|value| i64::try_from(value).unwrap_or(i64::MAX))
}

fn health(check: &NewHealthCheck) -> HealthConfig {
    let words = |first: &str, rest: &[String]| {
        Some(std::iter::once(first.to_owned()).chain(rest.iter().cloned()).collect())
    };
    let seconds = |value: Option<u32>| value.map(|seconds| i64::from(seconds) * SECOND);
    HealthConfig {
        test: match &check.test {
            HealthTest::Disabled => words("NONE", &[]),
            HealthTest::Command(command) => words("CMD", command),
            HealthTest::Shell(line) => words("CMD-SHELL", std::slice::from_ref(line)),
        },
        interval: seconds(check.interval),
        timeout: seconds(check.timeout),
        start_period: seconds(check.start_period),
        retries: check.retries.map(i64::from),
        start_interval: None,
    }
}

fn port_key(port: &PublishPort) -> String {
    let protocol = match port.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
    };
    format!("{}/{protocol}", port.container_port)
}

fn bindings(ports: &[PublishPort]) -> PortMap {
    let mut map: PortMap = HashMap::new();
    for port in ports {
        let binding = PortBinding {
            host_ip: port.host_ip.map(|ip| ip.to_string()),
            host_port: Some(port.host_port.map(|port| port.to_string()).unwrap_or_default()),
        };
        map.entry(port_key(port)).or_default().get_or_insert_default().push(binding);
    }
    map
}

fn mount(mount: &AddMount) -> Mount {
    let (typ, source, target, read_only) = match mount {
        AddMount::Volume { name, target, read_only } => {
            (MountType::VOLUME, name.as_ref().map(|name| name.as_str().to_owned()), target, *read_only)
        }
        AddMount::Bind { source, target, read_only } => {
            (MountType::BIND, Some(source.clone()), target, *read_only)
        }
        AddMount::Tmpfs { target } => (MountType::TMPFS, None, target, false),
    };
    Mount {
        typ: Some(typ),
        source,
        target: Some(target.to_string()),
        read_only: Some(read_only),
        ..Mount::default()
    }
}

fn log_config(log: &LogDriver) -> HostConfigLogConfig {
    let name = match log.driver {
        LogDriverName::JsonFile => "json-file",
        LogDriverName::Local => "local",
        LogDriverName::Journald => "journald",
        LogDriverName::None => "none",
    };
    HostConfigLogConfig { typ: Some(name.to_owned()), config: Some(unsorted(&log.options)) }
}

fn networking(networks: &[JoinNetwork]) -> Option<NetworkingConfig> {
    let endpoint = |network: &JoinNetwork| {
        let ipam = network.ip.map(|ip| EndpointIpamConfig {
            ipv4_address: ip.is_ipv4().then(|| ip.to_string()),
            ipv6_address: ip.is_ipv6().then(|| ip.to_string()),
            link_local_ips: None,
        });
        let aliases = filled(network.aliases.clone());
        (
            network.name.as_str().to_owned(),
            EndpointSettings { ipam_config: ipam, aliases, ..EndpointSettings::default() },
        )
    };
    // Engines before 25 take one network at creation; the others are joined afterwards.
    networks
        .first()
        .map(|first| NetworkingConfig { endpoints_config: Some(HashMap::from([endpoint(first)])) })
}

/// The settings of a network that is joined after creation.
pub(super) fn endpoint(network: &JoinNetwork) -> EndpointSettings {
    networking(std::slice::from_ref(network))
        .and_then(|config| config.endpoints_config?.into_values().next())
        .unwrap_or_default()
}

fn filled<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn unsorted(map: &BTreeMap<String, String>) -> HashMap<String, String> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
