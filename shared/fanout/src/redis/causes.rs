use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId};
use dockline_redis::cmd;

use super::RedisFanout;
use crate::{CAUSE_LIVES, Causes, Result};

impl RedisFanout {
    /// All of one host are in one slot.
    fn cause(&self, host: &HostId, container: &str) -> String {
        self.redis.keys().of_host(host, &format!("cause:{container}"))
    }
}

#[async_trait]
impl Causes for RedisFanout {
    async fn note_cause(&self, host: &HostId, container: &ContainerId, trace_parent: &str) -> Result<()> {
        let key = self.cause(host, container.as_str());
        let seconds = CAUSE_LIVES.as_secs();
        Ok(self.redis.query(cmd("SET").arg(key).arg(trace_parent).arg("EX").arg(seconds)).await?)
    }

    async fn causes(&self, host: &HostId, containers: &[&str]) -> Result<Vec<Option<String>>> {
        if containers.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = containers.iter().map(|container| self.cause(host, container)).collect();
        Ok(self.redis.query(cmd("MGET").arg(keys)).await?)
    }
}
