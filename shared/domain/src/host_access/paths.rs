//! Which of a host's paths are the host itself.

/// What somebody who has a path of the host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// An engine, and so everything.
    Engine,
    /// A part of the system, or the secrets of its people.
    Host,
    /// Files that are there for containers.
    Data,
}

/// By these a host can be taken over, from what is in them or above them. `/opt`, `/srv`, `/mnt` and folders in homes are
/// where people keep what containers work on.
const SYSTEM: [&str; 20] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/run",
    "/var/spool/cron",
    "/snap",
];

/// Where engines listen, wherever the folder is.
const SOCKETS: [&str; 5] = ["containerd.sock", "crio.sock", "docker.raw.sock", "docker.sock", "podman.sock"];

/// What containers are often given to read, and hides nothing.
const HARMLESS_TO_READ: [&str; 9] = [
    "/etc/ca-certificates",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/localtime",
    "/etc/resolv.conf",
    "/etc/ssl/certs",
    "/etc/timezone",
    "/usr/share/ca-certificates",
    "/usr/share/zoneinfo",
];

pub(super) fn reach(path: &str, read_only: bool) -> Reach {
    let path = plain(path);
    let file = path.rsplit('/').next().unwrap_or_default();
    if SOCKETS.contains(&file) {
        Reach::Engine
    } else if read_only && HARMLESS_TO_READ.iter().any(|harmless| is_within(&path, harmless)) {
        Reach::Data
    } else if SYSTEM.iter().any(|system| is_within(&path, system) || is_within(system, &path))
        || is_home(&path)
    {
        Reach::Host
    } else {
        Reach::Data
    }
}

/// The path without `.`, `..` and repeated slashes; nothing for the root.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.iter().map(|part| format!("/{part}")).collect()
}

/// Whether `path` is `folder` or something in it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A home as a whole, or something hidden in it: keys and what runs at sign-in.
fn is_home(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let inside = match parts.next() {
        Some("root") => parts.next(),
        Some("home") => parts.nth(1),
        _ => return false,
    };
    inside.is_none_or(|name| name.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_host() {
        for path in [
            "/",
            "//",
            "/.",
            "/..",
            "/srv/..",
            "/etc",
            "/etc/",
            "/etc/shadow",
            "/usr/local/bin",
            "/var",
            "/var/lib",
            "/var/lib/docker/volumes/x/_data",
            "/proc",
            "/sys/fs",
            "/dev/sda",
            "/run",
            "/var/run/x",
            "/srv/../etc",
            "/home",
            "/home/ada",
            "/home/ada/.ssh",
            "/root",
            "/root/.ssh/id_ed25519",
            "/lib/modules",
            "",
        ] {
            assert_eq!(reach(path, false), Reach::Host, "{path}");
        }
        for path in ["/var/run/docker.sock", "/srv/podman.sock", "/tmp/a/docker.sock", "//run//docker.sock"] {
            assert_eq!(reach(path, true), Reach::Engine, "{path}");
        }
        for path in [
            "/srv",
            "/srv/data",
            "/opt/app/config",
            "/home/ada/site",
            "/root/site/data",
            "/mnt/disk",
            "/data",
            "/etcetera",
            "/var/lib/app",
            "/var/www",
            "/homestead",
            "/rootless",
        ] {
            assert_eq!(reach(path, false), Reach::Data, "{path}");
        }
    }

    #[test]
    fn what_may_be_read_may_not_be_written() {
        for path in ["/etc/localtime", "/usr/share/zoneinfo/Europe/Paris", "/etc/ssl/certs"] {
            assert_eq!((reach(path, true), reach(path, false)), (Reach::Data, Reach::Host), "{path}");
        }
        assert_eq!(reach("/etc", true), Reach::Host);
        assert_eq!(reach("/etc/ssl/private", true), Reach::Host);
    }
}
