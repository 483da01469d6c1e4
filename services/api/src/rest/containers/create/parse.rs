use std::{net::IpAddr, num::NonZeroU16};

use dockline_contract::rest::{
    CreateContainer, HealthCheckRule, LogDriver, LogDriverName, MountKind, MountToMake, NetworkToJoin,
    PortToPublish,
};
use dockline_docker::{
    AddMount, HealthTest, JoinNetwork, NewContainer, NewHealthCheck, PublishPort, is_own_label,
};
use dockline_domain::{ContainerPath, ImageReference, VolumeName, network::NetworkName};

use super::isolation::isolation;
use crate::{
    extract::Fields,
    rest::containers::limits::{limits, restart},
};

/// Every field of what is wanted; what is wrong is in `fields`.
pub(super) fn parse(fields: &mut Fields, wanted: CreateContainer) -> Option<NewContainer> {
    let isolation = isolation(fields, &wanted);
    let name = fields.check_optional("name", wanted.name.as_deref().map(str::parse));
    let image = fields.check("image", image(&wanted.image));
    let working_dir = wanted.working_dir.as_ref().and_then(|text| path(fields, "working_dir", text));
    for (field, text) in [("user", &wanted.user), ("hostname", &wanted.hostname)] {
        fields.check_optional(field, text.as_deref().map(no_nul));
    }
    fields.check_optional("hostname", wanted.hostname.as_deref().map(hostname));
    for (field, words) in [("command", &wanted.command), ("entrypoint", &wanted.entrypoint)] {
        for (at, word) in words.iter().flatten().enumerate() {
            fields.check(&format!("{field}[{at}]"), no_nul(word));
        }
    }
    let mut env = Vec::new();
    for (at, entry) in wanted.env.into_iter().enumerate() {
        fields.check(&format!("env[{at}].name"), variable(&entry.name));
        fields.check(&format!("env[{at}].value"), no_nul(&entry.value));
        env.push((entry.name, entry.value));
    }
    for (key, value) in &wanted.labels {
        fields.check(&format!("labels.{key}"), label(key).and(no_nul(value)));
    }
    if wanted.network_mode.is_some() && !wanted.networks.is_empty() {
        fields.check::<(), _>("network_mode", Err("cannot be given together with networks"));
    }
    let limits = limits(fields, wanted.memory_bytes, wanted.cpus, wanted.pids_limit, false);
    let restart = wanted.restart_policy.and_then(|rule| restart(fields, rule));
    let health_check = wanted.health_check.and_then(|check| health(fields, check));
    let log = wanted.log.and_then(|log| log_driver(fields, log));
    let mut ports = Vec::new();
    for (at, asked) in wanted.ports.iter().enumerate() {
        ports.extend(port(fields, at, asked));
    }
    let mut mounts = Vec::new();
    for (at, asked) in wanted.mounts.iter().enumerate() {
        mounts.extend(mount(fields, at, asked));
    }
    let mut networks = Vec::new();
    for (at, asked) in wanted.networks.into_iter().enumerate() {
        networks.extend(network(fields, at, asked));
    }
    Some(NewContainer {
        name,
        image: image?,
        command: wanted.command,
        entrypoint: wanted.entrypoint,
        env,
        working_dir,
        user: wanted.user,
        hostname: wanted.hostname,
        labels: wanted.labels,
        ports,
        mounts,
        networks,
        restart,
        limits,
        health_check,
        stop_timeout: wanted.stop_timeout,
        init: wanted.init,
        tty: wanted.tty,
        read_only_rootfs: wanted.read_only_rootfs,
        log,
        isolation,
    })
}

/// A path inside the container, or a device's on the host.
pub(super) fn path(fields: &mut Fields, field: &str, text: &str) -> Option<ContainerPath> {
    fields.check(field, text.parse())
}

pub(super) fn no_nul(text: &str) -> Result<(), &'static str> {
    if text.contains('\0') { Err("must not have a NUL") } else { Ok(()) }
}

fn label(key: &str) -> Result<(), &'static str> {
    match key {
        "" => Err("must have a name"),
        key if is_own_label(key) => Err("is one of Dockline's own labels, which it gives itself"),
        key => no_nul(key),
    }
}

fn image(text: &str) -> Result<String, String> {
    let Some(hex) = text.strip_prefix("sha256:") else {
        return text
            .parse::<ImageReference>()
            .map(|image| image.to_string())
            .map_err(|error| error.to_string());
    };
    if hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        Ok(text.to_owned())
    } else {
        Err("must be sha256: and 64 hexadecimal digits".to_owned())
    }
}

