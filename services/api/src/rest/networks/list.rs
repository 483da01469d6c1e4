use actix_web::web;
use dockline_contract::rest::{ErrorBody, NetworkPage, NetworkSummary};
use dockline_domain::{HostId, access::Grant};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost},
    rest::{
        cursor,
        images::OnHost,
        over_hosts::{gather, page},
    },
};

/// Which networks are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListNetworks {
    /// Part of the name, or the beginning of the ID.
    q: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The networks of all hosts, by name. A host that does not answer, or is disabled, is named in `hosts` and fails nothing
/// else.
#[utoipa::path(get, path = "/api/v1/networks", operation_id = "list_networks", tag = "networks", params(OnHost, ListNetworks),
    responses((status = 200, description = "A page of networks", body = NetworkPage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Granted(grant): Granted,
    Params(on): Params<OnHost>,
    Params(wanted): Params<ListNetworks>,
) -> Result<web::Json<NetworkPage>, ApiError> {
    listed(&app, &grant, on.host.as_ref(), &wanted).await
}

/// The networks of one host, by name.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/networks", operation_id = "list_host_networks", tag = "networks",
    params(("host" = String, Path, description = "The host's ID"), ListNetworks),
    responses((status = 200, description = "A page of networks", body = NetworkPage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list_of_host(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    Params(wanted): Params<ListNetworks>,
) -> Result<web::Json<NetworkPage>, ApiError> {
    listed(&app, &grant, Some(&host), &wanted).await
}

async fn listed(
    app: &App,
    grant: &Grant,
    host: Option<&HostId>,
    wanted: &ListNetworks,
) -> Result<web::Json<NetworkPage>, ApiError> {
    let cursor::Wanted { limit, after } =
        cursor::wanted(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    let gathered = gather(app, host, async |host| host.engine.networks().await).await?;
    let text = wanted.q.as_deref().unwrap_or_default().to_lowercase();
    let mut items: Vec<NetworkSummary> =
        gathered.answers.into_iter().flatten().map(|one| one.reveal(grant)).collect();
    items.retain(|one| one.name.to_lowercase().contains(&text) || one.id.starts_with(&text));
    let next_cursor = page(&mut items, after.as_ref(), limit, position);
    Ok(web::Json(NetworkPage { items, next_cursor, hosts: gathered.states }))
}

fn position(one: &NetworkSummary) -> String {
    format!("{}\0{}\0{}", one.name, one.host, one.id)
}
