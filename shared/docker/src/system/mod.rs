//! What takes a host's disk, and the cache of builds.

mod fake;
mod real;
mod usage;

use async_trait::async_trait;
use dockline_contract::rest::{BuildCachePrunePreview, BuildCachePruned, DiskUsage};
use dockline_domain::access::Grant;

pub(crate) use self::usage::ImageUse;
use crate::Result;

/// What takes a host's disk.
#[async_trait]
pub trait System: Send + Sync {
    /// What takes the disk. Slow: the engine reads every volume for it.
    async fn disk_usage(&self) -> Result<DiskUsage>;

    /// What [`System::prune_build_cache`] would remove now.
    async fn prunable_build_cache(&self) -> Result<BuildCachePrunePreview>;

    /// Removes what builds keep and no build uses now.
    async fn prune_build_cache(&self, grant: &Grant) -> Result<BuildCachePruned>;
}
