use std::time::Duration;

use dockline_docker::{Error, Host};
use dockline_domain::{ContainerId, ContainerRef, HostId};
use futures::future::join_all;

use crate::{ApiError, App, error::Candidate};

/// One container on one host.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The host.
    pub(crate) host: Host,
    /// The container's whole ID.
    pub(crate) id: ContainerId,
}

impl Target {
    /// Names the host in an error of its engine.
    pub(crate) fn failed(&self, error: Error) -> ApiError {
        ApiError::Docker { host: self.host.id.clone(), error }
    }

    /// The container as the audit log names it.
    pub(crate) fn audit_name(&self) -> String {
        format!("containers/{}", self.id)
    }
}

/// Finds the container that a reference names, on all hosts or on the one that was chosen.
///
/// A host that does not answer does not matter when another one has the container. When none has it,
/// it may be on the silent one, and that is what the answer says.
pub(crate) async fn resolve(
    app: &App,
    reference: &ContainerRef,
    host: Option<&HostId>,
) -> Result<Target, ApiError> {
    let known = app.directory.book().revision;
    let found = find(app, reference, host).await;
    if found.is_ok() {
        return found;
    }
    // Another replica may have added or enabled its host a moment ago.
    app.directory.catch_up().await;
    if app.directory.book().revision == known { found } else { find(app, reference, host).await }
}

async fn find(app: &App, reference: &ContainerRef, host: Option<&HostId>) -> Result<Target, ApiError> {
    let asked = hosts(app, host).await?;
    if let (Some(chosen), [one]) = (host, asked.as_slice())
        && !one.enabled
    {
        return Err(ApiError::HostDisabled(chosen.clone()));
    }
    // Whoever names a host wants to hear of that one, however long it takes.
    let deadline = |one: &Host| if host.is_some() { app.config.host_deadline } else { app.patience(one) };
    let asked = asked.into_iter().filter(|one| one.enabled);
    let answers = join_all(asked.map(|one| {
        let deadline = deadline(&one);
        ask(one, reference, deadline)
    }))
    .await;
    let mut found = Vec::new();
    let mut silent = None;
    for (host, answer) in answers {
        match answer {
            Ok(ids) => found.extend(ids.into_iter().map(|id| Target { host: host.clone(), id })),
            Err(error) => silent = silent.or(Some(ApiError::Docker { host: host.id.clone(), error })),
        }
    }
    match found.len() {
        0 => Err(silent.unwrap_or(ApiError::ContainerNotFound)),
        1 => Ok(found.swap_remove(0)),
        _ => {
            let candidates =
                found.into_iter().map(|one| Candidate { host: one.host.id, id: one.id }).collect();
            Err(ApiError::AmbiguousContainer(candidates))
        }
    }
}

/// All hosts, or the one that was chosen; disabled ones included.
pub(crate) async fn hosts(app: &App, chosen: Option<&HostId>) -> Result<Vec<Host>, ApiError> {
    let Some(id) = chosen else { return Ok(app.hosts.all()) };
    if app.hosts.get(id).is_none() {
        // Another replica may have added it a moment ago.
        app.directory.catch_up().await;
    }
    app.hosts.get(id).map(|host| vec![host]).ok_or(ApiError::HostNotFound)
}

async fn ask(
    host: Host,
    reference: &ContainerRef,
    deadline: Duration,
) -> (Host, Result<Vec<ContainerId>, Error>) {
    let answer = match tokio::time::timeout(deadline, host.engine.find(reference)).await {
        Ok(Err(Error::NotFound)) => Ok(Vec::new()),
        Ok(answer) => answer,
        Err(_) => Err(Error::TimedOut { operation: "look for the container" }),
    };
    (host, answer)
}
