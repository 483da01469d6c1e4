use std::time::Instant;

use dockline_domain::HostId;
use tokio_util::sync::CancellationToken;

/// The number of a term of leadership. Grows with every term, also across a loss of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FenceToken(pub(crate) u64);

impl FenceToken {
    /// The number, as it is compared by whoever stores a write.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Proof of leading one host during one term. Only an election makes one; dropping it resigns.
pub struct Leadership {
    host: HostId,
    token: FenceToken,
    ended: CancellationToken,
    empty_store_at: Option<Instant>,
    resign: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Leadership {
    pub(crate) fn new(
        host: HostId,
        token: FenceToken,
        ended: CancellationToken,
        resign: impl FnOnce() + Send + Sync + 'static,
    ) -> Self {
        Self { host, token, ended, empty_store_at: None, resign: Some(Box::new(resign)) }
    }

    pub(crate) const fn on_empty_store(mut self, at: Option<Instant>) -> Self {
        self.empty_store_at = at;
        self
    }

    /// When this term began, if it did on a store that knew of no term before: one that is new, or that has
    /// forgotten. Others may be about to tell it again what they know.
    #[must_use]
    pub const fn empty_store_at(&self) -> Option<Instant> {
        self.empty_store_at
    }

    /// The host that is led.
    #[must_use]
    pub const fn host(&self) -> &HostId {
        &self.host
    }

    /// The term's number.
    #[must_use]
    pub const fn token(&self) -> FenceToken {
        self.token
    }

    /// Whether the term is known to have ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// Completes when the term has ended, for example because it could not be renewed in time.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        self.ended.cancel();
        if let Some(resign) = self.resign.take() {
            resign();
        }
    }
}

impl std::fmt::Debug for Leadership {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Leadership")
            .field("host", &self.host)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
