//! The book of hosts within one process, where everybody could ask its owner as well.

use async_trait::async_trait;
use dockline_domain::host::HostBook;

use super::MemoryFanout;
use crate::{HostBoard, Result};

#[async_trait]
impl HostBoard for MemoryFanout {
    async fn post_hosts(&self, book: &HostBook) -> Result<u64> {
        let mut posted = self.host_board.lock();
        match &*posted {
            Some(known) if known.revision >= book.revision => Ok(known.revision),
            _ => {
                *posted = Some(book.clone());
                Ok(book.revision)
            }
        }
    }

    async fn posted_revision(&self) -> Result<Option<u64>> {
        Ok(self.host_board.lock().as_ref().map(|book| book.revision))
    }

    async fn posted_hosts(&self) -> Result<Option<HostBook>> {
        Ok(self.host_board.lock().clone())
    }
}
