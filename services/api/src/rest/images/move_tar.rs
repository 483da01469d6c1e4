use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    web,
};
use bytes::Bytes;
use dockline_contract::rest::{ErrorBody, ImagesImported};
use dockline_docker::Content;
use dockline_domain::{ImageRef, ImageReference};
use futures::StreamExt;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{names::require_names, resolve::resolve};
use crate::{
    ApiError, App,
    extract::{Fields, Granted, Params, PathHost, PathId},
    gate::Note,
    rest::{
        containers::{through, without_pauses},
        one_host::enabled,
    },
};

/// What goes into the tar.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Export {
    /// The names that the image has where the tar is imported; may be repeated. All that have a tag by default.
    #[serde(default)]
    name: Vec<String>,
}

/// An image as a tar for `import` or `docker load`. Streamed: any size takes the same memory.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/images/{id}/export", operation_id = "export_image", tag = "images",
    params(("host" = String, Path, description = "The host's ID"), ("id" = String, Path, description = "`sha256:` and 64 hexadecimal digits, or at least the first 12 of them"), Export),
    responses((status = 200, description = "The tar", content((String = "application/x-tar"))),
              (status = 400, description = "Not an image ID", body = ErrorBody),
              (status = 404, description = "There is no such host or image, or the image does not have the name", body = ErrorBody),
              (status = 422, description = "Not a name", body = ErrorBody)))]
pub(crate) async fn export(
    app: web::Data<App>,
    PathHost(host): PathHost,
    PathId(reference): PathId<ImageRef>,
    Params(wanted): Params<Export>,
) -> Result<HttpResponse, ApiError> {
    let mut fields = Fields::default();
    let names = wanted.name.iter().map(|name| name.parse::<ImageReference>()).collect::<Result<Vec<_>, _>>();
    let Some(mut names) = fields.check("name", names) else { return Err(fields.into()) };
    let target = resolve(&app, &host, &reference).await?;
    let engine = &target.host.engine;
    require_names(&target, &names).await?;
    if names.is_empty() {
        let image = engine.image(&target.id).await.map_err(|error| target.failed(error))?;
        names = image.names().filter_map(|name| name.parse().ok()).collect();
        names.retain(|name: &ImageReference| name.digest().is_none());
    }
    let tar = engine.export_image(&target.id, &names).await.map_err(|error| target.failed(error))?;
    let file = format!("attachment; filename=\"{}.tar\"", target.id.short());
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/x-tar"))
        .insert_header((CONTENT_DISPOSITION, file))
        .streaming(without_pauses(tar)))
}

/// Takes in the images of a tar that `export` or `docker save` wrote. Streamed to the engine. Names that other images have
/// are taken away from them.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/images/import", operation_id = "import_images", tag = "images",
    params(("host" = String, Path, description = "The host's ID")),
    request_body(content = String, content_type = "application/x-tar"),
    responses((status = 200, description = "What came in", body = ImagesImported),
              (status = 400, description = "The upload broke off", body = ErrorBody),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 413, description = "The tar is larger than the server takes", body = ErrorBody),
              (status = 422, description = "It is no tar of images, or damaged", body = ErrorBody)))]
pub(crate) async fn import(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    PathHost(id): PathHost,
    body: web::Payload,
) -> Result<web::Json<ImagesImported>, ApiError> {
    let host = enabled(&app, &id).await?;
    let limit = app.config.image_import_limit;
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&taken);
    let (sent, imported) = through(body, async |content| {
        host.engine.import_images(&grant, within(content, counted, limit)).await
    })
    .await;
    let taken = taken.load(Ordering::Relaxed);
    note.detail("bytes", taken);
    if taken > limit {
        return Err(ApiError::TooLarge { limit: usize::try_from(limit).unwrap_or(usize::MAX) });
    }
    if let Err(error) = sent {
        return Err(ApiError::UploadFailed(format!("the upload broke off ({error}); nothing was imported")));
    }
    let imported = imported.map_err(|error| ApiError::Docker { host: id, error })?;
    note.detail("loaded", imported.loaded.clone());
    Ok(web::Json(imported))
}

/// Ends in an error when more comes than is taken; counts what came.
fn within(content: Content, taken: Arc<AtomicU64>, limit: u64) -> Content {
    let counted = content.map(move |piece| {
        let piece: Bytes = piece?;
        let length = piece.len() as u64;
        let before = taken.fetch_add(length, Ordering::Relaxed);
        if before.saturating_add(length) > limit {
            return Err(std::io::Error::other("the tar is larger than the server takes"));
        }
        Ok(piece)
    });
    counted.boxed()
}