fn hostname(text: &str) -> Result<(), &'static str> {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let valid = text.len() <= 253 && text.split('.').all(label);
    if valid { Ok(()) } else { Err("must be a host name: letters, digits and dashes, in parts by dots") }
}

fn variable(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.contains(['=', '\0']) {
        Err("must not be empty, nor have `=` or a NUL")
    } else {
        Ok(())
    }
}

fn health(fields: &mut Fields, check: HealthCheckRule) -> Option<NewHealthCheck> {
    let test = match (check.disabled, check.command, check.shell) {
        (true, None, None) => Ok(HealthTest::Disabled),
        (false, Some(command), None) if !command.is_empty() => Ok(HealthTest::Command(command)),
        (false, None, Some(line)) if !line.is_empty() => Ok(HealthTest::Shell(line)),
        _ => Err("must be either disabled, or have one of command and shell"),
    };
    let times = [
        ("interval_seconds", check.interval_seconds),
        ("timeout_seconds", check.timeout_seconds),
        ("retries", check.retries),
    ];
    for (field, value) in times {
        let checked = if value == Some(0) { Err("must be 1 or more") } else { Ok(()) };
        fields.check(&format!("health_check.{field}"), checked);
    }
    Some(NewHealthCheck {
        test: fields.check("health_check", test)?,
        interval: check.interval_seconds,
        timeout: check.timeout_seconds,
        start_period: check.start_period_seconds,
        retries: check.retries,
    })
}

fn log_driver(fields: &mut Fields, log: LogDriver) -> Option<LogDriver> {
    let files: &[&str] = &["max-size", "max-file", "compress"];
    let remarks: &[&str] = &["tag", "labels", "env"];
    let known = |option: &str| match log.driver {
        LogDriverName::JsonFile => files.contains(&option) || remarks.contains(&option),
        LogDriverName::Local => files.contains(&option),
        LogDriverName::Journald => remarks.contains(&option),
        LogDriverName::None => false,
    };
    for (option, value) in &log.options {
        let checked = if known(option) { no_nul(value) } else { Err("is no option of this driver") };
        fields.check(&format!("log.options.{option}"), checked);
    }
    Some(log)
}

fn number(value: u32) -> Result<u16, &'static str> {
    let port = u16::try_from(value).ok().and_then(NonZeroU16::new);
    port.map(NonZeroU16::get).ok_or("must be 1 to 65535")
}

fn port(fields: &mut Fields, at: usize, asked: &PortToPublish) -> Option<PublishPort> {
    let container_port = fields.check(&format!("ports[{at}].container_port"), number(asked.container_port));
    let host_port = fields.check_optional(&format!("ports[{at}].host_port"), asked.host_port.map(number));
    let host_ip = asked.host_ip.as_deref().map(ip);
    let host_ip = fields.check_optional(&format!("ports[{at}].host_ip"), host_ip);
    Some(PublishPort { container_port: container_port?, protocol: asked.protocol, host_ip, host_port })
}

fn ip(text: &str) -> Result<IpAddr, &'static str> {
    text.parse().map_err(|_| "must be an IP address")
}

fn mount(fields: &mut Fields, at: usize, asked: &MountToMake) -> Option<AddMount> {
    let target = path(fields, &format!("mounts[{at}].target"), &asked.target);
    if target.as_ref().is_some_and(|target| target.split().is_none()) {
        fields.check::<(), _>(&format!("mounts[{at}].target"), Err("must not be the top of the file system"));
    }
    let field = format!("mounts[{at}].source");
    let read_only = asked.read_only;
    match (asked.kind, asked.source.as_deref()) {
        (MountKind::Volume, None) if read_only => {
            let field = format!("mounts[{at}].read_only");
            fields.check::<AddMount, _>(&field, Err("is for a volume with a name: this one would stay empty"))
        }
        (MountKind::Volume, source) => {
            let name = fields.check_optional(&field, source.map(str::parse::<VolumeName>));
            Some(AddMount::Volume { name, target: target?, read_only })
        }
        (MountKind::Bind, source) => {
            let source = path(fields, &field, source.unwrap_or_default());
            Some(AddMount::Bind { source: source?.to_string(), target: target?, read_only })
        }
        (MountKind::Tmpfs, None) => Some(AddMount::Tmpfs { target: target? }),
        (MountKind::Tmpfs, Some(_)) => {
            fields.check::<AddMount, _>(&field, Err("is not for a folder in memory"))
        }
    }
}

