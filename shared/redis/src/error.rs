use redis::{ErrorKind, RedisError};

use crate::RedisAddress;

/// Why something could not be had from Redis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer, or none in time: whether the command was carried out is not known.
    #[error("Redis does not answer: {0}")]
    Unavailable(String),
    /// It answered something that Dockline did not expect.
    #[error("Redis answered with an error: {0}")]
    Answer(String),
}

/// Result of a command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        match error.kind() {
            // Loading, failing over, out of memory: the server's trouble, which passes or is mended there.
            ErrorKind::Server(_)
            | ErrorKind::Extension
            | ErrorKind::Io
            | ErrorKind::ClusterConnectionNotFound => Self::Unavailable(error.to_string()),
            _ if error.is_timeout() || error.is_connection_dropped() => Self::Unavailable(error.to_string()),
            _ => Self::Answer(error.to_string()),
        }
    }
}

/// Why Redis cannot be used at all. One line each, with what to do; no secrets.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers there.
    #[error("Redis at {address} does not answer ({reason}): is it running, and is DOCKLINE_REDIS_URL right?")]
    Unreachable {
        /// Without user and password.
        address: String,
        /// The system's words.
        reason: String,
    },
    /// The password was refused or is missing.
    #[error("Redis at {address} refuses the password: correct the one in DOCKLINE_REDIS_URL")]
    Refused {
        /// Without user and password.
        address: String,
    },
    /// It speaks TLS, but cannot prove that it is the right one.
    #[error(
        "Redis at {address} has a certificate that is not trusted ({reason}): set DOCKLINE_REDIS_CA to the certificate of the authority that signed it"
    )]
    Untrusted {
        /// Without user and password.
        address: String,
        /// The TLS library's words.
        reason: String,
    },
    /// Another installation works there.
    #[error(
        "Redis at {address} is used by another Dockline installation (its DOCKLINE_SECRET_KEY differs): give each its own Redis, or this one the other's key"
    )]
    Foreign {
        /// Without user and password.
        address: String,
    },
    /// The server cannot do what is needed.
    #[error("Redis at {address} is version {version}: Dockline needs Redis 7 or newer")]
    TooOld {
        /// Without user and password.
        address: String,
        /// What it says.
        version: String,
    },
}

impl ConnectError {
    pub(crate) fn of(address: &RedisAddress, error: &RedisError) -> Self {
        let address = address.to_string();
        let is_refused = error.kind() == ErrorKind::AuthenticationFailed
            || matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "NOPERM"));
        if is_refused {
            return Self::Refused { address };
        }
        let reason = error.to_string().replace('\n', " ");
        if reason.contains("certificate") {
            return Self::Untrusted { address, reason };
        }
        Self::Unreachable { address, reason }
    }
}
