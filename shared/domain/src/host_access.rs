//! What lets a container reach its host.
//!
//! Whoever can run something in such a container can do to the host what its administrator can. So
//! [`Permission::HostEscape`](crate::access::Permission::HostEscape) is needed to make one, and to open a terminal in one
//! that is there. Both ask [`HostSettings::host_access`], about what is wanted and about what an engine tells.

use std::fmt;

mod paths;

use paths::{Reach, reach};

/// One way from a container to its host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostAccess {
    /// It is privileged: all capabilities and all devices.
    Privileged,
    /// It lives in a namespace of the host.
    HostNamespace(Namespace),
    /// It talks to an engine: whoever does can start a privileged container.
    EngineSocket(String),
    /// It has a folder or file of the host.
    HostPath(String),
    /// It has a device of the host, by its path there, or by a rule or a request that lets some in.
    Device(String),
    /// It has a capability beyond those that engines give to every container.
    Capability(String),
    /// It lacks a protection that every container has, such as `seccomp=unconfined`.
    SecurityOption(String),
    /// Its resources are counted under a control group of somebody else's choice.
    CgroupParent(String),
    /// It sets a parameter of the kernel that it shares with its host.
    KernelParameter(String),
    /// It is run by another program than the engine would choose.
    Runtime(String),
    /// It asks for something that nobody has judged.
    Unjudged(String),
}

/// A kind of namespace that a container may share with its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// Processes.
    Pid,
    /// Network devices, addresses and ports.
    Network,
    /// Shared memory and message queues.
    Ipc,
    /// User IDs, where an engine maps those of containers.
    User,
    /// The host's name.
    Uts,
}

impl Namespace {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pid => "process",
            Self::Network => "network",
            Self::Ipc => "IPC",
            Self::User => "user",
            Self::Uts => "UTS",
        }
    }
}

impl fmt::Display for HostAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Privileged => f.write_str("it is privileged"),
            Self::HostNamespace(kind) => write!(f, "it shares the host's {} namespace", kind.as_str()),
            Self::EngineSocket(path) => write!(f, "it has an engine's socket ({path})"),
            Self::HostPath(path) => write!(f, "it has the host's {path}"),
            Self::Device(device) => write!(f, "it has the host's device {device}"),
            Self::Capability(name) => write!(f, "it has the capability {name}"),
            Self::SecurityOption(option) => write!(f, "it lacks a protection ({option})"),
            Self::CgroupParent(parent) => write!(f, "it is in the control group {parent}"),
            Self::KernelParameter(name) => write!(f, "it sets the kernel parameter {name}"),
            Self::Runtime(name) => write!(f, "it is run by the runtime {name}"),
            Self::Unjudged(what) => write!(f, "it has {what}, which is not known to be harmless"),
        }
    }
}

/// A folder or file of the host in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostMount {
    /// Where it is on the host: also of a volume that is a bind mount in disguise (`type=none,o=bind`).
    pub path: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

/// The settings of a container that decide whether it reaches its host, wanted or there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostSettings {
    /// All capabilities and devices.
    pub privileged: bool,
    /// The mode of each namespace in the engine's words, for example `host` or `container:<id>`.
    pub namespaces: Vec<(Namespace, String)>,
    /// What it has of the host's files.
    pub mounts: Vec<HostMount>,
    /// Devices by their path on the host, rules for devices, requests for devices.
    pub devices: Vec<String>,
    /// Capabilities that were added, with or without `CAP_`.
    pub capabilities: Vec<String>,
    /// Security options in the engine's words, for example `no-new-privileges`.
    pub security_options: Vec<String>,
    /// The control group above its own, if it is not the engine's choice.
    pub cgroup_parent: Option<String>,
    /// Kernel parameters that are to be set. Of a container that is there they do not count: they are set.
    pub kernel_parameters: Vec<String>,
    /// The program that is to run it, if it is not the engine's choice.
    pub runtime: Option<String>,
    /// What else is asked for and not known to be harmless.
    pub unjudged: Vec<String>,
}

/// Which files of the host count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostFiles {
    /// All of them: for a container that somebody wants to have. They would choose any path.
    All,
    /// Those by which the host can be taken over or its secrets read: for a container that is there, whose data an
    /// administrator once chose.
    Sensitive,
}

/// What engines give to every container that asks for nothing.
const USUAL_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

impl HostSettings {
    /// Every way from the container to its host, each once, the worst first. Empty when there is none.
    ///
    /// Not among them: what containers share with each other (`container:<id>`); ask about that one too. A control group
    /// namespace of the host's, which is what every container has under version 1.
    #[must_use]
    pub fn host_access(&self, files: HostFiles) -> Vec<HostAccess> {
        let namespaces = self.namespaces.iter().filter(|(_, mode)| mode == "host");
        let mut ways: Vec<HostAccess> = self
            .privileged
            .then_some(HostAccess::Privileged)
            .into_iter()
            .chain(namespaces.map(|(kind, _)| HostAccess::HostNamespace(*kind)))
            .chain(self.mounts.iter().filter_map(|mount| of_mount(mount, files)))
            .chain(self.devices.iter().cloned().map(HostAccess::Device))
            .chain(self.capabilities.iter().filter_map(|name| of_capability(name)))
            .chain(self.security_options.iter().filter_map(|option| of_security(option)))
            .chain(
                self.cgroup_parent
                    .iter()
                    .filter(|text| !text.is_empty())
                    .cloned()
                    .map(HostAccess::CgroupParent),
            )
            .chain(self.kernel_parameters.iter().cloned().map(HostAccess::KernelParameter))
            .chain(self.runtime.iter().cloned().map(HostAccess::Runtime))
            .chain(self.unjudged.iter().cloned().map(HostAccess::Unjudged))
            .collect();
        ways.sort();
        ways.dedup();
        ways
    }

