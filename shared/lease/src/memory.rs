//! Elections within one process, for standalone. A term ends only when its holder drops it.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
};

use async_trait::async_trait;
use dockline_domain::HostId;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::{Error, FenceToken, Leadership, Lease};

/// Elections within one process.
#[derive(Debug, Default)]
pub struct MemoryLease {
    hosts: Mutex<HashMap<HostId, Arc<Semaphore>>>,
    last_token: AtomicU64,
}

#[async_trait]
impl Lease for MemoryLease {
    async fn campaign(&self, host: &HostId) -> Result<Leadership, Error> {
        let seat =
            self.hosts.lock().entry(host.clone()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone();
        let permit = seat.acquire_owned().await.map_err(|closed| Error::Unavailable(closed.to_string()))?;
        let token = FenceToken(self.last_token.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
        Ok(Leadership::new(host.clone(), token, CancellationToken::new(), move || drop(permit)))
    }
}
