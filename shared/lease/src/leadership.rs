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
    resign: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Leadership {
    pub(crate) fn new(
        host: HostId,
        token: FenceToken,
        ended: CancellationToken,
        resign: impl FnOnce() + Send + Sync + 'static,
    ) -> Self {
        Self { host, token, ended, resign: Some(Box::new(resign)) }
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
