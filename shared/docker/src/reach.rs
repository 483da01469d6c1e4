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

/// The container that an engine calls so: by its ID, by its name, or by how its ID begins, in this order, which is the
/// engine's.
async fn container_called(engine: &dyn Engine, name: &str) -> Result<Option<ContainerId>> {
    if let Ok(id) = name.parse() {
        return Ok(Some(id));
    }
    let list = engine.list().await?;
    let all = || list.iter().map(|one| one.identity());
    let named = all().find(|(_, called, ..)| *called == name);
    let found = named.or_else(|| all().find(|(id, ..)| id.starts_with(name)));
    Ok(found.and_then(|(id, ..)| id.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::FakeEngine;

    #[tokio::test]
    async fn a_name_goes_before_the_begin_of_an_id() {
        let engine = FakeEngine::new("edge".parse().expect("an ID"));
        let first = engine.add("first", &[]);
        let begin = first.as_str()[..4].to_owned();
        let called = async |name: &str| container_called(&*engine, name).await.expect("an answer");
        assert_eq!(called(&begin).await, Some(first.clone()));
        let second = engine.add(&begin, &[]);
        assert_eq!(called(&begin).await, Some(second));
        assert_eq!(called(first.as_str()).await, Some(first.clone()));
        assert_eq!(called("gone").await, None);
    }
}
