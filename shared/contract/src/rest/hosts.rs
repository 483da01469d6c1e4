use std::collections::BTreeMap;

use dockline_domain::host;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a host's engine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HostState {
    /// The engine answers.
    Online,
    /// The engine does not answer.
    Offline,
    /// An administrator disabled it: its engine is not asked.
    Disabled,
}

/// Who put a host into the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HostOrigin {
    /// The settings of the process: it cannot be removed, and its address not be changed.
    Settings,
    /// An administrator.
    Added,
}

/// How the way to a host's engine is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HostSecurity {
    /// Not at all: a Unix socket, or plain TCP.
    None,
    /// TLS with certificates on both sides.
    Tls,
    /// SSH with a key.
    Ssh,
}

/// A Docker host.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HostStatus {
    /// The host's ID; `local` in standalone.
    pub id: String,
    /// Whether its engine answers.
    pub state: HostState,
    /// Why not, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Words of the administrators, to find and to group.
    pub labels: BTreeMap<String, String>,
    /// Whether it is used at all.
    pub enabled: bool,
    /// Who put it here.
    pub origin: HostOrigin,
    /// How the way to its engine is secured.
    pub security: HostSecurity,
    /// The engine's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The API version that was negotiated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// For example `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<String>,
    /// Processors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Memory in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// Images stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<u64>,
    /// Time that the engine took to answer, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
}

/// Every host.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HostList {
    /// The hosts, by ID.
    pub items: Vec<HostStatus>,
}

/// Adds a host.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateHost {
    /// 1 to 63 lower-case letters, digits or dashes, beginning with a letter or digit; not `test`.
    #[schema(example = "edge-1")]
    pub id: String,
    /// `unix:///path/to/docker.sock`, `tcp://host:port` or `ssh://user@host[:port][/path/to/docker.sock]`.
    #[schema(example = "tcp://10.0.0.2:2376")]
    pub address: String,
    /// At most 32. Names are 1 to 63 lower-case letters, digits, `.`, `_`, `/` or `-`, values at most 128 characters.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Whether it is used; true by default.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// For an engine that listens with `--tlsverify`.
    #[serde(default)]
    pub tls: Option<HostTls>,
    /// For an `ssh://` address, which needs it.
    #[serde(default)]
    pub ssh: Option<HostSsh>,
}

/// Changes a host; what is absent stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateHost {
    /// A new address. The credentials must then be given again.
    #[serde(default)]
    pub address: Option<String>,
    /// New labels in the place of all.
    #[serde(default)]
    pub labels: Option<BTreeMap<String, String>>,
    /// Whether it is used.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// New certificates; null for an engine on plain TCP.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<HostTls>)]
    pub tls: Option<Option<HostTls>>,
    /// A new key.
    #[serde(default)]
    pub ssh: Option<HostSsh>,
}

/// A host to be tried, without being kept.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryHost {
    /// As it would be called.
    #[serde(default)]
    pub id: Option<String>,
    /// As in `CreateHost`.
    #[schema(example = "tcp://10.0.0.2:2376")]
    pub address: String,
    /// Of no meaning here.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// As in `CreateHost`.
    #[serde(default)]
    pub tls: Option<HostTls>,
    /// As in `CreateHost`.
    #[serde(default)]
    pub ssh: Option<HostSsh>,
}

/// TLS with certificates on both sides; everything in PEM. Never part of an answer.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostTls {
    /// The certificates of whoever signed the engine's.
    pub ca: String,
    /// The client's certificate, intermediate ones after it.
    pub certificate: String,
    /// The client certificate's private key, without a passphrase.
    #[schema(format = Password)]
    pub key: String,
}

/// An SSH log-in by key. Never part of an answer.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HostSsh {
    /// In OpenSSH's or PEM form, without a passphrase.
    #[schema(format = Password)]
    pub private_key: String,
    /// The server's public key as in `known_hosts`; any other is refused.
    #[schema(example = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…")]
    pub host_key: String,
}

/// How trying a host ended.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HostTrial {
    /// Whether its engine answered, and is one that Dockline can use.
    pub ok: bool,
    /// Why not, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The engine's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine_version: Option<String>,
    /// The API version that was negotiated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// For example `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<String>,
    /// Time that the engine took to answer a ping, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
}

impl From<host::HostOrigin> for HostOrigin {
    fn from(origin: host::HostOrigin) -> Self {
        match origin {
            host::HostOrigin::Settings => Self::Settings,
            host::HostOrigin::Added => Self::Added,
        }
    }
}

impl From<host::HostSecurity> for HostSecurity {
    fn from(security: host::HostSecurity) -> Self {
        match security {
            host::HostSecurity::None => Self::None,
            host::HostSecurity::Tls => Self::Tls,
            host::HostSecurity::Ssh => Self::Ssh,
        }
    }
}

/// Tells null from absent.
fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// None of these shows a secret.
macro_rules! shown_as {
    ($($name:ident: $($field:ident),*;)*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

shown_as! {
    CreateHost: id, address, labels, enabled, tls, ssh;
    UpdateHost: address, labels, enabled, tls, ssh;
    TryHost: id, address, tls, ssh;
    HostTls: ca, certificate;
    HostSsh: host_key;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_are_two_things_and_secrets_stay_hidden() {
        let parse = |text: &str| serde_json::from_str::<UpdateHost>(text).expect("valid");
        assert!(parse("{}").tls.is_none());
        assert!(matches!(parse(r#"{"tls":null}"#).tls, Some(None)));
        let given = parse(r#"{"tls":{"ca":"c","certificate":"d","key":"hunter2"}}"#);
        assert!(matches!(&given.tls, Some(Some(tls)) if tls.key == "hunter2"));
        let ssh = parse(r#"{"ssh":{"private_key":"hunter2","host_key":"k"}}"#);
        assert!(!format!("{given:?} {ssh:?}").contains("hunter2"));
        assert!(serde_json::from_str::<UpdateHost>(r#"{"origin":"added"}"#).is_err());
    }
}
