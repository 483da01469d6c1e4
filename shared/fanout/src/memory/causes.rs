use std::time::Instant;

use async_trait::async_trait;
use dockline_domain::{ContainerId, HostId};

use super::MemoryFanout;
use crate::{CAUSE_LIVES, Causes, Result};

#[async_trait]
impl Causes for MemoryFanout {
    async fn note_cause(&self, host: &HostId, container: &ContainerId, trace_parent: &str) -> Result<()> {
        let mut causes = self.causes.lock();
        causes.retain(|_, (noted, _)| noted.elapsed() < CAUSE_LIVES);
        let key = (host.clone(), container.as_str().to_owned());
        causes.insert(key, (Instant::now(), trace_parent.to_owned()));
        Ok(())
    }

    async fn causes(&self, host: &HostId, containers: &[&str]) -> Result<Vec<Option<String>>> {
        let causes = self.causes.lock();
        let find = |container: &&str| {
            let (noted, trace_parent) = causes.get(&(host.clone(), (*container).to_owned()))?;
            (noted.elapsed() < CAUSE_LIVES).then(|| trace_parent.clone())
        };
        Ok(containers.iter().map(find).collect())
    }
}
