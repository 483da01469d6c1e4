use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{HostStatus, ImageUpdate};

/// One container of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContainerSummary {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// The host's ID.
    pub host: String,
    /// The image as it was named at creation.
    pub image: String,
    /// The content hash of its image.
    pub image_id: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub state: String,
    /// The engine's words, for example `Up 3 hours (healthy)`.
    pub status: String,
    /// `healthy`, `unhealthy`, `starting`; absent without a health check.
    pub health: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// Published ports.
    pub ports: Vec<PublishedPort>,
    /// Labels; empty for viewers, since labels often hold secrets.
    pub labels: BTreeMap<String, String>,
    /// The Compose project that made it.
    pub stack: Option<String>,
    /// Whether its image has something newer; null if no registry was asked, or knows it.
    pub update: Option<ImageUpdate>,
}

/// A port of a container, and where it is reached from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedPort {
    /// Inside the container.
    pub container_port: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// On the host, if published.
    pub host_port: Option<u16>,
    /// The host's address, if published.
    pub host_ip: Option<String>,
}

/// A page of containers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ContainerPage {
    /// The containers, by name.
    pub items: Vec<ContainerSummary>,
    /// Send as `cursor` for the next page.
    pub next_cursor: Option<String>,
    /// Every host that was asked. One that does not answer is named here and fails nothing else.
    pub hosts: Vec<HostStatus>,
}

/// Everything about one container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ContainerDetails {
    /// What a list shows.
    #[serde(flatten)]
    pub summary: ContainerSummary,
    /// Whether it has a terminal.
    pub tty: bool,
    /// The command and its arguments; empty for viewers.
    pub command: Vec<String>,
    /// The working folder.
    pub working_dir: String,
    /// The user inside the container.
    pub user: String,
    /// The host name inside the container.
    pub hostname: String,
    /// Environment; values are null for viewers.
    pub env: Vec<EnvironmentVariable>,
    /// Whether values were withheld because the caller lacks `secrets.read`.
    pub secrets_hidden: bool,
    /// RFC 3339; absent if it never started.
    pub started_at: Option<String>,
    /// RFC 3339; absent while it runs.
    pub finished_at: Option<String>,
    /// Absent while it runs.
    pub exit_code: Option<i64>,
    /// The engine's word on why it failed.
    pub error: Option<String>,
    /// Whether the kernel ended it for lack of memory.
    pub oom_killed: bool,
    /// The process ID on the host; 0 when not running.
    pub pid: u64,
    /// Restarts by the restart policy.
    pub restart_count: u64,
    /// What happens when it ends.
    pub restart_policy: RestartPolicy,
    /// The last health checks.
    pub health_check: Option<Health>,
    /// Mounted folders and volumes.
    pub mounts: Vec<MountPoint>,
    /// Networks.
    pub networks: Vec<NetworkAttachment>,
    /// The log driver.
    pub log_driver: String,
    /// Memory limit in bytes.
    pub memory_limit: Option<u64>,
    /// CPU limit in CPUs.
    pub cpu_limit: Option<f64>,
    /// Whether it runs with the host's full privileges.
    pub privileged: bool,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// Its value; null when withheld.
    pub value: Option<String>,
}

/// What happens when a container ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`.
    pub name: String,
    /// For `on-failure`; 0 means no limit.
    pub maximum_retry_count: u64,
}

/// The state of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `healthy`, `unhealthy` or `starting`.
    pub status: String,
    /// Failures in a row.
    pub failing_streak: u64,
    /// The last check's output; null for viewers.
    pub last_output: Option<String>,
}

/// A mounted folder or volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MountPoint {
    /// `bind`, `volume`, `tmpfs` or `npipe`.
    pub kind: String,
    /// The volume's name, for volumes.
    pub name: Option<String>,
    /// The path on the host.
    pub source: String,
    /// The path in the container.
    pub destination: String,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// A network that a container is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkAttachment {
    /// The network's name.
    pub name: String,
    /// The container's IPv4 address there.
    pub ip_address: Option<String>,
    /// The gateway.
    pub gateway: Option<String>,
    /// The container's MAC address there.
    pub mac_address: Option<String>,
    /// Other names it has there.
    pub aliases: Vec<String>,
}

/// Gives a container another name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameContainer {
    /// 2 to 128 letters, digits, `_`, `.` or `-`.
    pub name: String,
}
