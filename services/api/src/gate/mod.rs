//! The gate in front of every route: who is asking, may they, and what the audit log gets.
//!
//! A gate belongs to one route and is made from its declaration, so a route cannot be reached around
//! it. In order: the `Origin` where that matters, authentication, authorization, the audit log's
//! intent, the handler, the audit log's outcome. A request that changes something runs to its end even
//! when the caller hangs up, so that its outcome is always recorded.

mod audit;
mod authenticate;
mod hung_up;
mod note;
mod origin;

use std::{
    future::{Ready, ready},
    panic::AssertUnwindSafe,
    rc::Rc,
    sync::Arc,
};

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready},
    web,
};
use dockline_domain::access::{Grant, Principal, authorize};
use dockline_persistence::{Moment, NewEntry, Pending};
use futures::{FutureExt, future::LocalBoxFuture};
use tracing::Instrument;

pub(crate) use audit::entry_apart;
pub use hung_up::HungUp;
pub use note::Note;
pub(crate) use origin::Origins;

use crate::{
    ApiError, App,
    registry::{Access, Audit, Declaration, Transport},
};

/// What the gate found out about the caller.
#[derive(Debug, Clone)]
pub(crate) enum Admitted {
    /// Nobody was asked for.
    Anyone,
    /// Somebody who is signed in.
    SignedIn(Principal),
    /// Somebody with the permission that the route needs.
    Granted(Grant),
}

impl Admitted {
    pub(crate) const fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Anyone => None,
            Self::SignedIn(principal) => Some(principal),
            Self::Granted(grant) => Some(grant.principal()),
        }
    }
}

/// Wraps a route according to its declaration.
pub(crate) struct Gate {
    declaration: Arc<Declaration>,
    app: web::Data<App>,
}

impl Gate {
    pub(crate) const fn new(declaration: Arc<Declaration>, app: web::Data<App>) -> Self {
        Self { declaration, app }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Gate
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = Gated<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(Gated {
            service: Rc::new(service),
            declaration: Arc::clone(&self.declaration),
            app: self.app.clone(),
        }))
    }
}

/// A route behind its gate.
pub(crate) struct Gated<S> {
    service: Rc<S>,
    declaration: Arc<Declaration>,
    app: web::Data<App>,
}

impl<S, B> Service<ServiceRequest> for Gated<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (service, app) = (Rc::clone(&self.service), self.app.clone());
        let declaration = Arc::clone(&self.declaration);
        Box::pin(async move {
            let admitted = match admit(&app, &declaration, &request).await {
                Ok(admitted) => admitted,
                Err(refused) => {
                    audit::refused(&app, &declaration, &request, &refused).await;
                    return Ok(request.into_response(refused.error.error_response()));
                }
            };
            request.extensions_mut().insert(admitted.clone());
            request.extensions_mut().insert(Note::default());
            match declaration.audit {
                Audit::Nothing => Ok(service.call(request).await?.map_into_boxed_body()),
                Audit::Action(action) => {
                    let entry = audit::entry(action, &admitted, &request);
                    Ok(to_the_end(service, request, app, entry, true).await)
                }
                Audit::Afterwards(action) => {
                    let entry = audit::entry(action, &admitted, &request);
                    Ok(to_the_end(service, request, app, entry, false).await)
                }
            }
        })
    }
}

/// Somebody was not let in.
struct Refused {
    error: ApiError,
    /// Who it was, if that is known.
    principal: Option<Principal>,
}

async fn admit(app: &App, declaration: &Declaration, request: &ServiceRequest) -> Result<Admitted, Refused> {
    let stranger = |error| Refused { error, principal: None };
    let socket = declaration.transport == Transport::WebSocket;
    // Requests with a bearer token cannot be forged by another site; those that live on the refresh
    // cookie, make the first administrator or open a socket could be.
    let changes = !declaration.method.is_safe();
    if socket || (changes && declaration.access == Access::Public) {
        let required = socket && authenticate::relies_on_ticket(request);
        app.origins.check(request.headers(), required).map_err(stranger)?;
    }
    let permission = match declaration.access {
        Access::Public => return Ok(Admitted::Anyone),
        Access::SignedIn => None,
        Access::Requires(permission) => Some(permission),
    };
    let principal = authenticate::principal(app, request, socket).await.map_err(stranger)?;
    let Some(permission) = permission else { return Ok(Admitted::SignedIn(principal)) };
    authorize(&principal, permission)
        .map(Admitted::Granted)
        .map_err(|denied| Refused { error: ApiError::Denied(denied), principal: Some(principal) })
}

/// What the audit log has already got about a request.
pub(crate) enum Written {
    /// The intent.
    Intent(Pending),
    /// Nothing yet.
    Nothing(NewEntry),
}

/// Records the intent, runs the handler and records the outcome, in a task of its own: actix drops a
/// request's future when the connection breaks, and then nobody would know whether the container was
/// stopped.
async fn to_the_end<S, B>(
    service: Rc<S>,
    request: ServiceRequest,
    app: web::Data<App>,
    entry: NewEntry,
    before: bool,
) -> ServiceResponse<BoxBody>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let http = request.request().clone();
    let hung_up = HungUp::of(&http);
    request.extensions_mut().insert(hung_up.clone());
    // Dropped with this future: by actix when it gives the request up, or when all is done.
    let _waiting = hung_up.dropped.drop_guard();
    let task = recorded(service, request, app, entry, before).in_current_span();
    match actix_web::rt::spawn(task).await {
        Ok(response) => response,
        Err(_ended) => {
            ServiceResponse::new(http, ApiError::Internal("the server is ending").error_response())
        }
    }
}

async fn recorded<S, B>(
    service: Rc<S>,
    request: ServiceRequest,
    app: web::Data<App>,
    entry: NewEntry,
    before: bool,
) -> ServiceResponse<BoxBody>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let http = request.request().clone();
    let written = if before {
        match app.audit.intend(entry, Moment::now()).await {
            Ok(pending) => Written::Intent(pending),
            // What cannot be recorded is not done.
            Err(error) => return ServiceResponse::new(http, ApiError::from(error).error_response()),
        }
    } else {
        Written::Nothing(entry)
    };
    let called = AssertUnwindSafe(async move { service.call(request).await }).catch_unwind().await;
    let response = match called {
        Ok(Ok(response)) => response.map_into_boxed_body(),
        Ok(Err(error)) => ServiceResponse::from_err(error, http),
        Err(_panic) => ServiceResponse::new(http, ApiError::Internal("a handler panicked").error_response()),
    };
    audit::conclude(&app, written, &response).await;
    response
}
