//! Lists over all hosts: each is asked at the same time, and none holds up or fails the others.

use std::future::Future;

use dockline_contract::rest::HostStatus;
use dockline_docker::{Host, Result};
use dockline_domain::HostId;
use futures::future::join_all;

use crate::{
    ApiError, App,
    rest::{
        containers::hosts,
        cursor,
        hosts::{disabled, offline, online},
    },
};

/// What the hosts answered, and the state of each.
pub(crate) struct Gathered<T> {
    pub(crate) answers: Vec<T>,
    pub(crate) states: Vec<HostStatus>,
}

/// Asks all hosts, or the one that was chosen. A host that does not answer, or is disabled, is among the states.
pub(crate) async fn gather<T, F>(
    app: &App,
    chosen: Option<&HostId>,
    ask: impl Fn(Host) -> F,
) -> Result<Gathered<T>, ApiError>
where
    F: Future<Output = Result<T>>,
{
    let wanted = hosts(app, chosen).await?;
    let asked = wanted.iter().map(async |host| {
        if !host.enabled {
            return Err(disabled(app, host));
        }
        let deadline = app.patience(host);
        match tokio::time::timeout(deadline, ask(host.clone())).await {
            Ok(Ok(answer)) => Ok((answer, online(app, host))),
            Ok(Err(error)) => Err(offline(app, host, error.to_string())),
            Err(_) => Err(offline(app, host, app.silence(host, deadline))),
        }
    });
    let mut gathered = Gathered { answers: Vec::new(), states: Vec::new() };
    for answer in join_all(asked).await {
        gathered.states.push(match answer {
            Ok((answer, state)) => {
                gathered.answers.push(answer);
                state
            }
            Err(state) => state,
        });
    }
    Ok(gathered)
}

/// Sorts by position and cuts a page out; with the cursor of the next one, if there is one.
pub(crate) fn page<T>(
    items: &mut Vec<T>,
    after: Option<&String>,
    limit: u64,
    position: impl Fn(&T) -> String,
) -> Option<String> {
    items.sort_by_cached_key(&position);
    if let Some(after) = after {
        items.retain(|one| position(one) > *after);
    }
    let more = cursor::cut(items, limit);
    cursor::next(items.last().filter(|_| more).map(position))
}
