use std::{collections::BTreeMap, net::IpAddr};

use dockline_contract::rest::{LogDriver, Protocol, RestartRule};
use dockline_domain::{
    ContainerName, ContainerPath, VolumeName,
    host_access::{HostMount, HostSettings, Namespace},
    network::NetworkName,
};

/// A container that is to be made: everything that an engine is asked for, and nothing else.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewContainer {
    /// Its name; the engine invents one without.
    pub name: Option<ContainerName>,
    /// The image's name or content hash.
    pub image: String,
    /// Instead of the image's command.
    pub command: Option<Vec<String>>,
    /// Instead of the image's entry point.
    pub entrypoint: Option<Vec<String>>,
    /// Beside the image's environment.
    pub env: Vec<(String, String)>,
    /// The working folder.
    pub working_dir: Option<ContainerPath>,
    /// The user.
    pub user: Option<String>,
    /// The host name.
    pub hostname: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Ports to publish.
    pub ports: Vec<PublishPort>,
    /// Mounts.
    pub mounts: Vec<AddMount>,
    /// Networks to join.
    pub networks: Vec<JoinNetwork>,
    /// What happens when it ends.
    pub restart: Option<RestartRule>,
    /// What it may use.
    pub limits: Limits,
    /// Instead of the image's health check.
    pub health_check: Option<NewHealthCheck>,
    /// Seconds from the signal to stop to the one to kill.
    pub stop_timeout: Option<u32>,
    /// An init process.
    pub init: Option<bool>,
    /// A terminal.
    pub tty: bool,
    /// Its own file system cannot be written.
    pub read_only_rootfs: bool,
    /// How its output is kept.
    pub log: Option<LogDriver>,
    /// What it shares with its host.
    pub isolation: Isolation,
}

/// A port to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishPort {
    /// Inside.
    pub container_port: u16,
    /// TCP, UDP or SCTP.
    pub protocol: Protocol,
    /// On one address of the host only.
    pub host_ip: Option<IpAddr>,
    /// On the host; the engine's choice without.
    pub host_port: Option<u16>,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddMount {
    /// A volume; without a name one of its own.
    Volume {
        /// Its name.
        name: Option<VolumeName>,
        /// Where in the container.
        target: ContainerPath,
        /// Whether it cannot be written.
        read_only: bool,
    },
    /// A path of the host.
    Bind {
        /// Where on the host.
        source: String,
        /// Where in the container.
        target: ContainerPath,
        /// Whether it cannot be written.
        read_only: bool,
    },
    /// A folder in memory.
    Tmpfs {
        /// Where in the container.
        target: ContainerPath,
    },
}

/// A network to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinNetwork {
    /// Its name.
    pub name: NetworkName,
    /// Other names of the container there.
    pub aliases: Vec<String>,
    /// Its address there.
    pub ip: Option<IpAddr>,
}

/// What a container may use. `None` leaves it as it is, or without a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Billionths of a CPU.
    pub nano_cpus: Option<u64>,
    /// Processes; 0 for no limit.
    pub pids: Option<u64>,
}

/// How the engine finds out whether a container is healthy. Times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHealthCheck {
    /// What is run.
    pub test: HealthTest,
    /// Between two checks.
    pub interval: Option<u32>,
    /// For one check.
    pub timeout: Option<u32>,
    /// At the start, when a failure does not count.
    pub start_period: Option<u32>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u32>,
}

/// What a health check runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthTest {
    /// Nothing, not the image's check either.
    Disabled,
    /// A program.
    Command(Vec<String>),
    /// A line for the container's shell.
    Shell(String),
}

/// What a container shares with its host, or with another container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Isolation {
    /// All capabilities and devices.
    pub privileged: bool,
    /// The mode of each namespace, in the engine's words.
    pub namespaces: Vec<(Namespace, String)>,
    /// Further capabilities.
    pub cap_add: Vec<String>,
    /// Capabilities that it does not get.
    pub cap_drop: Vec<String>,
    /// Devices.
    pub devices: Vec<AddDevice>,
    /// Security options.
    pub security_options: Vec<String>,
    /// The control group above its own.
    pub cgroup_parent: Option<String>,
    /// Kernel parameters.
    pub sysctls: BTreeMap<String, String>,
}

/// A device of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddDevice {
    /// Its path on the host.
    pub host_path: String,
    /// Its path in the container.
    pub container_path: String,
    /// Of `r`, `w` and `m`.
    pub permissions: String,
}

impl Isolation {
    /// The mode of one namespace.
    pub(crate) fn mode(&self, kind: Namespace) -> Option<String> {
        self.namespaces.iter().find(|(of, _)| *of == kind).map(|(_, mode)| mode.clone())
    }
}

impl NewContainer {
    /// By what it would reach its host. Volumes that stand for a path of the host are not seen here.
    #[must_use]
    pub fn host_settings(&self) -> HostSettings {
        let mounts = self.mounts.iter().filter_map(|mount| match mount {
            AddMount::Bind { source, read_only, .. } => {
                Some(HostMount { path: source.clone(), read_only: *read_only })
            }
            AddMount::Volume { .. } | AddMount::Tmpfs { .. } => None,
        });
        HostSettings {
            privileged: self.isolation.privileged,
            namespaces: self.isolation.namespaces.clone(),
            mounts: mounts.collect(),
            devices: self.isolation.devices.iter().map(|device| device.host_path.clone()).collect(),
            capabilities: self.isolation.cap_add.clone(),
            security_options: self.isolation.security_options.clone(),
            cgroup_parent: self.isolation.cgroup_parent.clone(),
            kernel_parameters: self.isolation.sysctls.keys().cloned().collect(),
            runtime: None,
            unjudged: Vec::new(),
        }
    }

    /// The named volumes that it mounts, and whether only to read.
    pub fn volumes(&self) -> impl Iterator<Item = (&VolumeName, bool)> {
        self.mounts.iter().filter_map(|mount| match mount {
            AddMount::Volume { name: Some(name), read_only, .. } => Some((name, *read_only)),
            _ => None,
        })
    }
}
