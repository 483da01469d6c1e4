use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{BuildCachePrunePreview, BuildCachePruned, DiskUsage, UsageClass};
use dockline_domain::access::Grant;

use super::System;
use crate::{Images, Result, Volumes, fake::FakeEngine};

#[async_trait]
impl System for FakeEngine {
    async fn disk_usage(&self) -> Result<DiskUsage> {
        drop(self.called("disk_usage", "")?);
        let of = |count: usize| UsageClass { count: count as u64, ..UsageClass::default() };
        Ok(DiskUsage {
            images: of(self.images().await?.len()),
            containers: UsageClass::default(),
            volumes: of(self.volumes().await?.len()),
            build_cache: UsageClass::default(),
            total_bytes: 0,
            reclaimable_bytes: 0,
        })
    }

    async fn prunable_build_cache(&self) -> Result<BuildCachePrunePreview> {
        drop(self.called("prunable_build_cache", "")?);
        Ok(BuildCachePrunePreview::default())
    }

    async fn prune_build_cache(
        &self,
        _grant: &Grant,
        _older_than: Option<Duration>,
    ) -> Result<BuildCachePruned> {
        drop(self.called("prune_build_cache", "")?);
        Ok(BuildCachePruned::default())
    }
}
