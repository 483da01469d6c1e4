use actix_web::web;
use dockline_contract::rest::{ErrorBody, ImagesFound};
use dockline_domain::RegistryAddress;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost},
    rest::one_host::enabled,
};

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchImages {
    /// A part of a name on Docker Hub; or a registry, a slash and a part of a name there.
    #[serde(default)]
    term: String,
    /// How many at most, 1 to 100; 25 by default.
    limit: Option<u64>,
}

const MAX_TERM: usize = 255;

/// Searches a registry for images. The host's engine asks it, with the credentials that are stored for it. Registries
/// other than Docker Hub seldom answer such questions.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images/search", operation_id = "search_images", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), SearchImages),
    responses((status = 200, description = "What was found", body = ImagesFound),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 409, description = "The host is disabled", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody),
              (status = 502, description = "The engine or the registry does not answer", body = ErrorBody)))]
pub(crate) async fn search(
    app: web::Data<App>,
    Granted(grant): Granted,
    PathHost(host): PathHost,
    Params(wanted): Params<SearchImages>,
) -> Result<web::Json<ImagesFound>, ApiError> {
    let mut fields = Fields::default();
    let term = wanted.term.trim();
    let is_term = !term.is_empty() && term.len() <= MAX_TERM && !term.contains(char::is_control);
    let registry = if is_term {
        RegistryAddress::searched(term)
            .ok_or("begins with what is no registry: host[:port] as images name it".to_owned())
    } else {
        Err(format!("must have 1 to {MAX_TERM} characters"))
    };
    let registry = fields.check("term", registry);
    let limit = wanted.limit.unwrap_or(25);
    let in_range = if (1..=100).contains(&limit) { Ok(()) } else { Err("must be 1 to 100") };
    fields.check("limit", in_range);
    let Some(registry) = registry else { return Err(fields.into()) };
    fields.finish()?;
    let target = enabled(&app, &host).await?;
    let stored = app.registries.of(&registry).await?;
    let login = stored.and_then(|record| app.directory.opener().registry_login(&record).ok());
    let found = target.engine.search_images(&grant, term, limit, login.as_ref()).await;
    let items = found.map_err(|error| ApiError::Docker { host, error })?;
    Ok(web::Json(ImagesFound { items }))
}
