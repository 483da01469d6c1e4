use std::time::Duration;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::CONTENT_LENGTH, web};
use dockline_contract::rest::FieldError;
use futures::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;

use crate::{ApiError, App};

/// A JSON body.
///
/// 408 when it does not come, 415 without `application/json` (which also keeps other sites' forms out), 413 above the limit, 400
/// when it is no JSON, 422 naming the field when it is not what the route takes.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request.app_data::<web::Data<App>>().map_or(0, |app| app.config.json_limit);
        let taken = take(request, payload, limit);
        Box::pin(async move { taken.await.map(Self) })
    }
}

/// A JSON body that may have a file in it: as [`Body`], under a larger limit.
#[derive(Debug)]
pub struct LargeBody<T>(pub T);

/// A Compose file of 1 MiB and its variables, as JSON writes them.
const LARGE: usize = 4 << 20;

impl<T: DeserializeOwned + 'static> FromRequest for LargeBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taken = take(request, payload, LARGE);
        Box::pin(async move { taken.await.map(Self) })
    }
}

fn take<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<T, ApiError>> + use<T> {
    let is_json = request.content_type().eq_ignore_ascii_case("application/json");
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut payload = payload.take();
    async move {
        if !is_json {
            return Err(ApiError::UnsupportedMediaType);
        }
        if announced.is_some_and(|length: usize| length > limit) {
            return Err(ApiError::TooLarge { limit });
        }
        let read = read(&mut payload, limit);
        let bytes = tokio::time::timeout(DEADLINE, read).await.map_err(|_| ApiError::SlowBody)??;
        parse(&bytes)
    }
}

/// A body that takes longer is meant to keep a connection busy.
const DEADLINE: Duration = Duration::from_secs(10);

async fn read(payload: &mut Payload, limit: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| ApiError::MalformedBody)?;
        if bytes.len() + part.len() > limit {
            return Err(ApiError::TooLarge { limit });
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if !inner.is_data() {
            return ApiError::MalformedJson { line: inner.line(), column: inner.column() };
        }
        let field = field(path, &inner.to_string());
        ApiError::InvalidFields(vec![field])
    })?;
    reader.end().map_err(|error| ApiError::MalformedJson { line: error.line(), column: error.column() })?;
    Ok(value)
}

/// The field that is wrong. Where a field is missing or unknown, serde's path ends at the object around
/// it and the message names it.
pub(super) fn field(path: String, message: &str) -> FieldError {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = |prefix: &str| message.strip_prefix(prefix)?.split('`').next();
    let named = quoted("missing field `").or_else(|| quoted("unknown field `"));
    let field = match (path.as_str(), named) {
        ("." | "", Some(name)) => name.to_owned(),
        (path, Some(name)) if !path.ends_with(name) => format!("{path}.{name}"),
        ("." | "", None) => "body".to_owned(),
        _ => path,
    };
    FieldError { field, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use dockline_contract::rest::CreateUser;

    use super::*;

    fn wrong(body: &str) -> String {
        match parse::<CreateUser>(body.as_bytes()) {
            Err(ApiError::InvalidFields(fields)) => fields[0].field.clone(),
            Err(error) => error.code().to_owned(),
            Ok(_) => "nothing".to_owned(),
        }
    }

    #[test]
    fn names_what_is_wrong() {
        for (body, field) in [
            ("", "malformed_json"),
            ("{", "malformed_json"),
            (r#"{"username":"a"}}"#, "password"),
            (r#"{"username":"a","password":"b","role":"c"} x"#, "malformed_json"),
            (r#"{"username":1,"password":"b","role":"c"}"#, "username"),
            (r#"{"username":"a","password":null,"role":"c"}"#, "password"),
            (r#"{"username":"a","role":"c"}"#, "password"),
            (r#"{"username":"a","password":"b","role":"c","admin":true}"#, "admin"),
            ("[]", "body"),
            ("null", "body"),
            ("\"text\"", "body"),
            (r#"{"username":"a","password":"b","role":"c"}"#, "nothing"),
        ] {
            assert_eq!(wrong(body), field, "{body}");
        }
    }
}
