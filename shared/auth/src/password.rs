use std::{sync::Arc, time::Duration};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// The fewest characters of a password.
pub const PASSWORD_MIN_CHARS: usize = 12;
/// The most characters of a password.
pub const PASSWORD_MAX_CHARS: usize = 256;

/// Each hash takes 19 MiB and a core for a while: two at a time, the others wait.
const AT_ONCE: usize = 2;
/// Who waits longer than this is told that the server is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// A password that follows the rule.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

/// The password does not follow the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Its length.
    #[error("must have {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters")]
    Length,
    /// It is the account's name.
    #[error("must not be the username")]
    SameAsUsername,
}

impl NewPassword {
    /// Checks the rule: 12 to 256 characters, and not the username. No rule about kinds of
    /// characters: length is what counts.
    ///
    /// # Errors
    /// [`WeakPassword`], whose text fits after the field's name.
    pub fn new(text: &str, username: &str) -> Result<Self, WeakPassword> {
        if !(PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS).contains(&text.chars().count()) {
            return Err(WeakPassword::Length);
        }
        if text.to_lowercase() == username.to_lowercase() {
            return Err(WeakPassword::SameAsUsername);
        }
        Ok(Self(text.to_owned().into()))
    }
}

/// A stored hash, as a PHC string.
#[derive(Clone)]
pub struct PasswordHash(pub String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password could not be hashed or compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many others are being hashed.
    #[error("too many sign-ins at the same moment")]
    Busy,
    /// The hash function failed: out of memory, or no random numbers.
    #[error("the password could not be hashed")]
    Failed,
}

/// Hashes and compares passwords: argon2id with OWASP's parameters, on threads that may block.
#[derive(Debug, Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn hash(&self, password: NewPassword) -> Result<PasswordHash, PasswordError> {
        self.run(move || {
            let hash: phc::PasswordHash = hasher()
                .hash_password(password.0.expose_secret().as_bytes())
                .map_err(|_| PasswordError::Failed)?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }

    /// Compares. For an account that does not exist `stored` is `None`, and the answer takes as long as
    /// for one that does.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn verify(
        &self,
        stored: Option<PasswordHash>,
        presented: SecretString,
    ) -> Result<bool, PasswordError> {
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.map_or_else(|| NOBODYS.to_owned(), |hash| hash.0);
            let stored = phc::PasswordHash::new(&stored).map_err(|_| PasswordError::Failed)?;
            // Longer ones cannot be anybody's; compared all the same, but not megabytes of them.
            let presented = presented.expose_secret();
            let limit = presented.len().min(PASSWORD_MAX_CHARS * 4 + 1);
            let same = hasher().verify_password(&presented.as_bytes()[..limit], &stored).is_ok();
            Ok(known && same)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Failed)?;
        tokio::task::spawn_blocking(move || {
            // The permit goes along: a caller that gives up does not make room for another hash.
            let _permit = permit;
            work()
        })
        .await
        .map_err(|_| PasswordError::Failed)?
    }
}

/// OWASP's first choice: argon2id, 19 MiB, 2 passes, 1 lane; the crate's default, pinned by a test.
fn hasher() -> Argon2<'static> {
    Argon2::default()
}

/// A hash of something nobody knows, with the parameters of every other.
const NOBODYS: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$VhZ3sLq2kYj0cF8nT5xWbA$kq0Cq4vVb3m1mQ6m1l9nE8lS8xQ1s0oJp3u8m6o2b1E";

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "ada.lovelace1";

    #[test]
    fn the_rule() {
        let rule = |text: &str| NewPassword::new(text, NAME).map(drop);
        assert_eq!(rule("elevenchars"), Err(WeakPassword::Length));
        assert_eq!(rule("twelve chars"), Ok(()));
        assert_eq!(rule(&"é".repeat(256)), Ok(()));
        assert_eq!(rule(&"é".repeat(257)), Err(WeakPassword::Length));
        assert_eq!(rule("Ada.Lovelace1"), Err(WeakPassword::SameAsUsername));
    }

    #[tokio::test]
    async fn compares() {
        let passwords = Passwords::default();
        let new = NewPassword::new("correct horse battery", NAME).expect("follows the rule");
        let hash = passwords.hash(new).await.expect("hashed");
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        let same = |text: &str| passwords.verify(Some(hash.clone()), text.to_owned().into());
        assert_eq!(same("correct horse battery").await, Ok(true));
        assert_eq!(same("correct horse batterz").await, Ok(false));
        assert_eq!(passwords.verify(None, "anything at all".to_owned().into()).await, Ok(false));
        assert_eq!(passwords.verify(None, "x".repeat(1_000_000).into()).await, Ok(false));
    }

    #[test]
    fn nobodys_hash_costs_what_every_other_costs() {
        let nobodys = phc::PasswordHash::new(NOBODYS).expect("a PHC string");
        let anybodys: phc::PasswordHash = hasher().hash_password(b"x").expect("hashed");
        assert_eq!(nobodys.algorithm, anybodys.algorithm);
        assert_eq!(nobodys.params, anybodys.params);
        assert_eq!(nobodys.hash.map(|hash| hash.len()), anybodys.hash.map(|hash| hash.len()));
        assert_eq!(nobodys.salt.map(|salt| salt.len()), anybodys.salt.map(|salt| salt.len()));
    }
}