    /// The containers whose namespaces it shares, as the engine names them: what they reach, it reaches.
    pub fn shares_with(&self) -> impl Iterator<Item = &str> {
        self.namespaces.iter().filter_map(|(_, mode)| mode.strip_prefix("container:"))
    }
}

fn of_mount(mount: &HostMount, files: HostFiles) -> Option<HostAccess> {
    match reach(&mount.path, mount.read_only) {
        Reach::Engine => Some(HostAccess::EngineSocket(mount.path.clone())),
        Reach::Host => Some(HostAccess::HostPath(mount.path.clone())),
        Reach::Data => (files == HostFiles::All).then(|| HostAccess::HostPath(mount.path.clone())),
    }
}

fn of_capability(name: &str) -> Option<HostAccess> {
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("CAP_").unwrap_or(&name);
    (!USUAL_CAPABILITIES.contains(&name)).then(|| HostAccess::Capability(name.to_owned()))
}

/// A profile of one's own counts as none: what it lets through is not known here.
fn of_security(option: &str) -> Option<HostAccess> {
    let harmless =
        matches!(option, "no-new-privileges" | "no-new-privileges=true" | "no-new-privileges:true");
    // A seccomp profile stands there as a whole.
    let name = if option.len() > 60 { option.split(['=', ':']).next().unwrap_or_default() } else { option };
    (!harmless).then(|| HostAccess::SecurityOption(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(settings: &HostSettings) -> Vec<String> {
        settings.host_access(HostFiles::Sensitive).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_container_that_asks_for_nothing_reaches_nothing() {
        let usual = HostSettings {
            namespaces: vec![
                (Namespace::Pid, String::new()),
                (Namespace::Network, "bridge".into()),
                (Namespace::Ipc, "private".into()),
                (Namespace::Network, "container:abc".into()),
            ],
            mounts: vec![HostMount { path: "/srv/data".into(), read_only: false }],
            capabilities: USUAL_CAPABILITIES.iter().map(|name| format!("CAP_{name}")).collect(),
            security_options: vec!["no-new-privileges:true".into()],
            cgroup_parent: Some(String::new()),
            ..HostSettings::default()
        };
        assert_eq!(ways(&usual), Vec::<String>::new());
        assert_eq!(usual.shares_with().collect::<Vec<_>>(), ["abc"]);
        // Whoever asks for the folder would choose any.
        assert_eq!(usual.host_access(HostFiles::All), [HostAccess::HostPath("/srv/data".into())]);
    }

    #[test]
    fn every_way_is_named() {
        let one = |set: fn(&mut HostSettings)| {
            let mut settings = HostSettings::default();
            set(&mut settings);
            ways(&settings).join("; ")
        };
        let mode = |kind| {
            let namespaces = vec![(kind, "host".to_owned())];
            ways(&HostSettings { namespaces, ..HostSettings::default() }).join("; ")
        };
        assert_eq!(one(|it| it.privileged = true), "it is privileged");
        assert_eq!(mode(Namespace::Pid), "it shares the host's process namespace");
        assert_eq!(mode(Namespace::Network), "it shares the host's network namespace");
        assert_eq!(mode(Namespace::Ipc), "it shares the host's IPC namespace");
        assert_eq!(mode(Namespace::User), "it shares the host's user namespace");
        assert_eq!(mode(Namespace::Uts), "it shares the host's UTS namespace");
        assert_eq!(one(|it| it.devices = vec!["/dev/sda".into()]), "it has the host's device /dev/sda");
        assert_eq!(one(|it| it.devices = vec!["a *:* rwm".into()]), "it has the host's device a *:* rwm");
        assert_eq!(
            one(|it| it.capabilities = vec!["cap_sys_admin".into()]),
            "it has the capability SYS_ADMIN"
        );
        assert_eq!(one(|it| it.capabilities = vec!["ALL".into()]), "it has the capability ALL");
        assert_eq!(
            one(|it| it.security_options = vec!["seccomp=unconfined".into()]),
            "it lacks a protection (seccomp=unconfined)"
        );
        assert_eq!(
            one(|it| it.security_options = vec![format!("seccomp={{{}}}", "x".repeat(5_000))]),
            "it lacks a protection (seccomp)"
        );
        assert_eq!(
            one(|it| it.security_options = vec!["no-new-privileges=false".into()]),
            "it lacks a protection (no-new-privileges=false)"
        );
        assert_eq!(one(|it| it.cgroup_parent = Some("/a".into())), "it is in the control group /a");
        assert_eq!(
            one(|it| it.kernel_parameters = vec!["kernel.domainname".into()]),
            "it sets the kernel parameter kernel.domainname"
        );
        assert_eq!(one(|it| it.runtime = Some("crun".into())), "it is run by the runtime crun");
        assert_eq!(
            one(|it| it.unjudged = vec!["annotations".into()]),
            "it has annotations, which is not known to be harmless"
        );
    }

    #[test]
    fn ways_are_told_once_and_the_worst_first() {
        let mount = |path: &str| HostMount { path: path.into(), read_only: false };
        let settings = HostSettings {
            privileged: true,
            mounts: vec![mount("/etc"), mount("/run/docker.sock"), mount("/etc")],
            ..HostSettings::default()
        };
        assert_eq!(
            ways(&settings),
            ["it is privileged", "it has an engine's socket (/run/docker.sock)", "it has the host's /etc"]
        );
    }
}
