use std::sync::Arc;

use russh::keys::{Algorithm, HashAlg, PrivateKey, PublicKey, decode_secret_key, key::PrivateKeyWithHashAlg};
use secrecy::ExposeSecret;

use crate::{InvalidConnection, SshCredentials};

/// Who we are and who the server must be.
pub(super) struct Keys {
    private: Arc<PrivateKey>,
    host: PublicKey,
}

impl Keys {
    pub(super) fn read(credentials: &SshCredentials) -> Result<Self, InvalidConnection> {
        let private = Arc::new(private_key(credentials.private_key.expose_secret())?);
        Ok(Self { private, host: host_key(&credentials.host_key)? })
    }

    pub(super) fn ours(&self) -> PrivateKeyWithHashAlg {
        PrivateKeyWithHashAlg::new(Arc::clone(&self.private), None)
    }

    /// Our public key's type and fingerprint, as `ssh-keygen -l` tells them.
    pub(super) fn our_fingerprint(&self) -> String {
        fingerprint(self.private.public_key())
    }

    /// The only key that the server may show.
    pub(super) const fn host(&self) -> &PublicKey {
        &self.host
    }
}

/// A key's type and fingerprint, as `ssh-keygen -l` tells them.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}

fn private_key(text: &str) -> Result<PrivateKey, InvalidConnection> {
    let invalid = |message: &str| InvalidConnection { field: "private_key", message: message.to_owned() };
    // The parser takes lines as they are, and an error of its may quote the text.
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| line.contains("BEGIN RSA PRIVATE KEY")) {
        return Err(invalid(OTHER_TYPE));
    }
    let key = decode_secret_key(&lines.join("\n"), None).map_err(|error| match error {
        russh::keys::Error::KeyIsEncrypted => invalid(PASSPHRASE),
        russh::keys::Error::UnsupportedKeyType { .. } | russh::keys::Error::UnknownAlgorithm(_) => {
            invalid(OTHER_TYPE)
        }
        _ if text.contains("ENCRYPTED") => invalid(PASSPHRASE),
        _ => invalid(
            "it cannot be read; give the whole text that begins with -----BEGIN OPENSSH PRIVATE KEY-----",
        ),
    })?;
    if key.is_encrypted() {
        return Err(invalid(PASSPHRASE));
    }
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => Ok(key),
        _ => Err(invalid(OTHER_TYPE)),
    }
}

const PASSPHRASE: &str =
    "it has a passphrase, which nobody could enter; remove it from a copy with `ssh-keygen -p -N '' -f COPY`";
const OTHER_TYPE: &str = "only Ed25519 and ECDSA keys can be used; make one with `ssh-keygen -t ed25519`";

/// A line of `known_hosts`, of `ssh-keyscan`, or of a `.pub` file.
fn host_key(text: &str) -> Result<PublicKey, InvalidConnection> {
    let invalid = |message: &str| InvalidConnection { field: "host_key", message: message.to_owned() };
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (line, more) = (lines.next().unwrap_or_default(), lines.next());
    if more.is_some() {
        return Err(invalid("give one line, for one key; prefer ssh-ed25519"));
    }
    if line.starts_with('@') {
        return Err(invalid("a line with @cert-authority or @revoked is no key; give the server's own key"));
    }
    let mut words = line.split_whitespace().skip_while(|word| !is_key_type(word));
    let (Some(kind), Some(key)) = (words.next(), words.next()) else {
        return Err(invalid(
            "give the server's public key as `ssh-ed25519 AAAA…`; `ssh-keyscan -t ed25519 HOST` shows it, and so does /etc/ssh/ssh_host_ed25519_key.pub on the server",
        ));
    };
    let key = PublicKey::from_openssh(&format!("{kind} {key}"))
        .map_err(|_| invalid("the key after its type cannot be read; copy the whole line"))?;
    match key.algorithm() {
        Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => Ok(key),
        _ => {
            Err(invalid("only Ed25519 and ECDSA host keys can be checked; give the server's ssh-ed25519 key"))
        }
    }
}

fn is_key_type(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-"].iter().any(|prefix| word.starts_with(prefix))
}
