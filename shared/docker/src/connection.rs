use std::sync::Arc;

use crate::{Address, Credentials, dial::Dialer};

/// The way to an engine: where it is and what it wants to see. Clones share what is open for all requests, such as an SSH
/// session.
#[derive(Debug, Clone)]
pub struct Connection {
    address: Address,
    credentials: Credentials,
    dialer: Arc<Dialer>,
}

/// An address and credentials that cannot go together, or credentials that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InvalidConnection {
    /// Whose fault it is: `address`, `ca`, `certificate`, `key`, `private_key` or `host_key`.
    pub field: &'static str,
    /// What is wrong and what to do. Holds no secret.
    pub message: String,
}

impl Connection {
    /// A connection whose parts fit together and whose credentials can be read. Nobody is contacted.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn new(address: Address, credentials: Credentials) -> Result<Self, InvalidConnection> {
        let dialer = Arc::new(Dialer::new(&address, &credentials)?);
        Ok(Self { address, credentials, dialer })
    }

    /// A connection without credentials, for `unix://` and for `tcp://` without encryption. One for `ssh://` fails when
    /// it is used, and says why.
    #[must_use]
    pub fn plain(address: Address) -> Self {
        let dialer = Arc::new(Dialer::plain(&address));
        Self { address, credentials: Credentials::None, dialer }
    }

    /// Where the engine is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// What it wants to see.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    pub(crate) fn dialer(&self) -> &Dialer {
        &self.dialer
    }
}
