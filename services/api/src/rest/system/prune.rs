use std::time::Duration;

use actix_web::{HttpResponse, web};
use dockline_contract::rest::{
    ErrorBody, FieldError, JobAccepted, PruneFailure, PruneSystem, SystemPrunePreview, SystemPruned,
    UnusedImages, UnusedVolumes,
};
use dockline_docker::{Error, Host, Pruned, prune_system};
use dockline_domain::access::Grant;
use dockline_jobs::JobSpec;
use dockline_persistence::NewJob;
use futures::future::OptionFuture;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    ApiError, App,
    extract::{Body, Granted, Params, PathHost},
    gate::Note,
    rest::{
        jobs::{accepted, asker},
        one_host::enabled,
    },
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
    /// Only what was created so many hours ago at least; not together with volumes or the build cache.
    older_than_hours: Option<u32>,
}

/// What a prune of a host would remove now, of the kinds that are named.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/system/prune/preview", operation_id = "preview_system_prune", tag = "system",
    params(("host" = String, Path, description = "The host's ID"), Kinds),
    responses((status = 200, description = "A section for each kind", body = SystemPrunePreview),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "No kind is named, or an age that engines cannot tell", body = ErrorBody)))]
pub(crate) async fn preview_prune(
    app: web::Data<App>,
    PathHost(id): PathHost,
    Params(Kinds { containers, images, networks, volumes, build_cache, older_than_hours }): Params<Kinds>,
) -> Result<web::Json<SystemPrunePreview>, ApiError> {
    require_kind(PruneSystem { containers, images, networks, volumes, build_cache, older_than_hours })?;
    if build_cache && older_than_hours.is_some() {
        let message = "engines do not tell beforehand what of the build cache is so old: ask for it apart";
        return Err(wrong("older_than_hours", message));
    }
    let age = older_than_hours.map(|hours| Duration::from_hours(hours.into()));
    let host = enabled(&app, &id).await?;
    let engine = &host.engine;
    let asked = async {
        let containers = OptionFuture::from(containers.then(|| engine.prunable_containers(age)));
        let images = OptionFuture::from(images.map(|which| engine.prunable_images(which, age)));
        let networks = OptionFuture::from(networks.then(|| engine.prunable_networks(age)));
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

/// Removes what is unused on a host, as a background job, whose steps tell what each kind removed.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/system/prune/job", operation_id = "prune_system_later", tag = "system", request_body = PruneSystem,
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 202, description = "The job that does it", body = JobAccepted),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 422, description = "No kind is named, or an age that engines cannot tell", body = ErrorBody),
              (status = 429, description = "Too many jobs are waiting", body = ErrorBody)))]
pub(crate) async fn prune_later(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    Body(wanted): Body<PruneSystem>,
) -> Result<HttpResponse, ApiError> {
    require_kind(wanted)?;
    enabled(&app, &id).await?;
    let spec = JobSpec::SystemPrune { host: id, what: wanted };
    accepted(&app, &note, NewJob { spec, asker: asker(grant.principal()), retry_of: None }).await
}

/// Does it, and tells kinds that failed beside what the others removed.
async fn every_kind(host: &Host, grant: &Grant, wanted: PruneSystem) -> Result<SystemPruned, ApiError> {
    let failed = |error| ApiError::Docker { host: host.id.clone(), error };
    let Pruned { done, failed: kinds } = prune_system(&*host.engine, grant, wanted).await.map_err(failed)?;
    let told = kinds.into_iter().map(|(part, error)| {
        let error = failed(error);
        PruneFailure { part: part.to_owned(), code: error.code().to_owned(), message: error.to_string() }
    });
    Ok(SystemPruned { failed: told.collect(), ..done })
}

/// Refuses a prune of nothing, and an age that no engine can tell.
pub(crate) fn require_kind(wanted: PruneSystem) -> Result<(), ApiError> {
    match wanted.older_than_hours {
        Some(1..=87_600) | None => {}
        Some(_) => return Err(wrong("older_than_hours", "write a number of hours from 1 to 87,600")),
    }
    if wanted.older_than_hours.is_some() && wanted.volumes.is_some() {
        return Err(wrong(
            "older_than_hours",
            "engines do not tell the age of a volume's use: prune volumes apart",
        ));
    }
    if (PruneSystem { older_than_hours: None, ..wanted }) == PruneSystem::default() {
        return Err(wrong(
            "containers",
            "name what is to be pruned: containers, images, networks, volumes, build_cache",
        ));
    }
    Ok(())
}

fn wrong(field: &str, message: &str) -> ApiError {
    ApiError::InvalidFields(vec![FieldError { field: field.to_owned(), message: message.to_owned() }])
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
