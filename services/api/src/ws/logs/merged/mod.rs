mod asked;
mod lineage;
mod part;
mod turns;
mod view;

use actix_web::{HttpRequest, HttpResponse, web};
use dockline_contract::rest::ErrorBody;
use dockline_domain::{ContainerId, ContainerRef, HostId};
use dockline_fanout::session::SeatOf;
use futures::future::join_all;
use serde::Deserialize;
use utoipa::IntoParams;

use self::{
    asked::{Asked, Named},
    view::View,
};
use crate::{
    ApiError, App,
    extract::{Granted, Params},
    rest::containers::{Target, resolve},
    ws::upgrade::{seat, upgrade, verify},
};

/// The most containers in one view.
const MOST_PARTS: usize = 50;

/// Which logs are watched together, and how. At least one container or stack; at most 50 containers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MergedParams {
    /// A container: its ID or a prefix of at least 12 digits, or `<host>/<id>`. May be repeated.
    #[serde(default)]
    container: Vec<String>,
    /// A Compose project as `<host>/<project>`: all its containers, also those that come later. May be repeated.
    #[serde(default)]
    stack: Vec<String>,
    /// The host of the containers that are given without one.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
    /// Resume a container's log behind a position: `<container>=<epoch>:<n>`. May be repeated; goes before `tail` and `since`.
    #[serde(default)]
    from: Vec<String>,
    /// Lines of each container to begin with: a number or `all`; 100 by default. Those that join a stack later begin at
    /// their oldest line.
    tail: Option<String>,
    /// Nothing older: RFC 3339 or seconds since 1970.
    since: Option<String>,
    /// Go on with new output; true by default.
    follow: Option<bool>,
}

/// The logs of several containers of any hosts, live, in one socket. Each container has a position of its own to resume
/// from, and its end or failure is a frame that leaves the others alone.
#[utoipa::path(get, path = "/ws/logs", operation_id = "serve_merged", tag = "sockets", params(MergedParams),
    responses((status = 101, description = "The socket; its messages are described at /api/v1/schemas/MergedLogFrame.json"),
              (status = 401, description = "No ticket and no token", body = ErrorBody),
              (status = 403, description = "No permission, or a foreign origin", body = ErrorBody),
              (status = 422, description = "A parameter is wrong, or nothing is asked for", body = ErrorBody),
              (status = 429, description = "Too many connections", body = ErrorBody)))]
pub(crate) async fn serve_merged(
    Granted(grant): Granted,
    Params(params): Params<MergedParams>,
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let asked = Asked::parse(&params)?;
    // Before engines are asked for nothing.
    verify(&request)?;
    let seat = seat(&app, SeatOf::User(grant.principal().user)).await?;
    let named = join_all(asked.containers.iter().map(|named| find(&app, named))).await;
    let view = View::new(app.clone(), asked, named, seat);
    upgrade(&app.sockets, &request, payload, grant.principal().clone(), view)
}

/// A container that was asked for, or why it cannot be had.
type Found = Result<(HostId, ContainerId), Failure>;

/// Why a container is not in the view.
struct Failure {
    container: String,
    error: ApiError,
}

async fn find(app: &App, named: &Named) -> Found {
    match resolve(app, &named.reference, named.host.as_ref()).await {
        Ok(Target { host, id }) => Ok((host.id, id)),
        Err(error) => match (&error, &named.host, whole(&named.reference)) {
            // Its engine is silent, and that is all: the stream says `delayed`, and goes on when the engine answers.
            (ApiError::Docker { .. }, Some(host), Some(id)) => Ok((host.clone(), id)),
            _ => Err(Failure { container: named.reference.to_string(), error }),
        },
    }
}

fn whole(reference: &ContainerRef) -> Option<ContainerId> {
    reference.as_str().parse().ok()
}
