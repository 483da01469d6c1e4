use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What an engine, or the SSH server before it, wants to see. No secret is ever shown by `Debug`.
#[derive(Debug, Clone, Default)]
pub enum Credentials {
    /// Nothing.
    #[default]
    None,
    /// TLS with certificates on both sides.
    Tls(TlsCredentials),
    /// An SSH log-in by key.
    Ssh(SshCredentials),
}

/// For an engine that listens with `--tlsverify`.
#[derive(Debug, Clone)]
pub struct TlsCredentials {
    /// The certificates, in PEM form, of whoever signed the engine's.
    pub ca: String,
    /// The client's certificate in PEM form, intermediate ones after it.
    pub certificate: String,
    /// The client certificate's private key, in PEM form without a passphrase.
    pub key: SecretString,
}

/// For an engine behind an SSH server.
#[derive(Debug, Clone)]
pub struct SshCredentials {
    /// In OpenSSH's or PEM form, without a passphrase.
    pub private_key: SecretString,
    /// The server's public key as in `known_hosts`: `ssh-ed25519 AAAA…`. Any other key is refused.
    pub host_key: String,
}

/// Credentials that were sealed by somebody else's code.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the stored credentials cannot be read: give them anew")]
pub struct UnreadableCredentials;

impl Credentials {
    /// Everything, secrets in the clear, for sealing.
    #[must_use]
    pub fn to_secret_json(&self) -> SecretString {
        let stored = match self {
            Self::None => Stored::None,
            Self::Tls(tls) => Stored::Tls {
                ca: tls.ca.clone(),
                certificate: tls.certificate.clone(),
                key: tls.key.expose_secret().to_owned(),
            },
            Self::Ssh(ssh) => Stored::Ssh {
                private_key: ssh.private_key.expose_secret().to_owned(),
                host_key: ssh.host_key.clone(),
            },
        };
        // Strings and maps always serialize.
        serde_json::to_string(&stored).unwrap_or_default().into()
    }

    /// What [`Self::to_secret_json`] made. The error says nothing of what is inside.
    pub fn from_secret_json(text: &str) -> Result<Self, UnreadableCredentials> {
        Ok(match serde_json::from_str(text).map_err(|_| UnreadableCredentials)? {
            Stored::None => Self::None,
            Stored::Tls { ca, certificate, key } => {
                Self::Tls(TlsCredentials { ca, certificate, key: key.into() })
            }
            Stored::Ssh { private_key, host_key } => {
                Self::Ssh(SshCredentials { private_key: private_key.into(), host_key })
            }
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Stored {
    None,
    Tls { ca: String, certificate: String, key: String },
    Ssh { private_key: String, host_key: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_survive_sealing_and_are_never_shown() {
        let tls =
            TlsCredentials { ca: "ca".into(), certificate: "mine".into(), key: "hunter2".to_owned().into() };
        let ssh =
            SshCredentials { private_key: "hunter2".to_owned().into(), host_key: "ssh-ed25519 A".into() };
        for credentials in [Credentials::None, Credentials::Tls(tls), Credentials::Ssh(ssh)] {
            let json = credentials.to_secret_json();
            let again = Credentials::from_secret_json(json.expose_secret()).expect("what was sealed");
            assert_eq!(again.to_secret_json().expose_secret(), json.expose_secret());
            assert!(!format!("{credentials:?} {json:?}").contains("hunter2"));
        }
        let error =
            Credentials::from_secret_json("{\"kind\":\"tls\",\"key\":\"hunter2\"").expect_err("cut off");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
