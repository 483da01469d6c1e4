use std::time::Duration;

use dockline_contract::rest::HostStatus;
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
    let hosts = hosts(app, host)?;
    let deadline = app.config.host_deadline;
    let answers = join_all(hosts.into_iter().map(|host| ask(host, reference, deadline))).await;
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

/// All hosts, or the one that was chosen.
pub(super) fn hosts<'a>(app: &'a App, chosen: Option<&HostId>) -> Result<Vec<&'a Host>, ApiError> {
    match chosen {
        None => Ok(app.hosts.iter().collect()),
        Some(id) => app.hosts.get(id).map(|host| vec![host]).ok_or(ApiError::HostNotFound),
    }
}

async fn ask<'a>(
    host: &'a Host,
    reference: &ContainerRef,
    deadline: Duration,
) -> (&'a Host, Result<Vec<ContainerId>, Error>) {
    let answer = match tokio::time::timeout(deadline, host.engine.find(reference)).await {
        Ok(Err(Error::NotFound)) => Ok(Vec::new()),
        Ok(answer) => answer,
        Err(_) => Err(Error::TimedOut { operation: "look for the container" }),
    };
    (host, answer)
}

/// What a list says about a host.
pub(super) fn status(host: &Host, answered: Result<(), String>) -> HostStatus {
    match answered {
        Ok(()) => crate::rest::hosts::online(host),
        Err(reason) => crate::rest::hosts::offline(host, reason),
    }
}
