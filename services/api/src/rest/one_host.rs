//! Requests about one host that they name.

use dockline_docker::Host;
use dockline_domain::HostId;

use crate::{ApiError, App};

/// The host, if it is in use.
pub(crate) async fn enabled(app: &App, id: &HostId) -> Result<Host, ApiError> {
    if app.hosts.get(id).is_none() {
        // Another replica may have added it a moment ago.
        app.directory.catch_up().await;
    }
    let host = app.hosts.get(id).ok_or(ApiError::HostNotFound)?;
    if host.enabled { Ok(host) } else { Err(ApiError::HostDisabled(id.clone())) }
}
