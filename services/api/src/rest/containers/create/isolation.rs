//! The fields that decide what a container shares with its host.

use dockline_contract::rest::{CreateContainer, DeviceToMap};
use dockline_docker::{AddDevice, Isolation};
use dockline_domain::{ContainerRef, host_access::Namespace};

use super::parse::{no_nul, path};
use crate::extract::Fields;

/// Which modes a namespace may have by name; `container:` and an ID is one of its own.
struct Modes {
    field: &'static str,
    kind: Namespace,
    named: &'static [&'static str],
    shared: bool,
}

const NETWORK: Modes = Modes {
    field: "network_mode",
    kind: Namespace::Network,
    named: &["bridge", "none", "host"],
    shared: true,
};
const PID: Modes = Modes { field: "pid_mode", kind: Namespace::Pid, named: &["host"], shared: true };
const IPC: Modes = Modes {
    field: "ipc_mode",
    kind: Namespace::Ipc,
    named: &["none", "private", "shareable", "host"],
    shared: true,
};
const UTS: Modes = Modes { field: "uts_mode", kind: Namespace::Uts, named: &["host"], shared: false };
const USER: Modes = Modes { field: "userns_mode", kind: Namespace::User, named: &["host"], shared: false };

pub(super) fn isolation(fields: &mut Fields, wanted: &CreateContainer) -> Isolation {
    let modes = [
        (NETWORK, &wanted.network_mode),
        (PID, &wanted.pid_mode),
        (IPC, &wanted.ipc_mode),
        (UTS, &wanted.uts_mode),
        (USER, &wanted.userns_mode),
    ];
    let mut namespaces = Vec::new();
    for (modes, wanted) in modes {
        let mode = fields.check_optional(modes.field, wanted.as_deref().map(|text| mode(&modes, text)));
        namespaces.extend(mode.map(|mode| (modes.kind, mode)));
    }
    for (field, names) in [("cap_add", &wanted.cap_add), ("cap_drop", &wanted.cap_drop)] {
        for (at, name) in names.iter().enumerate() {
            fields.check(&format!("{field}[{at}]"), capability(name));
        }
    }
    for (at, option) in wanted.security_options.iter().enumerate() {
        let filled = if option.is_empty() { Err("must not be empty") } else { no_nul(option) };
        fields.check(&format!("security_options[{at}]"), filled);
    }
    for (key, value) in &wanted.sysctls {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/');
        let valid = !key.is_empty() && key.bytes().all(known);
        let checked = if valid { no_nul(value) } else { Err("must be the name of a kernel parameter") };
        fields.check(&format!("sysctls.{key}"), checked);
    }
    let devices = wanted.devices.iter().enumerate();
    Isolation {
        privileged: wanted.privileged,
        namespaces,
        cap_add: wanted.cap_add.clone(),
        cap_drop: wanted.cap_drop.clone(),
        devices: devices.filter_map(|(at, asked)| device(fields, at, asked)).collect(),
        security_options: wanted.security_options.clone(),
        cgroup_parent: fields.check_optional(
            "cgroup_parent",
            wanted.cgroup_parent.as_ref().map(|text| no_nul(text).map(|()| text.clone())),
        ),
        sysctls: wanted.sysctls.clone(),
    }
}

fn mode(modes: &Modes, text: &str) -> Result<String, String> {
    let shared = text.strip_prefix("container:").filter(|_| modes.shared);
    if modes.named.contains(&text) || shared.is_some_and(|id| id.parse::<ContainerRef>().is_ok()) {
        return Ok(text.to_owned());
    }
    let others = if modes.shared { ", or container: and an ID of at least 12 digits" } else { "" };
    Err(format!("must be {}{others}", modes.named.join(", ")))
}

fn capability(name: &str) -> Result<(), &'static str> {
    let valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if valid { Ok(()) } else { Err("must be the name of a capability, for example NET_ADMIN") }
}

fn device(fields: &mut Fields, at: usize, asked: &DeviceToMap) -> Option<AddDevice> {
    let host = path(fields, &format!("devices[{at}].host_path"), &asked.host_path);
    let inside = asked.container_path.as_ref().unwrap_or(&asked.host_path);
    let inside = path(fields, &format!("devices[{at}].container_path"), inside);
    let permissions = asked.permissions.as_deref().unwrap_or("rwm");
    let valid = !permissions.is_empty() && permissions.chars().all(|letter| "rwm".contains(letter));
    let checked = if valid { Ok(permissions.to_owned()) } else { Err("must be of the letters r, w and m") };
    let permissions = fields.check(&format!("devices[{at}].permissions"), checked);
    Some(AddDevice {
        host_path: host?.to_string(),
        container_path: inside?.to_string(),
        permissions: permissions?,
    })
}
