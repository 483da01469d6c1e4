use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A container that is to be made. What is not named here cannot be asked for: the engine's request is built from these
/// fields, and an unknown one is refused.
///
/// Fields by which a container would reach its host need the permission `host.escape`: `privileged`, `devices`, `cap_add`,
/// `security_options`, `cgroup_parent`, `sysctls`, mounts of the host's files, also by a volume that stands for a path, the
/// host's namespaces, and those of a container that reaches the host.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateContainer {
    /// The host's ID.
    pub host: String,
    /// An image that is on the host: a name, or `sha256:` and its content hash.
    #[schema(example = "nginx:1.29")]
    pub image: String,
    /// 2 to 128 letters, digits, `_`, `.` or `-`; the engine invents one when it is absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it is started as well. When it cannot be started it is removed again.
    #[serde(default)]
    pub start: bool,
    /// Instead of the image's command.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// Instead of the image's entry point.
    #[serde(default)]
    pub entrypoint: Option<Vec<String>>,
    /// Beside the image's environment.
    #[serde(default)]
    pub env: Vec<EnvironmentEntry>,
    /// The working folder, an absolute path.
    #[serde(default)]
    pub working_dir: Option<String>,
    /// A user or `user:group`, by name or number.
    #[serde(default)]
    pub user: Option<String>,
    /// The host name inside the container.
    #[serde(default)]
    pub hostname: Option<String>,
    /// Labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Ports to publish.
    #[serde(default)]
    pub ports: Vec<PortToPublish>,
    /// Volumes, folders in memory, and files of the host.
    #[serde(default)]
    pub mounts: Vec<MountToMake>,
    /// Networks to join; the engine's default network when there is none. Not together with `network_mode`.
    #[serde(default)]
    pub networks: Vec<NetworkToJoin>,
    /// What happens when it ends; nothing by default.
    #[serde(default)]
    pub restart_policy: Option<RestartRule>,
    /// The memory limit in bytes, 6 MiB or more.
    #[serde(default)]
    pub memory_bytes: Option<u64>,
    /// The CPU limit in CPUs, such as 1.5.
    #[serde(default)]
    pub cpus: Option<f64>,
    /// The most processes.
    #[serde(default)]
    pub pids_limit: Option<u64>,
    /// Instead of the image's health check.
    #[serde(default)]
    pub health_check: Option<HealthCheckRule>,
    /// Seconds from the signal to stop to the one to kill.
    #[serde(default)]
    pub stop_timeout: Option<u32>,
    /// Runs an init process that passes signals on and reaps zombies.
    #[serde(default)]
    pub init: Option<bool>,
    /// Gives it a terminal, and keeps its input open.
    #[serde(default)]
    pub tty: bool,
    /// Its own file system cannot be written.
    #[serde(default)]
    pub read_only_rootfs: bool,
    /// The log driver; the engine's default when absent.
    #[serde(default)]
    pub log: Option<LogDriver>,
    /// `bridge`, `none`, `host` or `container:` and an ID. Not together with `networks`.
    #[serde(default)]
    pub network_mode: Option<String>,
    /// `host`, or `container:` and an ID.
    #[serde(default)]
    pub pid_mode: Option<String>,
    /// `none`, `private`, `shareable`, `host`, or `container:` and an ID.
    #[serde(default)]
    pub ipc_mode: Option<String>,
    /// `host`.
    #[serde(default)]
    pub uts_mode: Option<String>,
    /// `host`.
    #[serde(default)]
    pub userns_mode: Option<String>,
    /// All capabilities and all devices of the host.
    #[serde(default)]
    pub privileged: bool,
    /// Capabilities beside the usual ones, such as `NET_ADMIN`.
    #[serde(default)]
    pub cap_add: Vec<String>,
    /// Usual capabilities that it does not get, or `ALL`.
    #[serde(default)]
    pub cap_drop: Vec<String>,
    /// Devices of the host.
    #[serde(default)]
    pub devices: Vec<DeviceToMap>,
    /// Security options such as `no-new-privileges`, which alone is free for everybody.
    #[serde(default)]
    pub security_options: Vec<String>,
    /// The control group above its own.
    #[serde(default)]
    pub cgroup_parent: Option<String>,
    /// Kernel parameters of its namespaces.
    #[serde(default)]
    pub sysctls: BTreeMap<String, String>,
}

