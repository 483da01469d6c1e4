use actix_web::web;
use dockline_contract::rest::{ContainerPage, ContainerSummary, ErrorBody};
use dockline_domain::HostId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params},
    rest::{
        cursor,
        over_hosts::{gather, page},
        updates::Updates,
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
    let cursor::Wanted { limit, after } =
        cursor::wanted(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    let gathered = gather(&app, wanted.host.as_ref(), async |host| host.engine.list().await).await?;
    let filter = Filter::new(&wanted);
    let mut items: Vec<ContainerSummary> =
        gathered.answers.into_iter().flatten().map(|one| one.reveal(&grant)).collect();
    items.retain(|one| filter.takes(one));
    let updates = Updates::read(&app, wanted.host.as_ref()).await;
    items.iter_mut().for_each(|one| updates.note_at(one));
    let next_cursor = page(&mut items, after.as_ref(), limit, position);
    Ok(web::Json(ContainerPage { items, next_cursor, hosts: gathered.states }))
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
