//! What takes a host's disk, and the cache of builds.

mod fake;
mod kinds;
mod real;
mod usage;

use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{BuildCachePrunePreview, BuildCachePruned, DiskUsage};
use dockline_domain::access::Grant;
use time::OffsetDateTime;

pub use self::kinds::{Pruned, prune_system};
pub(crate) use self::usage::ImageUse;
use crate::Result;

/// The filter that spares what is younger.
pub(crate) fn until(older_than: Duration) -> (&'static str, Vec<String>) {
    ("until", vec![format!("{}s", older_than.as_secs())])
}

/// Whether what was created then, in seconds since the Unix epoch, passes that filter.
pub(crate) fn is_older(created: i64, than: Option<Duration>) -> bool {
    than.is_none_or(|age| created <= (OffsetDateTime::now_utc() - age).unix_timestamp())
}

/// What takes a host's disk.
#[async_trait]
pub trait System: Send + Sync {
    /// What takes the disk. Slow: the engine reads every volume for it.
    async fn disk_usage(&self) -> Result<DiskUsage>;

    /// What [`System::prune_build_cache`] would remove now.
    async fn prunable_build_cache(&self) -> Result<BuildCachePrunePreview>;

    /// Removes what builds keep and no build uses now.
    async fn prune_build_cache(
        &self,
        grant: &Grant,
        older_than: Option<Duration>,
    ) -> Result<BuildCachePruned>;
}
