use async_trait::async_trait;
use dockline_domain::access::Grant;
use tokio::io::duplex;

use super::{EngineConnection, Tunnels};
use crate::{Result, fake::FakeEngine};

#[async_trait]
impl Tunnels for FakeEngine {
    /// One that is closed at once: this engine speaks no HTTP.
    async fn tunnel(&self, _grant: &Grant) -> Result<Box<dyn EngineConnection>> {
        drop(self.called("tunnel", "")?);
        Ok(Box::new(duplex(1).0))
    }
}
