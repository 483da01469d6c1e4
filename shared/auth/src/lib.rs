//! Proof of identity: passwords ([`Passwords`]), access tokens ([`AccessTokens`]), refresh tokens
//! ([`RefreshToken`]), the set-up token ([`SetupToken`]), the key under all of them ([`SecretKey`]), and the
//! encryption of secrets that must be kept ([`Sealer`]).
//!
//! No HTTP and no SQL here: what is checked, not where it comes from or where it is kept. What somebody
//! may do is `dockline_domain::access`. Secrets are held in `secrecy` types; no `Debug` shows one.

mod access_token;
mod password;
mod refresh_token;
mod sealer;
mod secret_key;
mod setup_token;

pub use access_token::{ACCESS_TOKEN_SECONDS, AccessClaims, AccessTokens, InvalidToken, IssuedToken};
pub use password::{
    NewPassword, PASSWORD_MAX_CHARS, PASSWORD_MIN_CHARS, PasswordError, PasswordHash, Passwords, WeakPassword,
};
pub use refresh_token::RefreshToken;
pub use sealer::{CannotOpen, Sealer};
pub use secret_key::{InvalidKey, SecretKey};
pub use setup_token::SetupToken;
