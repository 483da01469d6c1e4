use async_trait::async_trait;
use dockline_domain::access::Grant;

use super::{EngineConnection, Tunnels};
use crate::{DockerEngine, Result};

#[async_trait]
impl Tunnels for DockerEngine {
    async fn tunnel(&self, _grant: &Grant) -> Result<Box<dyn EngineConnection>> {
        let dialed = self.client.tunnel().await;
        dialed.map_err(|failure| self.client.error("take a connection", failure))
    }
}
