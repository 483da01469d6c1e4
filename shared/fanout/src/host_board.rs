use async_trait::async_trait;
use dockline_domain::host::HostBook;

use crate::Result;

/// The book of hosts for processes that have no database: replicas post it, streamers read it.
///
/// It is a copy. That nothing stands there means that nobody has posted it yet, or that the store has forgotten, and
/// never that there are no hosts.
#[async_trait]
pub trait HostBoard: Send + Sync {
    /// Posts a book unless a newer one stands there. Returns the revision that stands there then.
    async fn post_hosts(&self, book: &HostBook) -> Result<u64>;

    /// The revision that stands there, for a quick look.
    async fn posted_revision(&self) -> Result<Option<u64>>;

    /// The book that stands there.
    async fn posted_hosts(&self) -> Result<Option<HostBook>>;
}
