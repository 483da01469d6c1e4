use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer that is not a success.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// Stable and documented; programs decide by it.
    #[schema(example = "container_not_found")]
    pub code: String,
    /// For people: what failed and what to do next.
    pub message: String,
    /// Find this request in the server's log by it.
    pub request_id: String,
    /// One entry per wrong field, for `invalid_fields`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Anything else that belongs to the code, for example the hosts of an ambiguous container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<serde_json::Value>,
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The field's path in the body or the parameter's name.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}