fn network(fields: &mut Fields, at: usize, asked: NetworkToJoin) -> Option<JoinNetwork> {
    let field = format!("networks[{at}].name");
    let name = fields.check(&field, asked.name.parse::<NetworkName>());
    if matches!(asked.name.as_str(), "host" | "none") {
        fields.check::<(), _>(&field, Err("is a mode: use network_mode"));
    }
    for (alias, text) in asked.aliases.iter().enumerate() {
        fields.check(&format!("networks[{at}].aliases[{alias}]"), hostname(text));
    }
    let ip = fields.check_optional(&format!("networks[{at}].ip"), asked.ip.as_deref().map(ip));
    Some(JoinNetwork { name: name?, aliases: asked.aliases, ip })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(change: serde_json::Value) -> Vec<String> {
        let mut body = serde_json::json!({ "host": "local", "image": "web:1" });
        for (key, value) in change.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let mut fields = Fields::default();
        parse(&mut fields, serde_json::from_value(body).expect("the form"));
        match fields.finish() {
            Ok(()) => Vec::new(),
            Err(crate::ApiError::InvalidFields(fields)) => {
                fields.into_iter().map(|field| field.field).collect()
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_wrong_field_is_named() {
        use serde_json::json;
        for (change, expected) in [
            (json!({}), &[][..]),
            (json!({ "image": "sha256:00" }), &["image"]),
            (json!({ "image": format!("sha256:{}", "a".repeat(64)) }), &[]),
            (json!({ "image": "../x" }), &["image"]),
            (json!({ "name": "../x", "working_dir": "srv" }), &["name", "working_dir"]),
            (
                json!({ "env": [{"name": "A=B", "value": ""}, {"name": "", "value": "a\u{0}"}] }),
                &["env[0].name", "env[1].name", "env[1].value"],
            ),
            (
                json!({ "ports": [{"container_port": 0}, {"container_port": 80, "host_port": 65536, "host_ip": "x"}] }),
                &["ports[0].container_port", "ports[1].host_port", "ports[1].host_ip"],
            ),
            (
                json!({ "mounts": [{"kind": "volume", "source": "../x", "target": "a"},
                                {"kind": "bind", "target": "/a"},
                                {"kind": "tmpfs", "source": "a", "target": "/"}] }),
                &[
                    "mounts[0].target",
                    "mounts[0].source",
                    "mounts[1].source",
                    "mounts[2].target",
                    "mounts[2].source",
                ],
            ),
            (
                json!({ "networks": [{"name": "host", "aliases": ["a b"], "ip": "1"}] }),
                &["networks[0].name", "networks[0].aliases[0]", "networks[0].ip"],
            ),
            (json!({ "networks": [{"name": "back"}], "network_mode": "none" }), &["network_mode"]),
            (json!({ "memory_bytes": 6 << 20, "cpus": 0.5, "pids_limit": 10 }), &[]),
            (
                json!({ "memory_bytes": (6 << 20) - 1, "cpus": 0.0, "pids_limit": 0 }),
                &["memory_bytes", "cpus", "pids_limit"],
            ),
            (
                json!({ "restart_policy": {"name": "always", "maximum_retry_count": 2} }),
                &["restart_policy.maximum_retry_count"],
            ),
            (
                json!({ "health_check": {"interval_seconds": 0} }),
                &["health_check.interval_seconds", "health_check"],
            ),
            (json!({ "health_check": {"shell": "true", "retries": 0} }), &["health_check.retries"]),
            (
                json!({ "log": {"driver": "local", "options": {"max-size": "1m", "syslog-address": "x"}} }),
                &["log.options.syslog-address"],
            ),
            (
                json!({ "network_mode": "container:web", "pid_mode": "private", "ipc_mode": "x", "uts_mode": "container:abcdefabcdef",
                     "userns_mode": "" }),
                &["network_mode", "pid_mode", "ipc_mode", "uts_mode", "userns_mode"],
            ),
            (json!({ "pid_mode": "container:abcdefabcdef" }), &[]),
            (
                json!({ "cap_add": ["NET ADMIN"], "cap_drop": [""], "security_options": [""], "sysctls": {"a b": "1"} }),
                &["cap_add[0]", "cap_drop[0]", "security_options[0]", "sysctls.a b"],
            ),
            (
                json!({ "devices": [{"host_path": "dev", "permissions": "x"}] }),
                &["devices[0].host_path", "devices[0].container_path", "devices[0].permissions"],
            ),
            (
                json!({ "labels": {"io.dockline.helper": "volume", "io.dockline.recreate.of": "x",
                     "io.dockline.record": "true", "io.docklines": ""} }),
                &["labels.io.dockline.helper", "labels.io.dockline.recreate.of"],
            ),
            (
                json!({ "hostname": "-a", "user": "a\u{0}", "labels": {"": "x"}, "command": ["a\u{0}"] }),
                &["user", "hostname", "command[0]", "labels."],
            ),
        ] {
            let text = change.to_string();
            assert_eq!(wrong(change), expected, "{text}");
        }
    }
}
