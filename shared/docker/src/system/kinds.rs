use std::time::Duration;

use dockline_contract::rest::{PruneSystem, SystemPruned};
use dockline_domain::access::Grant;

use crate::{Engine, Error, Result};

/// What a prune of several kinds came to.
#[derive(Debug)]
pub struct Pruned {
    /// What the kinds removed that succeeded; it names no failures.
    pub done: SystemPruned,
    /// The kinds that failed, and why.
    pub failed: Vec<(&'static str, Error)>,
}

/// Removes what is unused, of the kinds that are named: containers first, since they hold the others.
///
/// # Errors
/// Only when the first kind fails because the engine does not answer: nothing was done then.
pub async fn prune_system(engine: &dyn Engine, grant: &Grant, wanted: PruneSystem) -> Result<Pruned> {
    let age = wanted.older_than_hours.map(|hours| Duration::from_hours(hours.into()));
    let (mut results, mut done) = (Results::default(), SystemPruned::default());
    if wanted.containers {
        done.containers = results.take("containers", engine.prune_containers(grant, age).await)?;
    }
    if wanted.networks {
        done.networks = results.take("networks", engine.prune_networks(grant, age).await)?;
    }
    if let Some(which) = wanted.volumes {
        done.volumes = results.take("volumes", engine.prune_volumes(grant, which).await)?;
    }
    if let Some(which) = wanted.images {
        done.images = results.take("images", engine.prune_images(grant, which, age).await)?;
    }
    if wanted.build_cache {
        done.build_cache = results.take("build_cache", engine.prune_build_cache(grant, age).await)?;
    }
    let sums = [
        done.containers.as_ref().map(|one| one.reclaimed_bytes),
        done.volumes.as_ref().map(|one| one.reclaimed_bytes),
        done.images.as_ref().map(|one| one.reclaimed_bytes),
        done.build_cache.as_ref().map(|one| one.reclaimed_bytes),
    ];
    done.reclaimed_bytes = sums.into_iter().flatten().sum();
    Ok(Pruned { done, failed: results.failed })
}

/// What has come of the kinds so far.
#[derive(Default)]
struct Results {
    failed: Vec<(&'static str, Error)>,
    succeeded: bool,
}

impl Results {
    fn take<T>(&mut self, part: &'static str, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(done) => {
                self.succeeded = true;
                Ok(Some(done))
            }
            Err(error @ (Error::Unreachable { .. } | Error::Unusable { .. })) if !self.succeeded => {
                Err(error)
            }
            Err(error) => {
                self.failed.push((part, error));
                Ok(None)
            }
        }
    }
}
