//! TCP connections that notice when their other side vanishes.

use std::{fmt, io, time::Duration};

use socket2::{SockRef, TcpKeepalive};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{DialError, Traffic};

/// How long one of a name's addresses may take to accept.
const CONNECT: Duration = Duration::from_secs(4);

/// A peer that answers nothing for so long is gone, in the opinion of a connection over which nothing comes.
const PROBE_EVERY: Duration = Duration::from_secs(1);
const PROBES: u32 = 3;
/// ... and of one whose data it does not acknowledge.
const UNACKNOWLEDGED: Duration = Duration::from_secs(4);

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    pub(crate) fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Connects to the first of the name's addresses that accepts.
    pub(crate) async fn connect(&self, traffic: Traffic) -> Result<TcpStream, DialError> {
        let unknown = || DialError::UnknownName(self.host.clone());
        let addresses = lookup_host((self.host.as_str(), self.port)).await.map_err(|_| unknown())?;
        let mut failure = unknown();
        for address in addresses {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    watch(&stream, traffic).map_err(|error| DialError::Io(error.to_string()))?;
                    return Ok(stream);
                }
                Ok(Err(error)) => failure = connect_error(&error),
                Err(_) => failure = DialError::TimedOut(CONNECT),
            }
        }
        Err(failure)
    }
}

/// As in a URL: an IPv6 address in brackets.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A read over a peer that vanished would otherwise last until the kernel's keepalive of two hours, a write for a
/// quarter of an hour.
fn watch(stream: &TcpStream, traffic: Traffic) -> io::Result<()> {
    let keepalive =
        TcpKeepalive::new().with_time(PROBE_EVERY).with_interval(PROBE_EVERY).with_retries(PROBES);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_nodelay(true)?;
    // It counts the time that a live peer leaves its window closed, too: an engine that is slow to take an upload
    // must not lose it.
    if traffic != Traffic::Exchange {
        socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    }
    Ok(())
}

fn connect_error(error: &io::Error) -> DialError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => DialError::Refused,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => DialError::NoRoute,
        io::ErrorKind::TimedOut => DialError::TimedOut(CONNECT),
        _ => DialError::Io(error.to_string()),
    }
}
