use std::sync::Arc;

use dockline_docker::{Host, Hosts};
use dockline_domain::HostId;
use dockline_hosts::Opener;
use dockline_persistence::{HostBooks, Result};
use tokio::sync::Mutex;

/// The Docker hosts as they are in the database.
#[derive(Debug, Clone)]
pub struct StoredHosts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    books: HostBooks,
    opener: Opener,
    hosts: Hosts,
    /// The revision that is in force; held while the hosts are read, so that of two readings the later one stays.
    known: Mutex<Option<u64>>,
}

impl StoredHosts {
    /// Reads them when they are asked for.
    #[must_use]
    pub fn new(books: HostBooks, opener: Opener) -> Self {
        Self(Arc::new(Inner { books, opener, hosts: Hosts::default(), known: Mutex::new(None) }))
    }

    /// What opens sealed things.
    pub(crate) fn opener(&self) -> &Opener {
        &self.0.opener
    }

    /// A host as it is now, whichever replica changed it last.
    pub(crate) async fn find(&self, id: &HostId) -> Result<Option<Host>> {
        Ok(self.current().await?.get(id))
    }

    /// All hosts as they are now.
    pub(crate) async fn all(&self) -> Result<Vec<Host>> {
        Ok(self.current().await?.all())
    }

    async fn current(&self) -> Result<&Hosts> {
        let Inner { books, opener, hosts, known } = &*self.0;
        let mut known = known.lock().await;
        if *known != Some(books.revision().await?) {
            let book = books.load().await?;
            opener.fill(hosts, &book);
            *known = Some(book.revision);
        }
        Ok(hosts)
    }
}
