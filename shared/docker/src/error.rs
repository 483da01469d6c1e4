/// What an engine call can end in. `operation` is what was tried, in words that fit after "could not".
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The engine did not answer: it is down, the address is wrong, or it took too long.
    #[error("the engine does not answer: {reason}")]
    Unreachable {
        /// In a few words.
        reason: String,
    },
    /// Trying again is pointless: what is known of this host does not lead to an engine, or to one that speaks no
    /// version of the API that Dockline speaks.
    #[error("{reason}")]
    Unusable {
        /// Why, and what to do.
        reason: String,
    },
    /// The engine answered, but did not finish within the time that Dockline waits.
    #[error("the engine did not {operation} in time")]
    TimedOut {
        /// What was tried.
        operation: &'static str,
    },
    /// There is no such container (any more).
    #[error("there is no such container")]
    NotFound,
    /// Something that the request names is not there, though the container or host is.
    #[error("{message}")]
    Missing {
        /// What.
        what: Missing,
        /// In words that name it.
        message: String,
    },
    /// The engine takes the request for wrong.
    #[error("{message}")]
    Invalid {
        /// The engine's words.
        message: String,
    },
    /// The engine refuses in the container's present state.
    #[error("{message}")]
    Conflict {
        /// The engine's words.
        message: String,
    },
    /// The container's log driver cannot be read back. Trying again is pointless.
    #[error("the logs of this container cannot be read: {message}")]
    UnreadableLogs {
        /// The engine's words.
        message: String,
    },
    /// The engine failed or answered something that makes no sense.
    #[error("the engine could not {operation}: {message}")]
    Engine {
        /// What was tried.
        operation: &'static str,
        /// The engine's words.
        message: String,
    },
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// An image.
    Image,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// A file or folder in a container.
    File,
}

impl Error {
    /// Whether the engine as a whole is the trouble, rather than this one request.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Unusable { .. } | Self::TimedOut { .. })
    }

    /// Whether the engine understood the request and said no, rather than failed at it.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::Missing { .. }
                | Self::Invalid { .. }
                | Self::Conflict { .. }
                | Self::UnreadableLogs { .. }
        )
    }
}

/// Result of an engine call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
