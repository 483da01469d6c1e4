use actix_web::web;
use dockline_contract::rest::{DiskUsage, ErrorBody};

use crate::{ApiError, App, extract::PathHost, rest::one_host::enabled};

/// What takes a host's disk. The engine reads every volume for it, which can take a minute.
#[utoipa::path(get, path = "/api/v1/hosts/{host}/system/df", operation_id = "read_disk_usage", tag = "system",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "Images, containers, volumes and the build cache", body = DiskUsage),
              (status = 404, description = "There is no such host", body = ErrorBody),
              (status = 504, description = "The engine took too long", body = ErrorBody)))]
pub(crate) async fn df(
    app: web::Data<App>,
    PathHost(id): PathHost,
) -> Result<web::Json<DiskUsage>, ApiError> {
    let host = enabled(&app, &id).await?;
    let found = host.engine.disk_usage().await;
    found.map(web::Json).map_err(|error| ApiError::Docker { host: id, error })
}
