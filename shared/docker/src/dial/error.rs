use std::{path::PathBuf, time::Duration};

/// Why an engine could not be reached, and what to do. Follows the address in messages, so it does not repeat it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DialError {
    #[error("there is no such socket; start the engine, or correct the path")]
    NoSocket,
    #[error(
        "permission denied for the socket; let Dockline's user be in the group that owns it, usually `docker`"
    )]
    SocketDenied,
    #[error("connection refused; start the engine, or correct the port")]
    Refused,
    #[error("the name `{0}` has no address; correct it, or the name server's entry")]
    UnknownName(String),
    #[error("there is no route to it; check the address and the network")]
    NoRoute,
    #[error("no connection within {} s; check the address, and the firewalls on the way", .0.as_secs())]
    TimedOut(Duration),
    #[error("{0}")]
    Io(String),

    #[error("{0}")]
    Tls(String),

    #[error("an ssh:// address needs a private key and the server's host key; add them to this host")]
    WithoutKey,
    #[error(
        "the SSH server's host key is {found}, not {wanted}; when it was renewed on purpose, give the new one, otherwise somebody else answers in its place"
    )]
    HostKey { found: String, wanted: String },
    #[error("the SSH server has no host key of the type {wanted}, only {offered}; give one of those")]
    HostKeyType { wanted: String, offered: String },
    #[error(
        "permission denied (publickey); add the public part of the private key ({key}) to the file authorized_keys of the user {user}"
    )]
    KeyDenied { key: String, user: String },
    #[error(
        "the SSH server did not connect to the socket {} over there; start the engine, correct the path, let the user {user} be in the group that owns it (usually `docker`), and see that sshd_config does not forbid it (AllowStreamLocalForwarding)",
        .socket.display()
    )]
    NoFarSocket { socket: PathBuf, user: String },
    #[error(
        "the SSH server forbids connections to Unix sockets; allow them in its sshd_config (AllowStreamLocalForwarding)"
    )]
    ForwardingForbidden,
    #[error("the SSH session broke: {0}")]
    SessionBroke(String),
    #[error("the SSH log-in failed: {0}")]
    Login(String),
}

impl DialError {
    /// Whether asking again at once would only annoy the server.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(self, Self::HostKey { .. } | Self::HostKeyType { .. } | Self::KeyDenied { .. })
    }
}
