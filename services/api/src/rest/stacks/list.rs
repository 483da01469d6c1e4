use std::collections::BTreeMap;

use actix_web::web;
use dockline_contract::rest::{ErrorBody, StackPage, StackSummary};
use dockline_domain::{HostId, StackName, access::Grant};
use dockline_persistence::StackRevision;
use serde::Deserialize;
use utoipa::IntoParams;

use super::overview::{members, summary};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost},
    rest::{
        cursor,
        images::OnHost,
        over_hosts::{gather, page},
    },
};

/// Which stacks are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListStacks {
    /// Part of the name.
    q: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The stacks of all hosts, by name: Compose projects that have containers, whoever made them, and those whose file is kept
/// here. A host that does not answer, or is disabled, is named in `hosts` and fails nothing else; of its stacks those are
/// missing.
#[utoipa::path(get, path = "/api/v1/stacks", operation_id = "list_stacks", tag = "stacks", params(OnHost, ListStacks),
    responses((status = 200, description = "A page of stacks", body = StackPage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Granted(grant): Granted,
    Params(on): Params<OnHost>,
    Params(wanted): Params<ListStacks>,
) -> Result<web::Json<StackPage>, ApiError> {
    listed(&app, &grant, on.host.as_ref(), &wanted).await
}

/// The stacks of one host, by name.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/stacks", operation_id = "list_host_stacks", tag = "stacks",
    params(("host" = String, Path, description = "The host's ID"), ListStacks),
    responses((status = 200, description = "A page of stacks", body = StackPage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list_of_host(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    Params(wanted): Params<ListStacks>,
) -> Result<web::Json<StackPage>, ApiError> {
    listed(&app, &grant, Some(&host), &wanted).await
}

async fn listed(
    app: &App,
    grant: &Grant,
    host: Option<&HostId>,
    wanted: &ListStacks,
) -> Result<web::Json<StackPage>, ApiError> {
    let cursor::Wanted { limit, after } =
        cursor::wanted(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    let mut kept = BTreeMap::<(HostId, StackName), Vec<StackRevision>>::new();
    for file in app.stacks.all(host).await? {
        kept.entry((file.host.clone(), file.name.clone())).or_default().push(file);
    }
    let grant = grant.clone();
    let gathered = gather(app, host, |host| {
        let grant = grant.clone();
        async move { Ok((host.id.clone(), members(&*host.engine, &grant).await?)) }
    })
    .await?;
    let mut items: Vec<StackSummary> = Vec::new();
    for (host, stacks) in gathered.answers {
        for (name, members) in stacks {
            let files = kept.remove(&(host.clone(), name.clone())).unwrap_or_default();
            items.push(summary(&host, &name, &members, &files));
        }
        // What is left of this host has a file and no container.
        let rest = kept.iter().filter(|((of, _), _)| *of == host);
        items.extend(rest.map(|((_, name), files)| summary(&host, name, &[], files)));
    }
    let text = wanted.q.as_deref().unwrap_or_default().to_lowercase();
    items.retain(|one| one.name.contains(&text));
    let next_cursor = page(&mut items, after.as_ref(), limit, |one| format!("{}\0{}", one.name, one.host));
    Ok(web::Json(StackPage { items, next_cursor, hosts: gathered.states }))
}
