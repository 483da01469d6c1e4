use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, Response, StatusCode, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use crate::{Error, Result};

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `unix:///path`.
    Unix(PathBuf),
    /// `tcp://host:port`, without encryption.
    Tcp(String),
}

/// An engine address that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no engine address: write unix:///path/to/docker.sock or tcp://host:port")]
pub struct InvalidAddress(String);

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidAddress> {
        let invalid = || InvalidAddress(text.to_owned());
        if let Some(path) = text.strip_prefix("unix://") {
            let path = PathBuf::from(path);
            return if path.is_absolute() { Ok(Self::Unix(path)) } else { Err(invalid()) };
        }
        let authority =
            text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://")).ok_or_else(invalid)?;
        let authority = authority.trim_end_matches('/');
        let (host, port) = authority.rsplit_once(':').ok_or_else(invalid)?;
        if host.is_empty() || host.contains(['/', '@', '?', '#']) || port.parse::<u16>().is_err() {
            return Err(invalid());
        }
        Ok(Self::Tcp(authority.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(authority) => write!(f, "tcp://{authority}"),
        }
    }
}

/// How long an engine may take to accept a connection and to begin its answer.
const BEGIN_ANSWER: Duration = Duration::from_secs(10);

/// A `GET` with a body of unknown length, over a connection of its own.
///
/// bollard decodes log bodies itself and offers no raw response; this is the one request that
/// Dockline makes around it.
pub(crate) async fn get(
    address: &Address,
    path_and_query: &str,
    operation: &'static str,
) -> Result<Response<Incoming>> {
    let unreachable =
        |reason: &dyn fmt::Display| Error::Unreachable { reason: format!("{address}: {reason}") };
    let answer = tokio::time::timeout(BEGIN_ANSWER, async {
        match address {
            Address::Unix(path) => {
                let socket = UnixStream::connect(path).await.map_err(|e| unreachable(&e))?;
                send(TokioIo::new(socket), path_and_query).await.map_err(|e| unreachable(&e))
            }
            Address::Tcp(authority) => {
                let socket = TcpStream::connect(authority.as_str()).await.map_err(|e| unreachable(&e))?;
                send(TokioIo::new(socket), path_and_query).await.map_err(|e| unreachable(&e))
            }
        }
    })
    .await
    .map_err(|_| Error::TimedOut { operation })??;
    if answer.status() == StatusCode::OK { Ok(answer) } else { Err(refusal(answer, operation).await) }
}

async fn send<S>(socket: S, path_and_query: &str) -> hyper::Result<Response<Incoming>>
where
    S: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(socket).await?;
    // Ends when the response body is dropped or complete: the body is the connection's owner.
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "engine connection ended");
        }
    });
    let request = Request::get(path_and_query)
        .header(hyper::header::HOST, "docker")
        .body(Empty::<Bytes>::new())
        .unwrap_or_else(|_| Request::new(Empty::new()));
    sender.send_request(request).await
}

/// The largest error body that is read.
const MAX_REFUSAL: usize = 64 * 1024;

async fn refusal(answer: Response<Incoming>, operation: &'static str) -> Error {
    let status = answer.status();
    let body = http_body_util::Limited::new(answer.into_body(), MAX_REFUSAL).collect().await;
    let bytes = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let message = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|value| value.get("message")?.as_str().map(str::to_owned))
        .unwrap_or_else(|| format!("status {status}"));
    from_status(status.as_u16(), message, operation)
}

/// What an engine's error status means, for every operation alike.
pub(crate) fn from_status(status: u16, message: String, operation: &'static str) -> Error {
    let unreadable = message.contains("does not support reading");
    match status {
        404 => Error::NotFound,
        _ if unreadable => Error::UnreadableLogs { message },
        501 => Error::UnreadableLogs { message },
        409 => Error::Conflict { message },
        _ => Error::Engine { operation, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_parsed_and_printed() {
        for text in ["unix:///var/run/docker.sock", "tcp://10.0.0.1:2375", "tcp://engine:2375"] {
            assert_eq!(text.parse::<Address>().expect(text).to_string(), text);
        }
        for bad in
            ["", "docker.sock", "unix://relative", "tcp://host", "tcp://:1", "ssh://host", "tcp://a/b:1"]
        {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn unreadable_drivers_are_recognized() {
        let error =
            from_status(501, "configured logging driver does not support reading".into(), "read the log");
        assert!(matches!(error, Error::UnreadableLogs { .. }));
        assert!(matches!(from_status(404, "no".into(), "inspect"), Error::NotFound));
    }
}
