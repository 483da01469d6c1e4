//! Volumes of the driver `local`: their names, and what their options mount.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, text_id};

text_id!(
    /// A volume's name under Docker's own rule (`RestrictedNamePattern`), with a length limit of ours.
    VolumeName,
    "a volume",
    "2 to 255 letters, digits, '_', '.' or '-', beginning with a letter or digit",
    |text| {
        (2..=255).contains(&text.len())
            && text.as_bytes()[0].is_ascii_alphanumeric()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
    }
);

impl VolumeName {
    /// Whether it looks like one that the engine invented: 64 hexadecimal digits.
    #[must_use]
    pub fn is_invented(&self) -> bool {
        self.0.len() == 64 && crate::ids::is_lower_hex(&self.0)
    }
}

/// The options of a volume, which the driver `local` hands to `mount`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VolumeOptions(BTreeMap<String, String>);

/// An option that the driver `local` does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an option of the driver local, which has type, o, device and size")]
pub struct UnknownOption(String);

/// What a volume gives of its host, or lets be mounted with the host's rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeAccess {
    /// A folder, file or device of the host, by its path.
    HostPath(String),
    /// Something that `mount` fetches: a network drive, a file system of any other type.
    Mount(String),
}

impl fmt::Display for VolumeAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostPath(path) => write!(f, "it has the host's {path}"),
            Self::Mount(what) => write!(f, "it mounts {what} with the host's rights"),
        }
    }
}

impl VolumeOptions {
    /// Takes only what the driver has: other drivers' options may mean anything.
    ///
    /// # Errors
    /// [`UnknownOption`], naming the first.
    pub fn new(options: BTreeMap<String, String>) -> Result<Self, UnknownOption> {
        match options.keys().find(|key| !matches!(key.as_str(), "type" | "o" | "device" | "size")) {
            Some(key) => Err(UnknownOption(key.clone())),
            None => Ok(Self(options)),
        }
    }

    /// The options as the driver takes them.
    #[must_use]
    pub const fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// What they reach. `None` for a folder that the engine keeps and for one in memory.
    #[must_use]
    pub fn access(&self) -> Option<VolumeAccess> {
        volume_access(&self.0)
    }
}

/// What the options of a volume that is there, or is wanted, reach.
#[must_use]
pub fn volume_access(options: &BTreeMap<String, String>) -> Option<VolumeAccess> {
    let get = |key: &str| options.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
    let (kind, o, device) = (get("type"), get("o"), get("device"));
    if kind.is_none() && o.is_none() && device.is_none() {
        return None;
    }
    // Whatever the device of a tmpfs is called, it is none.
    if kind == Some("tmpfs") && o.unwrap_or_default().split(',').all(is_harmless_in_memory) {
        return None;
    }
    match device {
        Some(path) if path.starts_with('/') => Some(VolumeAccess::HostPath(path.to_owned())),
        Some(device) => Some(VolumeAccess::Mount(format!("{device} as {}", kind.unwrap_or("none")))),
        None => Some(VolumeAccess::Mount(format!("type {}", kind.unwrap_or("none")))),
    }
}

/// What `mount` may be told about a folder in memory. `bind` and `remount` among others make something else of it.
fn is_harmless_in_memory(option: &str) -> bool {
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    match value {
        Some(value) => {
            matches!(name, "size" | "nr_inodes" | "nr_blocks" | "mode" | "uid" | "gid")
                && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%')
        }
        None => matches!(name, "" | "ro" | "rw" | "noexec" | "nosuid" | "nodev" | "noatime" | "relatime"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(options: &[(&str, &str)]) -> Option<String> {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        VolumeOptions::new(options.collect())
            .expect("known options")
            .access()
            .map(|access| access.to_string())
    }

    #[test]
    fn what_the_engine_keeps_reaches_nothing() {
        for options in [
            &[][..],
            &[("size", "10G")],
            &[("type", ""), ("device", "")],
            &[("type", "tmpfs"), ("device", "tmpfs"), ("o", "size=100m,uid=1000,mode=0700,noexec")],
            &[("type", "tmpfs"), ("device", "/etc")],
        ] {
            assert_eq!(access(options), None, "{options:?}");
        }
    }

    #[test]
    fn what_mount_takes_from_elsewhere_is_named() {
        for (options, expected) in [
            (&[("type", "none"), ("o", "bind"), ("device", "/etc")][..], "it has the host's /etc"),
            (&[("o", "bind"), ("device", "/")], "it has the host's /"),
            (&[("device", "/var/run/docker.sock")], "it has the host's /var/run/docker.sock"),
            (&[("type", "ext4"), ("device", "/dev/sda1")], "it has the host's /dev/sda1"),
            (
                &[("type", "overlay"), ("o", "lowerdir=/,upperdir=/a,workdir=/b"), ("device", "overlay")],
                "it mounts overlay as overlay with the host's rights",
            ),
            (&[("type", "tmpfs"), ("o", "bind"), ("device", "/etc")], "it has the host's /etc"),
            (&[("type", "tmpfs"), ("o", "size=1m,rbind"), ("device", "/")], "it has the host's /"),
            (
                &[("type", "tmpfs"), ("o", "size=1m/../x"), ("device", "x")],
                "it mounts x as tmpfs with the host's rights",
            ),
            (
                &[("type", "nfs"), ("o", "addr=10.0.0.1"), ("device", ":/srv")],
                "it mounts :/srv as nfs with the host's rights",
            ),
            (&[("type", "cifs"), ("device", "//server/share")], "it has the host's //server/share"),
            (&[("type", "proc")], "it mounts type proc with the host's rights"),
            (&[("o", "bind")], "it mounts type none with the host's rights"),
        ] {
            assert_eq!(access(options).as_deref(), Some(expected), "{options:?}");
        }
    }

    #[test]
    fn only_the_drivers_own_options_are_taken() {
        let unknown = VolumeOptions::new(BTreeMap::from([("mountpoint".to_owned(), "/etc".to_owned())]));
        assert!(unknown.expect_err("refused").to_string().contains("mountpoint"));
    }

    #[test]
    fn names_follow_dockers_rule() {
        for bad in ["", "a", "-a", ".a", "a/b", "a%2Fb", "..", "a b", "ä1"] {
            assert!(bad.parse::<VolumeName>().is_err(), "{bad:?} was accepted");
        }
        assert!(!"shop_data".parse::<VolumeName>().expect("a name").is_invented());
        assert!("0a".repeat(32).parse::<VolumeName>().expect("a name").is_invented());
    }
}
