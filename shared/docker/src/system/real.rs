use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use bollard::query_parameters::PruneBuildOptionsBuilder;
use dockline_contract::rest::{BuildCachePrunePreview, BuildCachePruned, DiskUsage};
use dockline_domain::access::Grant;

use super::{System, until};
use crate::{DockerEngine, Result, convert::count};

/// How long an engine may take to remove what builds keep.
const PRUNE: Duration = Duration::from_secs(600);

#[async_trait]
impl System for DockerEngine {
    async fn disk_usage(&self) -> Result<DiskUsage> {
        Ok(self.usage(None, "tell what takes its disk").await?.sums())
    }

    async fn prunable_build_cache(&self) -> Result<BuildCachePrunePreview> {
        Ok(self.usage(Some("build-cache"), "tell what builds keep").await?.unused_cache())
    }

    async fn prune_build_cache(
        &self,
        _grant: &Grant,
        older_than: Option<Duration>,
    ) -> Result<BuildCachePruned> {
        let filters: HashMap<&str, Vec<String>> = older_than.map(until).into_iter().collect();
        let options = PruneBuildOptionsBuilder::default().all(true).filters(&filters).build();
        let request = self.docker()?.prune_build(Some(options));
        let pruned = self.call("prune the build cache", PRUNE, request).await?;
        Ok(BuildCachePruned {
            removed: pruned.caches_deleted.unwrap_or_default(),
            reclaimed_bytes: count(pruned.space_reclaimed),
        })
    }
}
