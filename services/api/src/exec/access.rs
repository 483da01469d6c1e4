use std::collections::HashSet;

use dockline_docker::{Error, Host};
use dockline_domain::{
    ContainerId,
    access::{Grant, Permission},
    host_access::{HostAccess, HostFiles},
};

use crate::{ApiError, rest::containers::Target};

/// Refuses who may run programs, but would reach the host by this container.
pub(crate) async fn must_reach_no_host(grant: &Grant, target: &Target) -> Result<(), ApiError> {
    if grant.also(Permission::HostEscape) {
        return Ok(());
    }
    let ways = host_access(&target.host, &target.id).await.map_err(|error| target.failed(error))?;
    if ways.is_empty() {
        return Ok(());
    }
    Err(ApiError::HostEscape(ways.iter().map(ToString::to_string).collect()))
}

/// Every way from a container to its host, also by the containers whose namespaces it shares: their processes' files are
/// open to it under `/proc`.
pub(crate) async fn host_access(host: &Host, container: &ContainerId) -> Result<Vec<HostAccess>, Error> {
    let (mut ways, mut seen, mut left) = (Vec::new(), HashSet::new(), vec![container.clone()]);
    while let Some(id) = left.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let settings = match host.engine.host_settings(&id).await {
            // What is gone shares nothing; whether the container itself is there is for others to say.
            Err(Error::NotFound) if id != *container => continue,
            settings => settings?,
        };
        ways.extend(settings.host_access(HostFiles::Sensitive));
        for name in settings.shares_with() {
            left.extend(named(host, name).await?);
        }
    }
    ways.sort();
    ways.dedup();
    Ok(ways)
}

/// The container that an engine calls so: by its ID, or by the name that it was given by.
async fn named(host: &Host, name: &str) -> Result<Option<ContainerId>, Error> {
    if let Ok(id) = name.parse() {
        return Ok(Some(id));
    }
    let list = host.engine.list().await?;
    let found = list
        .iter()
        .map(|one| one.identity())
        .find(|(id, called, ..)| *called == name || id.starts_with(name));
    Ok(found.and_then(|(id, ..)| id.parse().ok()))
}
