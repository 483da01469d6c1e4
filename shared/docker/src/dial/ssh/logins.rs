use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, time::timeout};

use super::{Server, session::Session};
use crate::dial::{DIAL, DialError};

/// OpenSSH begins to refuse connections when 10 have not logged in yet (`MaxStartups`), from all its clients together.
const AT_ONCE: usize = 3;

/// A server that refused us is not asked again for so long: it may count failures and lock us out.
const REFUSAL_HOLDS: Duration = Duration::from_secs(10);

/// Log-ins at one server, few at a time.
pub(super) struct Logins {
    turns: Semaphore,
    refused: Mutex<Option<(Instant, DialError)>>,
}

impl Default for Logins {
    fn default() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), refused: Mutex::default() }
    }
}

impl Logins {
    pub(super) async fn log_in(&self, server: &Server) -> Result<Arc<Session>, DialError> {
        timeout(DIAL, self.in_turn(server)).await.unwrap_or(Err(DialError::TimedOut(DIAL)))
    }

    async fn in_turn(&self, server: &Server) -> Result<Arc<Session>, DialError> {
        // The semaphore is never closed.
        let _turn = self.turns.acquire().await.map_err(|error| DialError::Login(error.to_string()))?;
        if let Some((at, error)) = &*self.refused()
            && at.elapsed() < REFUSAL_HOLDS
        {
            return Err(error.clone());
        }
        let session = Session::log_in(server).await;
        let refusal = session.as_ref().err().filter(|error| error.is_refusal());
        *self.refused() = refusal.map(|error| (Instant::now(), error.clone()));
        session.map(Arc::new)
    }

    fn refused(&self) -> MutexGuard<'_, Option<(Instant, DialError)>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
