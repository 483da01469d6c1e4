use std::{collections::BTreeMap, time::Duration};

use actix_web::web;
use dockline_contract::rest::{ErrorBody, SizesMissing, VolumePage, VolumeSummary};
use dockline_docker::{Host, Result as DockerResult, Sensitive};
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

/// Which volumes are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListVolumes {
    /// Part of the name.
    q: Option<String>,
    /// Only those that no container uses, or only those that one does.
    unused: Option<bool>,
    /// With sizes. The engine reads every volume for them; what does not come within the time that a list waits for a host is
    /// left out, and `sizes_missing` says why.
    #[serde(default)]
    sizes: bool,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The volumes of all hosts, by name. A host that does not answer, or is disabled, is named in `hosts` and fails nothing
/// else.
#[utoipa::path(get, path = "/api/v1/volumes", operation_id = "list_volumes", tag = "volumes", params(OnHost, ListVolumes),
    responses((status = 200, description = "A page of volumes", body = VolumePage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Granted(grant): Granted,
    Params(on): Params<OnHost>,
    Params(wanted): Params<ListVolumes>,
) -> Result<web::Json<VolumePage>, ApiError> {
    listed(&app, &grant, on.host.as_ref(), &wanted).await
}

/// The volumes of one host, by name.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/volumes", operation_id = "list_host_volumes", tag = "volumes",
    params(("host" = String, Path, description = "The host's ID"), ListVolumes),
    responses((status = 200, description = "A page of volumes", body = VolumePage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list_of_host(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    Params(wanted): Params<ListVolumes>,
) -> Result<web::Json<VolumePage>, ApiError> {
    listed(&app, &grant, Some(&host), &wanted).await
}

async fn listed(
    app: &App,
    grant: &Grant,
    host: Option<&HostId>,
    wanted: &ListVolumes,
) -> Result<web::Json<VolumePage>, ApiError> {
    let cursor::Wanted { limit, after } =
        cursor::wanted(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    // So that the names are there by the time that the list stops waiting.
    let patience = app.config.host_deadline.mul_f32(0.8);
    let gathered = gather(app, host, |host| ask(host, wanted.sizes.then_some(patience))).await?;
    let text = wanted.q.as_deref().unwrap_or_default().to_lowercase();
    let (mut items, mut sizes_missing) = (Vec::new(), Vec::new());
    for (volumes, sizes) in gathered.answers {
        let (sizes, missing) =
            sizes.map_or_else(|missing| (BTreeMap::new(), Some(missing)), |sizes| (sizes, None));
        sizes_missing.extend(missing);
        items.extend(volumes.into_iter().map(|one| {
            let mut volume = one.reveal(grant);
            volume.size_bytes = sizes.get(&volume.name).copied();
            volume
        }));
    }
    items.retain(|one| {
        one.name.to_lowercase().contains(&text)
            && wanted.unused.is_none_or(|unused| unused == one.containers.is_empty())
    });
    let next_cursor = page(&mut items, after.as_ref(), limit, position);
    Ok(web::Json(VolumePage { items, next_cursor, hosts: gathered.states, sizes_missing }))
}

/// A host's volumes; and their sizes, or why there are none.
type Answer = (Vec<Sensitive<VolumeSummary>>, Result<BTreeMap<String, u64>, SizesMissing>);

/// Asks for both at the same time. Sizes are waited for so long, and never instead of the volumes.
async fn ask(host: Host, patience: Option<Duration>) -> DockerResult<Answer> {
    let sizes = async {
        let Some(patience) = patience else { return Ok(BTreeMap::new()) };
        let missing = |reason| SizesMissing { host: host.id.to_string(), reason };
        match tokio::time::timeout(patience, host.engine.volume_sizes()).await {
            Ok(sizes) => sizes.map_err(|error| missing(error.to_string())),
            Err(_) => {
                let waited = patience.as_secs_f32();
                Err(missing(format!("the engine did not tell what is in its volumes within {waited:.1} s")))
            }
        }
    };
    let (volumes, sizes) = tokio::join!(host.engine.volumes(), sizes);
    Ok((volumes?, sizes))
}

fn position(one: &VolumeSummary) -> String {
    format!("{}\0{}", one.name, one.host)
}
