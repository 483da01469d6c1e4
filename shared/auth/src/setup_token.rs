use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::{SecretKey, secret_key::random_bytes};

/// Proves, once, that whoever makes the first administrator can read the server's output or files.
#[derive(Debug, Clone)]
pub struct SetupToken(SecretString);

impl SetupToken {
    /// A new token.
    #[must_use]
    pub fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(&random_bytes()[..24]).into())
    }

    /// The token that every process of an installation finds by itself.
    #[must_use]
    pub fn of_installation(key: &SecretKey) -> Self {
        Self(URL_SAFE_NO_PAD.encode(&key.derive("setup-token").expose_secret()[..24]).into())
    }

    /// Reads the file in which the token is kept; `None` when it holds no token of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let bytes = (text.len() <= 64).then(|| URL_SAFE_NO_PAD.decode(text).ok())??;
        (bytes.len() >= 24).then(|| Self(text.to_owned().into()))
    }

    /// For the link and the file.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Compares in a time that does not depend on where the two differ.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.expose_secret().as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_itself_only() {
        let token = SetupToken::generate();
        assert!(token.matches(token.expose()));
        assert!(!token.matches(""));
        assert!(!token.matches(SetupToken::generate().expose()));
        let kept = SetupToken::parse(&format!("{}\n", token.expose())).expect("valid");
        assert!(kept.matches(token.expose()));
        assert!(SetupToken::parse("short").is_none());
        let key = SecretKey::generate();
        let (one, other) = (SetupToken::of_installation(&key), SetupToken::of_installation(&key));
        assert!(one.matches(other.expose()));
        assert!(!one.matches(SetupToken::of_installation(&SecretKey::generate()).expose()));
        assert!(!format!("{token:?}").contains(token.expose()));
    }
}
