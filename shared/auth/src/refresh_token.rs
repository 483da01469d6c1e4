use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::secret_key::random_bytes;

/// The long-lived half of a sign-in: 32 random bytes, known to the browser's cookie only. What is
/// stored is its hash.
#[derive(Debug, Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// A new token.
    #[must_use]
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes()).into())
    }

    /// Reads a cookie's value; `None` when it cannot be a token of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = (text.len() <= 64).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        (bytes.len() == 32).then(|| Self(text.to_owned().into()))
    }

    /// For the cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// For the database: SHA-256 in hex. A slow hash would add nothing to 256 random bits.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.expose_secret().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_again_by_its_hash_and_never_shown() {
        let token = RefreshToken::generate();
        let again = RefreshToken::parse(token.expose()).expect("valid");
        assert_eq!(token.hash(), again.hash());
        assert!(!format!("{token:?}").contains(token.expose()));
        assert_ne!(token.hash(), RefreshToken::generate().hash());
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in ["", "abc", "a b", &"A".repeat(10_000), &"ż".repeat(22)] {
            assert!(RefreshToken::parse(bad).is_none(), "{bad:?}");
        }
    }
}