/// A variable for a container's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentEntry {
    /// Not empty, and without `=`.
    pub name: String,
    /// May be empty.
    pub value: String,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// A port to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PortToPublish {
    /// Inside the container, 1 to 65535.
    pub container_port: u32,
    /// `tcp` by default.
    #[serde(default)]
    pub protocol: Protocol,
    /// On one address of the host only.
    #[serde(default)]
    pub host_ip: Option<String>,
    /// On the host, 1 to 65535; the engine picks one when it is absent.
    #[serde(default)]
    pub host_port: Option<u32>,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    /// A volume of the engine's.
    Volume,
    /// A folder or file of the host.
    Bind,
    /// A folder in memory.
    Tmpfs,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MountToMake {
    /// What is mounted.
    pub kind: MountKind,
    /// A volume's name, where absent one without a name of its own; the path on the host, for `bind`; absent for `tmpfs`.
    #[serde(default)]
    pub source: Option<String>,
    /// The absolute path in the container.
    pub target: String,
    /// Whether it cannot be written.
    #[serde(default)]
    pub read_only: bool,
}

/// A network to join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkToJoin {
    /// The network's name or ID.
    pub name: String,
    /// Other names that it has there.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// An address there; the engine picks one when it is absent.
    #[serde(default)]
    pub ip: Option<String>,
}

/// When an ended container is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RestartName {
    /// Never.
    No,
    /// Whenever it ends, and with the engine.
    Always,
    /// As `always`, but not with the engine when it had been stopped.
    UnlessStopped,
    /// When it ended with a failure.
    OnFailure,
}

/// What happens when a container ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartRule {
    /// When it is started again.
    pub name: RestartName,
    /// For `on-failure`; 0 or absent means no limit.
    #[serde(default)]
    pub maximum_retry_count: u32,
}

/// How the engine finds out whether a container is healthy. Either `disabled`, or one of `command` and `shell`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheckRule {
    /// No check, not the image's either.
    #[serde(default)]
    pub disabled: bool,
    /// A program and its arguments.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// A line for the container's shell.
    #[serde(default)]
    pub shell: Option<String>,
    /// Seconds between two checks; 30 by default.
    #[serde(default)]
    pub interval_seconds: Option<u32>,
    /// Seconds that a check may take; 30 by default.
    #[serde(default)]
    pub timeout_seconds: Option<u32>,
    /// Seconds at the start in which a failure does not count; none by default.
    #[serde(default)]
    pub start_period_seconds: Option<u32>,
    /// Failures in a row that make it unhealthy; 3 by default.
    #[serde(default)]
    pub retries: Option<u32>,
}

/// A log driver that keeps a container's output at its host. Others send it elsewhere, to an address of the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogDriverName {
    /// JSON in files: the usual one.
    JsonFile,
    /// A compact form in files, which are rotated.
    Local,
    /// The host's journal.
    Journald,
    /// Nowhere.
    None,
}

/// How a container's output is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogDriver {
    /// The driver.
    pub driver: LogDriverName,
    /// Options: `max-size`, `max-file`, `compress` (of `json-file` and `local`), `tag`, `labels`, `env`.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// A device of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceToMap {
    /// Its absolute path on the host.
    pub host_path: String,
    /// Its absolute path in the container; the same when absent.
    #[serde(default)]
    pub container_path: Option<String>,
    /// Of `r`, `w` and `m`; all three by default.
    #[serde(default)]
    pub permissions: Option<String>,
}

/// A container that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContainerCreated {
    /// Its ID, 64 hexadecimal digits.
    pub id: String,
    /// Its host.
    pub host: String,
    /// Whether it was started.
    pub started: bool,
    /// What the engine remarked, for example that it cannot limit something.
    pub warnings: Vec<String>,
}
