use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use secrecy::{ExposeSecret, SecretString};

use crate::SecretKey;

/// Encrypts secrets that must be kept (AES-256-GCM, a random nonce each time). A sealed text is bound to what it
/// belongs to: copied to another owner it cannot be opened.
#[derive(Clone)]
pub struct Sealer(Arc<RandomizedNonceKey>);

/// A sealed text that this key does not open, or not for this owner. Says nothing about the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed under another secret key, for another owner, or was altered")]
pub struct CannotOpen;

/// The first byte of everything that is sealed this way.
const VERSION: u8 = 1;

impl Sealer {
    /// Seals under a key that is derived from `key` for this use only.
    #[must_use]
    pub fn new(key: &SecretKey) -> Self {
        let derived = key.derive("sealed-secrets");
        #[expect(clippy::expect_used, reason = "the derived key has the size of an AES-256 key")]
        let key = RandomizedNonceKey::new(&AES_256_GCM, derived.expose_secret()).expect("a key of 32 bytes");
        Self(Arc::new(key))
    }

    /// Seals a text for `owner`: the version, the nonce, the encrypted text and its tag.
    #[must_use]
    pub fn seal(&self, owner: &str, secret: &SecretString) -> Vec<u8> {
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        #[expect(
            clippy::expect_used,
            reason = "it fails without randomness only, and then nothing here is safe"
        )]
        let nonce = self.0.seal_in_place_append_tag(Aad::from(bound_to(owner)), &mut bytes).expect("sealed");
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + bytes.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut bytes);
        sealed
    }

    /// Opens what [`Self::seal`] made for the same owner.
    ///
    /// # Errors
    /// [`CannotOpen`], whatever is wrong.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<SecretString, CannotOpen> {
        let (version, rest) = sealed.split_first().ok_or(CannotOpen)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        if *version != VERSION {
            return Err(CannotOpen);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut bytes = text.to_vec();
        let length = self
            .0
            .open_in_place(nonce, Aad::from(bound_to(owner)), &mut bytes)
            .map_err(|_| CannotOpen)?
            .len();
        // The tag stands behind the text.
        bytes.truncate(length);
        String::from_utf8(bytes).map(Into::into).map_err(|_| CannotOpen)
    }
}

/// What is authenticated beside the text.
fn bound_to(owner: &str) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(owner.as_bytes());
    bytes
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_owner_open_it_and_nothing_repeats() {
        let key = SecretKey::generate();
        let sealer = Sealer::new(&key);
        let secret: SecretString = "hunter2".to_owned().into();
        let sealed = sealer.seal("hosts/edge", &secret);
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        assert_ne!(sealer.seal("hosts/edge", &secret), sealed, "a nonce of its own each time");
        let again = Sealer::new(&key).open("hosts/edge", &sealed).expect("the same key");
        assert_eq!(again.expose_secret(), "hunter2");
        assert!(sealer.open("hosts/other", &sealed).is_err(), "moved to another owner");
        assert!(Sealer::new(&SecretKey::generate()).open("hosts/edge", &sealed).is_err());
        assert_eq!(format!("{sealer:?}"), "Sealer(…)");
    }

    #[test]
    fn every_altered_or_missing_byte_is_noticed() {
        let sealer = Sealer::new(&SecretKey::generate());
        let sealed = sealer.seal("a", &"secret".to_owned().into());
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(sealer.open("a", &altered).is_err(), "byte {index}");
            assert!(sealer.open("a", &sealed[..index]).is_err(), "cut at {index}");
        }
    }
}
