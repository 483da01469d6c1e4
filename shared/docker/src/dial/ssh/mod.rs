//! Engines behind an SSH server: each request goes through a channel to the engine's Unix socket over there.
//!
//! What trickles shares one session; whatever is read at its reader's pace has one of its own, because russh delivers
//! a session's channels one after the other: a channel whose reader pauses would stop all others with it.

mod channel;
mod keys;
mod logins;
mod session;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use self::{channel::ChannelSocket, keys::Keys, logins::Logins, session::Session};
use super::{DialError, Traffic, tcp::Endpoint};
use crate::{InvalidConnection, SshCredentials};

/// The way to an engine behind an SSH server.
pub(crate) struct SshDialer {
    server: Arc<Server>,
    logins: Arc<Logins>,
    shared: Mutex<Option<SharedSession>>,
}

/// A session, or a log-in that will be one.
type SharedSession = Shared<BoxFuture<'static, Result<Arc<Session>, DialError>>>;

/// Where to log in, as whom, and to which socket over there.
struct Server {
    endpoint: Endpoint,
    user: String,
    socket: PathBuf,
    keys: Keys,
}

impl SshDialer {
    pub(crate) fn new(
        endpoint: Endpoint,
        user: &str,
        socket: &Path,
        credentials: &SshCredentials,
    ) -> Result<Self, InvalidConnection> {
        let keys = Keys::read(credentials)?;
        let server = Server { endpoint, user: user.to_owned(), socket: socket.to_owned(), keys };
        Ok(Self { server: Arc::new(server), logins: Arc::default(), shared: Mutex::default() })
    }

    pub(crate) async fn connect(&self, traffic: Traffic) -> Result<ChannelSocket, DialError> {
        if traffic != Traffic::Call {
            return self.logins.log_in(&self.server).await?.open(&self.server, traffic).await;
        }
        let (session, is_new) = self.session();
        match session.await?.open(&self.server, traffic).await {
            // Its end was not noticed before this request.
            Err(DialError::SessionBroke(_)) if !is_new => {
                self.session().0.await?.open(&self.server, traffic).await
            }
            opened => opened,
        }
    }

    /// The shared session, and whether somebody logs in for it just now.
    fn session(&self) -> (SharedSession, bool) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        match shared.as_ref().map(|session| (session, session.peek())) {
            Some((login, None)) => return (login.clone(), true),
            Some((session, Some(Ok(open)))) if open.is_open() => return (session.clone(), false),
            _ => {}
        }
        // A task of its own: a server that is slower than those who wait has the session ready for the next.
        let (logins, server) = (Arc::clone(&self.logins), Arc::clone(&self.server));
        let login = tokio::spawn(async move { logins.log_in(&server).await });
        let login = async { login.await.unwrap_or_else(|error| Err(DialError::Login(error.to_string()))) };
        let login = login.boxed().shared();
        *shared = Some(login.clone());
        (login, true)
    }
}

impl std::fmt::Debug for SshDialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SshDialer")
            .field("endpoint", &self.server.endpoint)
            .field("user", &self.server.user)
            .field("socket", &self.server.socket)
            .finish_non_exhaustive()
    }
}
