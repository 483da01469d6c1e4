use dockline_docker::host_access;
use dockline_domain::access::{Grant, Permission};

use crate::{ApiError, rest::containers::Target};

/// Refuses who may run programs, but would reach the host by this container.
pub(crate) async fn must_reach_no_host(grant: &Grant, target: &Target) -> Result<(), ApiError> {
    if grant.also(Permission::HostEscape) {
        return Ok(());
    }
    let ways = host_access(&*target.host.engine, &target.id).await.map_err(|error| target.failed(error))?;
    if ways.is_empty() {
        return Ok(());
    }
    Err(ApiError::HostEscape(ways.iter().map(ToString::to_string).collect()))
}
