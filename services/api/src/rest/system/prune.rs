use actix_web::web;
use dockline_contract::rest::{
    ErrorBody, FieldError, PruneFailure, PruneSystem, SystemPrunePreview, SystemPruned, UnusedImages,
    UnusedVolumes,
};
use dockline_docker::{Error, Host};
use dockline_domain::access::Grant;
use futures::future::OptionFuture;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Body, Granted, Params, PathHost},
    gate::Note,
    rest::one_host::enabled,
};

/// Which kinds, as in the body of the prune.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Kinds {
    /// Containers that do not run.
    #[serde(default)]
    containers: bool,
    /// Images: `dangling` ones or `all` that no container was made of.
    #[param(inline)]
    images: Option<UnusedImages>,
    /// Networks without containers.
    #[serde(default)]
    networks: bool,
    /// Volumes that no container uses: `anonymous` ones or `all`.
    #[param(inline)]
    volumes: Option<UnusedVolumes>,
    /// What builds keep for later ones.
    #[serde(default)]
    build_cache: bool,
}

/// What a prune of a host would remove now, of the kinds that are named.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/system/prune/preview", operation_id = "preview_system_prune", tag = "system",
    params(("host" = String, Path, description = "The host's ID"), Kinds),
    responses((status = 200, description = "A section for each kind", body = SystemPrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "No kind is named", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
    Params(Kinds { containers, images, networks, volumes, build_cache }): Params<Kinds>,
) -> Result<web::Json<SystemPrunePreview>, ApiError> {
    require_kind(PruneSystem { containers, images, networks, volumes, build_cache })?;
    let host = enabled(&app, &id).await?;
    let engine = &host.engine;
    let asked = async {
        let containers = OptionFuture::from(containers.then(|| engine.prunable_containers()));
        let images = OptionFuture::from(images.map(|which| engine.prunable_images(which)));
        let networks = OptionFuture::from(networks.then(|| engine.prunable_networks()));
        let volumes = OptionFuture::from(volumes.map(|which| engine.prunable_volumes(which)));
        let cache = OptionFuture::from(build_cache.then(|| engine.prunable_build_cache()));
        let (containers, images, networks, volumes, cache) =
            tokio::join!(containers, images, networks, volumes, cache);
        Ok::<_, Error>(SystemPrunePreview {
            containers: containers.transpose()?,
            images: images.transpose()?,
            networks: networks.transpose()?,
            volumes: volumes.transpose()?,
            build_cache: cache.transpose()?,
            total_bytes: 0,
        })
    };
    let mut preview = asked.await.map_err(|error| ApiError::Docker { host: id, error })?;
    let sums = [
        preview.containers.as_ref().map(|one| one.total_bytes),
        preview.images.as_ref().map(|one| one.total_bytes),
        preview.volumes.as_ref().map(|one| one.total_bytes),
        preview.build_cache.as_ref().map(|one| one.total_bytes),
    ];
    preview.total_bytes = sums.into_iter().flatten().sum();
    Ok(web::Json(preview))
}

/// Removes what is unused on a host, of the kinds that are named: containers first, since they hold the others. A kind that
/// fails is told beside what the others removed.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/system/prune", operation_id = "prune_system", tag = "system", request_body = PruneSystem,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "A section for each kind", body = SystemPruned),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "No kind is named", body = ErrorBody)))]
pub(crate) async fn prune(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<PruneSystem>,
) -> Result<web::Json<SystemPruned>, ApiError> {
    require_kind(wanted)?;
    let host = enabled(&app, &id).await?;
    let pruned = every_kind(&host, &grant, wanted).await?;
    describe(&note, &pruned);
    Ok(web::Json(pruned))
}

/// Fails only when the first kind fails because the engine does not answer: nothing was done then.
async fn every_kind(host: &Host, grant: &Grant, wanted: PruneSystem) -> Result<SystemPruned, ApiError> {
    let engine = &host.engine;
    let mut results = Results { host, failed: Vec::new(), succeeded: false };
    let mut pruned = SystemPruned::default();
    if wanted.containers {
        pruned.containers = results.take("containers", engine.prune_containers(grant).await)?;
    }
    if wanted.networks {
        pruned.networks = results.take("networks", engine.prune_networks(grant).await)?;
    }
    if let Some(which) = wanted.volumes {
        pruned.volumes = results.take("volumes", engine.prune_volumes(grant, which).await)?;
    }
    if let Some(which) = wanted.images {
        pruned.images = results.take("images", engine.prune_images(grant, which).await)?;
    }
    if wanted.build_cache {
        pruned.build_cache = results.take("build_cache", engine.prune_build_cache(grant).await)?;
    }
    let sums = [
        pruned.containers.as_ref().map(|one| one.reclaimed_bytes),
        pruned.volumes.as_ref().map(|one| one.reclaimed_bytes),
        pruned.images.as_ref().map(|one| one.reclaimed_bytes),
        pruned.build_cache.as_ref().map(|one| one.reclaimed_bytes),
    ];
    pruned.reclaimed_bytes = sums.into_iter().flatten().sum();
    pruned.failed = results.failed;
    Ok(pruned)
}

/// What has come of the kinds so far.
struct Results<'a> {
    host: &'a Host,
    failed: Vec<PruneFailure>,
    succeeded: bool,
}

impl Results<'_> {
    fn take<T>(&mut self, part: &str, result: Result<T, Error>) -> Result<Option<T>, ApiError> {
        let error = match result {
            Ok(done) => {
                self.succeeded = true;
                return Ok(Some(done));
            }
            Err(error) => error,
        };
        let nothing_done =
            !self.succeeded && matches!(error, Error::Unreachable { .. } | Error::Unusable { .. });
        let error = ApiError::Docker { host: self.host.id.clone(), error };
        if nothing_done {
            return Err(error);
        }
        let (code, message) = (error.code().to_owned(), error.to_string());
        self.failed.push(PruneFailure { part: part.to_owned(), code, message });
        Ok(None)
    }
}

fn require_kind(wanted: PruneSystem) -> Result<(), ApiError> {
    if wanted == PruneSystem::default() {
        let message =
            "name what is to be pruned: containers, images, networks, volumes, build_cache".to_owned();
        return Err(ApiError::InvalidFields(vec![FieldError { field: "containers".to_owned(), message }]));
    }
    Ok(())
}

fn describe(note: &Note, pruned: &SystemPruned) {
    let removed = [
        ("containers", pruned.containers.as_ref().map(|one| &one.removed)),
        ("networks", pruned.networks.as_ref().map(|one| &one.removed)),
        ("volumes", pruned.volumes.as_ref().map(|one| &one.removed)),
        ("images", pruned.images.as_ref().map(|one| &one.deleted)),
    ];
    for (kind, removed) in removed {
        if let Some(removed) = removed {
            note.detail(kind, removed.clone());
        }
    }
    if !pruned.failed.is_empty() {
        let parts: Vec<&str> = pruned.failed.iter().map(|one| one.part.as_str()).collect();
        note.detail("failed", parts);
    }
    note.detail("reclaimed_bytes", pruned.reclaimed_bytes);
}
