//! What one service asks for, in the words of the rule.

use dockline_domain::host_access::{HostMount, HostSettings, Namespace};
use serde_json::Value;

use crate::model::{items, text};

/// What a service asks for.
pub(super) struct Asked {
    pub(super) settings: HostSettings,
    /// Its named volumes, by their names in the file.
    pub(super) volumes: Vec<VolumeMount>,
    /// Its networks, by their names in the file.
    pub(super) networks: Vec<String>,
    /// The containers outside the file whose volumes it has.
    pub(super) volumes_from: Vec<String>,
}

pub(super) struct VolumeMount {
    pub(super) volume: String,
    pub(super) read_only: bool,
}

/// What stays between a container, its image, its own networks and the engine.
const HARMLESS: [&str; 62] = [
    "attach",
    "blkio_config",
    "cap_drop",
    "cgroup",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "depends_on",
    "develop",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "environment",
    "expose",
    "external_links",
    "extra_hosts",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "links",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "oom_kill_disable",
    "oom_score_adj",
    "pids_limit",
    "platform",
    "ports",
    "profiles",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "scale",
    "secrets",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "user",
    "working_dir",
];
const IN_DEPLOY: [&str; 8] = [
    "endpoint_mode",
    "labels",
    "mode",
    "placement",
    "replicas",
    "restart_policy",
    "rollback_config",
    "update_config",
];
/// Others send what a container says over the network with the engine's rights, or to sockets of the host.
const LOG_DRIVERS: [&str; 4] = ["json-file", "local", "none", "journald"];

/// Options that bring a container's words nowhere, whatever the driver.
const LOG_OPTIONS: [&str; 9] = [
    "max-size",
    "max-file",
    "max-buffer-size",
    "compress",
    "mode",
    "labels",
    "labels-regex",
    "env",
    "env-regex",
];
/// Others become options of the network's driver at the container, among them the kernel parameters of its devices.
const IN_NETWORK: [&str; 8] = [
    "aliases",
    "gw_priority",
    "interface_name",
    "ipv4_address",
    "ipv6_address",
    "link_local_ips",
    "mac_address",
    "priority",
];

/// Reads a service, key by key.
pub(super) fn read(service: &Value) -> Asked {
    let mut asked = Asked {
        settings: HostSettings::default(),
        volumes: Vec::new(),
        networks: Vec::new(),
        volumes_from: Vec::new(),
    };
    for (key, value) in service.as_object().into_iter().flatten() {
        take(&mut asked, key, value);
    }
    asked
}

fn take(asked: &mut Asked, key: &str, value: &Value) {
    let settings = &mut asked.settings;
    match key {
        "privileged" => settings.privileged |= value.as_bool() != Some(false),
        "pid" => settings.namespaces.push((Namespace::Pid, said(value))),
        "ipc" => settings.namespaces.push((Namespace::Ipc, said(value))),
        "uts" => settings.namespaces.push((Namespace::Uts, said(value))),
        "userns_mode" => settings.namespaces.push((Namespace::User, said(value))),
        "network_mode" => settings.namespaces.push((Namespace::Network, said(value))),
        "cap_add" => settings.capabilities.extend(items(value).map(said)),
        "security_opt" => settings.security_options.extend(items(value).map(said)),
        "cgroup_parent" => settings.cgroup_parent = text(value).map(str::to_owned),
        "runtime" => settings.runtime = text(value).map(str::to_owned),
        "devices" => settings.devices.extend(
            items(value).map(|device| text(&device["source"]).map_or_else(|| said(device), str::to_owned)),
        ),
        "device_cgroup_rules" => settings.devices.extend(items(value).map(said)),
        "gpus" => settings.devices.extend(requests(value)),
        "sysctls" => match value {
            Value::Object(map) => settings.kernel_parameters.extend(map.keys().cloned()),
            list => settings.kernel_parameters.extend(items(list).map(said)),
        },
        "post_start" | "pre_stop" => {
            settings.privileged |= items(value).any(|hook| hook["privileged"].as_bool() == Some(true));
        }
        "volumes" => items(value).for_each(|one| mount(asked, one)),
        "volumes_from" => {
            let outside = items(value).filter_map(|one| one.as_str()?.strip_prefix("container:"));
            // `container:NAME:ro`.
            asked.volumes_from.extend(outside.filter_map(|one| one.split(':').next()).map(str::to_owned));
        }
        "networks" => {
            for (name, own) in value.as_object().into_iter().flatten() {
                asked.networks.push(name.clone());
                let keys = own.as_object().into_iter().flatten().map(|(key, _)| key);
                let odd = keys.filter(|key| !IN_NETWORK.contains(&key.as_str()) && !key.starts_with("x-"));
                settings.unjudged.extend(odd.map(|key| format!("`networks.{name}.{key}`")));
            }
        }
        "deploy" => deploy(settings, value),
        "logging" => {
            match text(&value["driver"]) {
                Some(driver) if LOG_DRIVERS.contains(&driver) => {}
                Some(driver) => settings.unjudged.push(format!("the log driver {driver}")),
                // They are for whatever driver the engine has been set to.
                None => {
                    let options = value["options"].as_object().into_iter().flatten().map(|(key, _)| key);
                    let odd = options.filter(|key| !LOG_OPTIONS.contains(&key.as_str()));
                    settings.unjudged.extend(odd.map(|key| format!("the log option {key} without a driver")));
                }
            }
        }
        _ if HARMLESS.contains(&key) || key.starts_with("x-") => {}
        _ => settings.unjudged.push(format!("`{key}`")),
    }
}

fn mount(asked: &mut Asked, mount: &Value) {
    let source = text(&mount["source"]).map(str::to_owned);
    let read_only = mount["read_only"].as_bool().unwrap_or_default();
    match text(&mount["type"]).unwrap_or_default() {
        "volume" => asked.volumes.extend(source.map(|volume| VolumeMount { volume, read_only })),
        "bind" => asked.settings.mounts.push(HostMount { path: source.unwrap_or_default(), read_only }),
        "tmpfs" | "image" => {}
        kind => asked.settings.unjudged.push(format!("a mount of the type {kind}")),
    }
}

fn deploy(settings: &mut HostSettings, deploy: &Value) {
    for (key, value) in deploy.as_object().into_iter().flatten() {
        match key.as_str() {
            "resources" => {
                for part in ["limits", "reservations"] {
                    settings.devices.extend(requests(&value[part]["devices"]));
                }
            }
            known if IN_DEPLOY.contains(&known) => {}
            _ => settings.unjudged.push(format!("`deploy.{key}`")),
        }
    }
}

/// Devices that are asked for by what they can, in the words that the rule has for those that are there.
fn requests(value: &Value) -> Vec<String> {
    let named = |one: &Value| text(&one["driver"]).unwrap_or("by request").to_owned();
    match value {
        Value::Array(list) => list.iter().map(named).collect(),
        Value::Null => Vec::new(),
        // `gpus: all`.
        other => vec![named(other)],
    }
}

/// A value in words, whatever it is.
fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
