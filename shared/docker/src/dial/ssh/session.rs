//! One log-in at an SSH server.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use russh::{
    AlgorithmKind, ChannelOpenFailure, SshId,
    client::{self, AuthResult, DisconnectReason},
    keys::{PublicKey, PublicKeyOrCertificate},
};

use super::{Server, channel::ChannelSocket, keys::fingerprint};
use crate::dial::{DialError, Traffic};

/// A server that is silent for so long is asked for a sign of life, and given up after so many without answer: within
/// four seconds. TCP's own signs end at the machine; these end at the server.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
const SIGNS_MISSED: usize = 3;

/// A session over which nothing comes, not even a sign of life, is over: it may have got stuck before the log-in, and
/// whoever waited for it be gone.
const SILENT: Duration = Duration::from_secs(10);

/// How many packets of at most 32 KiB a channel holds before its session waits for the reader.
const CHANNEL_PACKETS: usize = 64;

/// A session that is logged in. Ends when it and its channels are dropped.
pub(super) struct Session {
    handle: client::Handle<Watcher>,
    told: Arc<Told>,
}

/// What the server's side of a session told while nobody asked.
#[derive(Default)]
struct Told {
    other_key: OnceLock<String>,
    end: OnceLock<String>,
}

impl Session {
    pub(super) async fn log_in(server: &Server) -> Result<Self, DialError> {
        // A session carries many requests, so its socket watches for the most sensitive of them. SSH has windows of
        // its own: the server always takes what is sent.
        let stream = server.endpoint.connect(Traffic::Call).await?;
        let told = Arc::new(Told::default());
        let watcher = Watcher { host_key: server.keys.host().clone(), told: Arc::clone(&told) };
        let mut handle = client::connect_stream(config(server), stream, watcher)
            .await
            .map_err(|error| handshake_error(server, &told, error))?;
        let answer = handle.authenticate_publickey(&server.user, server.keys.ours()).await;
        match answer {
            Ok(AuthResult::Success) => Ok(Self { handle, told }),
            // russh tells the end of the session as a failure that leaves no method.
            Ok(AuthResult::Failure { ref remaining_methods, .. }) if remaining_methods.is_empty() => {
                Err(DialError::Login(told.why()))
            }
            Ok(AuthResult::Failure { partial_success: true, .. }) => Err(DialError::Login(
                "the server wants another proof besides the key; let the user log in by key alone".to_owned(),
            )),
            Ok(AuthResult::Failure { .. }) => {
                Err(DialError::KeyDenied { key: server.keys.our_fingerprint(), user: server.user.clone() })
            }
            Err(error) => Err(DialError::Login(told.end.get().cloned().unwrap_or_else(|| error.to_string()))),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !self.handle.is_closed()
    }

    /// Opens a channel to the engine's socket.
    pub(super) async fn open(
        self: Arc<Self>,
        server: &Server,
        traffic: Traffic,
    ) -> Result<ChannelSocket, DialError> {
        let path = server.socket.to_string_lossy();
        match self.handle.channel_open_direct_streamlocal(path).await {
            Ok(channel) => Ok(ChannelSocket::new(channel, self, traffic)),
            Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited)) => {
                Err(DialError::ForwardingForbidden)
            }
            Err(russh::Error::ChannelOpenFailure(_)) => Err(DialError::NoFarSocket {
                socket: PathBuf::clone(&server.socket),
                user: server.user.clone(),
            }),
            Err(_) => Err(DialError::SessionBroke(self.why_it_ended())),
        }
    }

    pub(super) fn why_it_ended(&self) -> String {
        self.told.why()
    }
}

impl Told {
    fn why(&self) -> String {
        self.end.get().cloned().unwrap_or_else(|| "the SSH server ended the session".to_owned())
    }
}

fn config(server: &Server) -> Arc<client::Config> {
    let mut config = client::Config {
        client_id: SshId::Standard("SSH-2.0-Dockline".into()),
        keepalive_interval: Some(SIGN_OF_LIFE),
        keepalive_max: SIGNS_MISSED,
        inactivity_timeout: Some(SILENT),
        channel_buffer_size: CHANNEL_PACKETS,
        nodelay: true,
        ..client::Config::default()
    };
    // A server has several host keys; this makes it show the one that we know.
    config.preferred.key = vec![server.keys.host().algorithm()].into();
    Arc::new(config)
}

fn handshake_error(server: &Server, told: &Told, error: russh::Error) -> DialError {
    let wanted = server.keys.host();
    match error {
        russh::Error::UnknownKey => DialError::HostKey {
            found: told.other_key.get().cloned().unwrap_or_else(|| "another one".to_owned()),
            wanted: fingerprint(wanted),
        },
        russh::Error::NoCommonAlgo { kind: AlgorithmKind::Key, theirs, .. } => {
            DialError::HostKeyType { wanted: wanted.algorithm().to_string(), offered: theirs.join(", ") }
        }
        russh::Error::Version => DialError::Login("what answers there is not an SSH server".to_owned()),
        russh::Error::IO(error) if error.kind() == io::ErrorKind::UnexpectedEof => hung_up(),
        russh::Error::Disconnect | russh::Error::HUP => hung_up(),
        other => DialError::Login(words(&other)),
    }
}

fn hung_up() -> DialError {
    DialError::Login(
        "the server ended the connection before the log-in; it may have too many at once (MaxStartups) or not admit this machine".to_owned(),
    )
}

/// Checks the server's key, and keeps the last words of a session.
struct Watcher {
    host_key: PublicKey,
    told: Arc<Told>,
}

impl client::Handler for Watcher {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else { return Ok(false) };
        let known = key.key_data() == self.host_key.key_data();
        if !known {
            self.told.other_key.get_or_init(|| fingerprint(key));
        }
        Ok(known)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Self::Error>) -> Result<(), Self::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(said) => {
                self.told.end.get_or_init(|| format!("the SSH server said: {}", said.message));
                Ok(())
            }
            DisconnectReason::Error(error) => {
                self.told.end.get_or_init(|| words(&error));
                Err(error)
            }
        }
    }
}

fn words(error: &russh::Error) -> String {
    match error {
        russh::Error::KeepaliveTimeout => "the SSH server gave no sign of life for 4 s".to_owned(),
        russh::Error::IO(error) if error.kind() == io::ErrorKind::TimedOut => {
            "nothing was heard from the SSH server's machine for 4 s".to_owned()
        }
        russh::Error::Disconnect | russh::Error::HUP | russh::Error::IO(_) => {
            "the SSH server ended the session".to_owned()
        }
        other => other.to_string(),
    }
}
