use actix_web::web;
use dockline_contract::rest::{ErrorBody, ImagePage, ImageSummary};
use dockline_domain::HostId;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Params, PathHost},
    rest::{
        cursor,
        over_hosts::{gather, page},
        updates::Updates,
    },
};

/// Which images are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListImages {
    /// Part of a name, or the beginning of the ID.
    q: Option<String>,
    /// Only those without a tag, or only those with one.
    dangling: Option<bool>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// On which host.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OnHost {
    /// On this host only.
    #[param(value_type = Option<String>)]
    pub(crate) host: Option<HostId>,
}

/// The images of all hosts. A host that does not answer, or is disabled, is named in `hosts` and fails nothing else.
#[utoipa::path(get, path = "/api/v1/images", operation_id = "list_images", tag = "images", params(OnHost, ListImages),
    responses((status = 200, description = "A page of images", body = ImagePage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list(
    app: web::Data<App>,
    Params(on): Params<OnHost>,
    Params(wanted): Params<ListImages>,
) -> Result<web::Json<ImagePage>, ApiError> {
    listed(&app, on.host.as_ref(), &wanted).await
}

/// The images of one host.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images", operation_id = "list_host_images", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), ListImages),
    responses((status = 200, description = "A page of images", body = ImagePage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn list_of_host(
    app: web::Data<App>,
    PathHost(host): PathHost,
    Params(wanted): Params<ListImages>,
) -> Result<web::Json<ImagePage>, ApiError> {
    listed(&app, Some(&host), &wanted).await
}

async fn listed(
    app: &App,
    host: Option<&HostId>,
    wanted: &ListImages,
) -> Result<web::Json<ImagePage>, ApiError> {
    let cursor::Wanted { limit, after } =
        cursor::wanted(Fields::default(), wanted.limit, wanted.cursor.as_ref())?;
    let gathered = gather(app, host, async |host| host.engine.images().await).await?;
    let text = wanted.q.as_deref().unwrap_or_default().to_lowercase();
    let mut items: Vec<ImageSummary> = gathered.answers.into_iter().flatten().collect();
    items.retain(|one| wanted.dangling.is_none_or(|dangling| dangling == one.dangling) && has(one, &text));
    let updates = Updates::read(app, host).await;
    items.iter_mut().for_each(|one| updates.note_at_image(one));
    let next_cursor = page(&mut items, after.as_ref(), limit, position);
    Ok(web::Json(ImagePage { items, next_cursor, hosts: gathered.states }))
}

fn has(one: &ImageSummary, text: &str) -> bool {
    let hex = one.id.strip_prefix("sha256:").unwrap_or(&one.id);
    text.is_empty()
        || one.id.starts_with(text)
        || hex.starts_with(text)
        || one.tags.iter().chain(&one.digests).any(|name| name.to_lowercase().contains(text))
}

/// Where an image stands in the list. No name begins with `~`, so those without one are the last.
fn position(one: &ImageSummary) -> String {
    let name = one.tags.iter().min().map_or("~", String::as_str);
    format!("{name}\0{}\0{}", one.host, one.id)
}
