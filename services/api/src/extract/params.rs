use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use dockline_domain::{HostId, ids::InvalidId};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

use super::body::field;
use crate::ApiError;

/// The `{id}` of a path, parsed: 400 when it is not one, and then nothing behind it was called.
#[derive(Debug)]
pub struct PathId<T>(pub T);

impl<T: FromStr<Err = InvalidId>> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default();
        ready(text.parse().map(Self).map_err(ApiError::InvalidId))
    }
}

/// The `{name}` of a path, parsed: 400 when it is none.
#[derive(Debug)]
pub struct PathName<T>(pub T);

impl<T: FromStr<Err = InvalidId>> FromRequest for PathName<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("name").unwrap_or_default();
        ready(text.parse().map(Self).map_err(ApiError::InvalidId))
    }
}

/// The `{host}` of a path, parsed: 400 when it is none.
#[derive(Debug)]
pub struct PathHost(pub HostId);

impl FromRequest for PathHost {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("host").unwrap_or_default();
        ready(text.parse().map(Self).map_err(ApiError::InvalidId))
    }
}

/// The query's parameters. Unknown ones are ignored, wrong ones answered with 422 and their name.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let parsed = serde_path_to_error::deserialize(serde_html_form::Deserializer::new(pairs));
        ready(parsed.map(Self).map_err(|error| {
            let path = error.path().to_string();
            ApiError::InvalidFields(vec![field(path, &error.into_inner().to_string())])
        }))
    }
}

/// Which host is meant, where a container's ID alone may not say it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Select {
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    pub host: Option<HostId>,
}
