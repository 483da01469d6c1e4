//! The ways to an engine. Everything that Dockline asks an engine goes through [`Dialer::dial`]; each request has a
//! connection of its own.

mod error;
mod ssh;
mod tcp;
mod tls;

use std::{io, path::PathBuf, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::UnixStream,
    time::timeout,
};

pub(crate) use self::error::DialError;
pub(crate) use self::tls::explain as explain_tls;
use self::{ssh::SshDialer, tcp::Endpoint, tls::TlsDialer};
use crate::{Address, Credentials, InvalidConnection};

/// How long a connection may take until a request can be sent: names resolved, keys exchanged, logged in.
pub(crate) const DIAL: Duration = Duration::from_secs(8);

/// An open connection to an engine.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// What a connection is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traffic {
    /// A small request whose answer is taken in as it comes: calls, and streams that only trickle.
    Call,
    /// A small request whose answer may be large and is read at its reader's pace.
    Read,
    /// Both sides send at their own pace: uploads, and connections that are upgraded.
    Exchange,
}

/// One way to one engine, ready to use.
#[derive(Debug)]
pub(crate) enum Dialer {
    Unix(PathBuf),
    Tcp(Endpoint),
    Tls(TlsDialer),
    Ssh(SshDialer),
    /// An SSH server wants a key, and there is none.
    WithoutKey,
}

impl Dialer {
    /// Checks that the address and the credentials belong together, and reads the credentials.
    pub(crate) fn new(address: &Address, credentials: &Credentials) -> Result<Self, InvalidConnection> {
        let invalid =
            |message: &str| Err(InvalidConnection { field: "address", message: message.to_owned() });
        match (address, credentials) {
            (Address::Tcp { host, port }, Credentials::Tls(tls)) => {
                TlsDialer::new(Endpoint::new(host, *port), tls).map(Self::Tls)
            }
            (Address::Ssh { user, host, port, socket }, Credentials::Ssh(ssh)) => {
                SshDialer::new(Endpoint::new(host, *port), user, socket, ssh).map(Self::Ssh)
            }
            (Address::Unix(_) | Address::Tcp { .. }, Credentials::None) => Ok(Self::plain(address)),
            (Address::Ssh { .. }, _) => {
                invalid("an ssh:// address needs a private key and the server's host key")
            }
            (_, Credentials::Ssh(_)) => invalid("an SSH key is for an address that begins with ssh://"),
            (Address::Unix(_), Credentials::Tls(_)) => {
                invalid("TLS is for an address that begins with tcp://; a Unix socket takes no certificates")
            }
        }
    }

    /// The way to an address without credentials.
    pub(crate) fn plain(address: &Address) -> Self {
        match address {
            Address::Unix(path) => Self::Unix(path.clone()),
            Address::Tcp { host, port } => Self::Tcp(Endpoint::new(host, *port)),
            Address::Ssh { .. } => Self::WithoutKey,
        }
    }

    /// Opens a connection.
    pub(crate) async fn dial(&self, traffic: Traffic) -> Result<Box<dyn Socket>, DialError> {
        let dialed = async {
            let socket: Box<dyn Socket> = match self {
                Self::Unix(path) => Box::new(UnixStream::connect(path).await.map_err(socket_error)?),
                Self::Tcp(endpoint) => Box::new(endpoint.connect(traffic).await?),
                Self::Tls(tls) => Box::new(tls.connect(traffic).await?),
                Self::Ssh(ssh) => Box::new(ssh.connect(traffic).await?),
                Self::WithoutKey => return Err(DialError::WithoutKey),
            };
            Ok(socket)
        };
        timeout(DIAL, dialed).await.unwrap_or(Err(DialError::TimedOut(DIAL)))
    }

    /// Why the engine ended a connection before it answered, where it tells those who only listen.
    ///
    /// An engine that does not accept the client certificate says so after the client has begun to send its request;
    /// a connection that is reset because of that request loses the words.
    pub(crate) async fn refusal(&self) -> Option<DialError> {
        match self {
            Self::Tls(tls) => tls.refusal().await,
            _ => None,
        }
    }

    /// What the requests' `Host` header says.
    pub(crate) fn host_header(&self) -> String {
        match self {
            Self::Tcp(endpoint) => endpoint.to_string(),
            Self::Tls(tls) => tls.endpoint().to_string(),
            Self::Unix(_) | Self::Ssh(_) | Self::WithoutKey => "docker".to_owned(),
        }
    }
}

fn socket_error(error: io::Error) -> DialError {
    match error.kind() {
        io::ErrorKind::NotFound => DialError::NoSocket,
        io::ErrorKind::PermissionDenied => DialError::SocketDenied,
        io::ErrorKind::ConnectionRefused => DialError::Refused,
        _ => DialError::Io(error.to_string()),
    }
}
