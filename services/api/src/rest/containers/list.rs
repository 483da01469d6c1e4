use actix_web::web;
use dockline_contract::rest::{ContainerPage, ContainerSummary, ErrorBody};
use dockline_docker::Host;
use dockline_domain::{HostId, access::Grant};
use futures::future::join_all;
use serde::Deserialize;
use utoipa::IntoParams;

use super::resolve::hosts;
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params},
    rest::{
        cursor,
        hosts::{disabled, offline, online},
    },
};

/// Which containers are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListContainers {
    /// On this host only.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
    /// In one of these states, separated by commas: `running,paused`.
    state: Option<String>,
    /// Part of the name or the image, or the beginning of the ID.
    q: Option<String>,
    /// With this label: `key` or `key=value`; may be repeated. Labels are hidden from viewers.
    #[serde(default)]
    label: Vec<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The containers of all hosts, by name. A host that does not answer, or is disabled, is named in `hosts` and fails
/// nothing else.
#[utoipa::path(get, path = "/api/v1/containers", operation_id = "list_containers", tag = "containers", params(ListContainers),
    responses((status = 200, description = "A page of containers", body = ContainerPage),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Granted(grant): Granted,
    Params(wanted): Params<ListContainers>,
) -> Result<web::Json<ContainerPage>, ApiError> {
    let mut fields = Fields::default();
    let limit = fields.check("limit", cursor::limit(wanted.limit));
    let after = wanted.cursor.as_deref().map(cursor::decode::<String>);
    let after = fields.check_optional("cursor", after);
    let Some(limit) = limit else { return Err(fields.into()) };
    fields.finish()?;
    let wanted_hosts = hosts(&app, wanted.host.as_ref()).await?;
    let answers = join_all(wanted_hosts.iter().map(|host| ask(&app, host, &grant))).await;

    let filter = Filter::new(&wanted);
    let mut items = Vec::new();
    let mut states = Vec::new();
    for (host, answer) in wanted_hosts.iter().zip(answers) {
        states.push(match answer {
            None => disabled(&app, host),
            Some(Err(reason)) => offline(&app, host, reason),
            Some(Ok(found)) => {
                items.extend(found.into_iter().filter(|one| filter.takes(one)));
                online(&app, host)
            }
        });
    }
    items.sort_by_cached_key(position);
    if let Some(after) = after {
        items.retain(|one| position(one) > after);
    }
    let more = cursor::cut(&mut items, limit);
    let next_cursor = items.last().filter(|_| more).map(|last| cursor::encode(&position(last)));
    Ok(web::Json(ContainerPage { items, next_cursor, hosts: states }))
}

/// What a host's engine answers; `None` if it is not asked.
async fn ask(app: &App, host: &Host, grant: &Grant) -> Option<Result<Vec<ContainerSummary>, String>> {
    if !host.enabled {
        return None;
    }
    let deadline = app.patience(host);
    Some(match tokio::time::timeout(deadline, host.engine.list()).await {
        Ok(Ok(found)) => Ok(found.into_iter().map(|one| one.reveal(grant)).collect()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(app.silence(host, deadline)),
    })
}

/// Where a container stands in the list: by name, and unambiguously where names repeat. NUL is in none
/// of the three.
fn position(one: &ContainerSummary) -> String {
    format!("{}\0{}\0{}", one.name, one.host, one.id)
}

struct Filter {
    states: Vec<String>,
    text: String,
    labels: Vec<(String, Option<String>)>,
}

impl Filter {
    fn new(wanted: &ListContainers) -> Self {
        let states = wanted.state.as_deref().unwrap_or_default().split(',');
        let label = |text: &String| match text.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (text.clone(), None),
        };
        Self {
            states: states.filter(|state| !state.is_empty()).map(str::to_owned).collect(),
            text: wanted.q.as_deref().unwrap_or_default().to_lowercase(),
            labels: wanted.label.iter().filter(|text| !text.is_empty()).map(label).collect(),
        }
    }

    /// Looks only at what the caller may see: a filter must not tell what the answer hides.
    fn takes(&self, one: &ContainerSummary) -> bool {
        (self.states.is_empty() || self.states.contains(&one.state))
            && (one.name.to_lowercase().contains(&self.text)
                || one.image.to_lowercase().contains(&self.text)
                || one.id.starts_with(&self.text))
            && self.labels.iter().all(|(key, value)| {
                one.labels.get(key).is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
            })
    }
}
