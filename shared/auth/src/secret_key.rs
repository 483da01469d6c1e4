use std::sync::Arc;

use base64::{Engine, engine::general_purpose};
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

/// The 32 bytes from which every other key is derived; all replicas of a cluster share them.
#[derive(Clone)]
pub struct SecretKey(Arc<SecretBox<[u8; 32]>>);

/// The text is not such a key. Says nothing about the text, since that may be nearly a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret key must be 32 random bytes in base64, for example from `openssl rand -base64 32`")]
pub struct InvalidKey;

impl SecretKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(Arc::new(SecretBox::new(Box::new(random_bytes()))))
    }

    /// Reads base64, ordinary or URL-safe, with or without padding; white space around it is ignored.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not base64 of exactly 32 bytes, or all bytes are the same.
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim().trim_end_matches('=');
        let bytes = general_purpose::STANDARD_NO_PAD
            .decode(text)
            .or_else(|_| general_purpose::URL_SAFE_NO_PAD.decode(text))
            .map_err(|_| InvalidKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| InvalidKey)?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(InvalidKey);
        }
        Ok(Self(Arc::new(SecretBox::new(Box::new(bytes)))))
    }

    /// The key as [`SecretKey::from_base64`] reads it, for the file in which it is kept.
    #[must_use]
    pub fn to_base64(&self) -> SecretString {
        general_purpose::STANDARD.encode(self.0.expose_secret()).into()
    }

    /// Tells installations apart without telling the key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let bytes = self.derive("fingerprint");
        bytes.expose_secret()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A key of its own for one use. The first step of HKDF is not needed, since the input is
    /// uniformly random; this is its second step for one block.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> SecretBox<[u8; 32]> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("any key length");
        mac.update(b"dockline/");
        mac.update(purpose.as_bytes());
        mac.update(&[1]);
        SecretBox::new(Box::new(mac.finalize().into_bytes().into()))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Random bytes from the operating system. Without them nothing here is safe, so that is a panic.
pub(crate) fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    #[expect(clippy::expect_used, reason = "no randomness, no secrets: there is no safe way on")]
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).expect("the operating system's random numbers");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_both_alphabets() {
        let key = SecretKey::generate();
        let text = key.to_base64();
        let again = SecretKey::from_base64(&format!(" {}\n", text.expose_secret())).expect("valid");
        assert_eq!(key.derive("x").expose_secret(), again.derive("x").expose_secret());
        let url = text.expose_secret().replace('+', "-").replace('/', "_").replace('=', "");
        assert!(SecretKey::from_base64(&url).is_ok());
    }

    #[test]
    fn refuses_other_lengths_and_placeholders() {
        let zeros = general_purpose::STANDARD.encode([0; 32]);
        for bad in ["", "c2hvcnQ=", "not base64!", zeros.as_str()] {
            assert!(SecretKey::from_base64(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn each_use_has_a_key_of_its_own_and_none_is_shown() {
        let key = SecretKey::generate();
        assert_ne!(key.derive("a").expose_secret(), key.derive("b").expose_secret());
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
    }
}
