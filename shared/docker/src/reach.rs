//! What a container that is there reaches of its host, by itself and by those whose namespaces it shares.

use std::collections::HashSet;

use dockline_domain::{
    ContainerId,
    host_access::{HostAccess, HostFiles},
};

use crate::{Engine, Error, Result};

/// Every way from a container to its host, also by the containers whose namespaces it shares: their processes' files are
/// open to it under `/proc`.
///
/// # Errors
/// [`Error::NotFound`] when the container is not there, and whatever the engine answers.
pub async fn host_access(engine: &dyn Engine, container: &ContainerId) -> Result<Vec<HostAccess>> {
    let (mut ways, mut seen, mut left) = (Vec::new(), HashSet::new(), vec![container.clone()]);
    while let Some(id) = left.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let settings = match engine.host_settings(&id).await {
            // What is gone shares nothing; whether the container itself is there is for others to say.
            Err(Error::NotFound) if id != *container => continue,
            settings => settings?,
        };
        ways.extend(settings.host_access(HostFiles::Sensitive));
        for name in settings.shares_with() {
            left.extend(container_called(engine, name).await?);
        }
    }
    ways.sort();
    ways.dedup();
    Ok(ways)
}

/// The container that an engine calls so: by its ID, or by the name that it was given by.
///
/// # Errors
/// Whatever the engine answers.
pub async fn container_called(engine: &dyn Engine, name: &str) -> Result<Option<ContainerId>> {
    if let Ok(id) = name.parse() {
        return Ok(Some(id));
    }
    let list = engine.list().await?;
    let found = list
        .iter()
        .map(|one| one.identity())
        .find(|(id, called, ..)| *called == name || id.starts_with(name));
    Ok(found.and_then(|(id, ..)| id.parse().ok()))
}
