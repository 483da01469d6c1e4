use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{ApiError, openapi::openapi, schemas};

/// The OpenAPI 3.1 document of this API.
#[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "openapi", tag = "documents", security(()),
    responses((status = 200, description = "The document", body = Object)))]
pub(crate) async fn openapi_json() -> Result<HttpResponse, ApiError> {
    let json =
        openapi().to_json().map_err(|_| ApiError::Internal("the OpenAPI document cannot be written"))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(json))
}

/// The published JSON Schemas.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchemaIndex {
    /// The schemas.
    items: Vec<SchemaLink>,
}

/// Where one JSON Schema is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SchemaLink {
    /// Its name.
    name: &'static str,
    /// What it describes.
    description: &'static str,
    /// Its path.
    path: String,
}

/// The JSON Schemas of WebSocket messages and of Kafka payloads.
#[utoipa::path(get, path = "/api/v1/schemas/", operation_id = "list_schemas", tag = "documents", security(()),
    responses((status = 200, description = "Their names and paths", body = SchemaIndex)))]
pub(crate) async fn schema_index() -> web::Json<SchemaIndex> {
    let link = |schema: &schemas::Published| SchemaLink {
        name: schema.name,
        description: schema.description,
        path: format!("/api/v1/schemas/{}.json", schema.name),
    };
    web::Json(SchemaIndex { items: schemas::PUBLISHED.iter().map(link).collect() })
}

/// One JSON Schema.
#[utoipa::path(get, path = "/api/v1/schemas/{name}.json", operation_id = "get_schema", tag = "documents", security(()),
    params(("name" = String, Path, description = "The schema's name, for example `LogFrame`")),
    responses((status = 200, description = "The schema (2020-12)", body = Object),
              (status = 404, description = "There is no such schema", body = dockline_contract::rest::ErrorBody)))]
pub(crate) async fn schema(name: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let name = name.into_inner();
    let schema = schemas::PUBLISHED.iter().find(|schema| schema.name == name).ok_or(ApiError::NotFound)?;
    Ok(HttpResponse::Ok().content_type("application/schema+json").json((schema.document)()))
}
