use std::{
    future::{Ready, ready},
    net::IpAddr,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use dockline_domain::access::{Grant, Principal};

use crate::{ApiError, gate::Admitted};

/// The permission that the route needs, held by whoever asks. Its principal has the user and the
/// session.
#[derive(Debug, Clone)]
pub struct Granted(pub Grant);

/// Whoever asks, on a route for everybody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Principal);

/// The request itself: its ID and where it came from.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The request's ID, made here.
    pub request_id: String,
    /// The client's address, proxies of ours left out.
    pub address: Option<IpAddr>,
}

/// A handler asks for what its route does not prove: a defect, answered with 500 and not with data.
const UNDECLARED: ApiError = ApiError::Internal("a handler needs more than its route declares");

impl FromRequest for Granted {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.extensions().get::<Admitted>() {
            Some(Admitted::Granted(grant)) => Ok(Self(grant.clone())),
            _ => Err(UNDECLARED),
        })
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = request.extensions();
        let principal = extensions.get::<Admitted>().and_then(Admitted::principal);
        ready(principal.cloned().map(Self).ok_or(UNDECLARED))
    }
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().cloned().unwrap_or_default()))
    }
}
