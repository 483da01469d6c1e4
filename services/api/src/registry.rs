//! The route registry: what every route needs, said where it is registered.
//!
//! [`Endpoint`] is the only way to register a handler, and it cannot be made without an [`Access`]; a
//! route that changes something cannot be finished without saying what the audit log calls it.
//! [`check`] compares the table with the OpenAPI document when the server is built.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{FromRequest, Handler, Responder, http::Method, middleware::Compress, web};
use dockline_domain::access::Permission;

use crate::{App, gate::Gate};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not.
    Public,
    /// Everybody who is signed in.
    SignedIn,
    /// Whoever's role includes the permission.
    Requires(Permission),
}

/// What the audit log gets from a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// Nothing but denials: it changes nothing, or nothing worth a line.
    Nothing,
    /// A line before and a line after, under this name.
    Action(&'static str),
    /// A line after, under this name: for routes where the caller is not known before.
    Afterwards(&'static str),
}

/// How a route is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Requests and answers.
    Rest,
    /// An upgrade: tickets are accepted, origins are checked, nothing is compressed.
    WebSocket,
}

/// A route's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The method.
    pub method: Method,
    /// The path's pattern, as in the OpenAPI document.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What the audit log gets.
    pub audit: Audit,
    /// How it is spoken to.
    pub transport: Transport,
    /// Whether answers are compressed for clients that can read that.
    pub compress: bool,
}

/// A declaration and the handler behind it.
#[derive(Clone)]
pub struct Endpoint {
    declaration: Arc<Declaration>,
    handler: Arc<dyn Fn() -> actix_web::Route + Send + Sync>,
}

/// A declaration that still lacks its handler.
#[derive(Debug)]
#[must_use = "an endpoint needs a handler: call `to`"]
pub struct Declared(Declaration);

/// A declaration of a route that changes something, which must first say how it is audited.
#[derive(Debug)]
#[must_use = "a route that changes something must say how it is audited"]
pub struct Unaudited(Declaration);

impl Endpoint {
    /// A route that changes nothing.
    pub fn get(path: &'static str, access: Access) -> Declared {
        let mut declaration = declaration(Method::GET, path, access);
        // Public answers may mix what a stranger sent with a secret; they are small anyway.
        declaration.compress = access != Access::Public;
        Declared(declaration)
    }

    /// A route that makes or does something.
    pub fn post(path: &'static str, access: Access) -> Unaudited {
        Unaudited(declaration(Method::POST, path, access))
    }

    /// A route that changes something.
    pub fn patch(path: &'static str, access: Access) -> Unaudited {
        Unaudited(declaration(Method::PATCH, path, access))
    }

    /// A route that puts something in the place of what may be there.
    pub fn put(path: &'static str, access: Access) -> Unaudited {
        Unaudited(declaration(Method::PUT, path, access))
    }

    /// A route that removes something.
    pub fn delete(path: &'static str, access: Access) -> Unaudited {
        Unaudited(declaration(Method::DELETE, path, access))
    }

    /// A socket.
    pub fn websocket(path: &'static str, permission: Permission) -> Declared {
        let declaration = declaration(Method::GET, path, Access::Requires(permission));
        Declared(Declaration { transport: Transport::WebSocket, ..declaration })
    }

    /// What was declared.
    #[must_use]
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// The actix route: the handler behind its gate.
    pub(crate) fn route(&self, app: &web::Data<App>) -> actix_web::Route {
        let gate = Gate::new(Arc::clone(&self.declaration), app.clone());
        let route = (self.handler)();
        if self.declaration.compress { route.wrap(Compress::default()).wrap(gate) } else { route.wrap(gate) }
    }
}

impl Unaudited {
    /// The name of the action in the audit log, which gets a line before it and one after.
    pub fn audited(self, action: &'static str) -> Declared {
        Declared(Declaration { audit: Audit::Action(action), ..self.0 })
    }

    /// The name of the action in the audit log, which gets one line after it.
    pub fn audited_afterwards(self, action: &'static str) -> Declared {
        Declared(Declaration { audit: Audit::Afterwards(action), ..self.0 })
    }

    /// Not worth a line; `_reason` says why, to whoever reads the table.
    pub fn not_audited(self, _reason: &'static str) -> Declared {
        Declared(self.0)
    }
}

impl Declared {
    /// The name of the action in the audit log, for reading that is worth a line before it and one after.
    pub fn audited(self, action: &'static str) -> Self {
        Self(Declaration { audit: Audit::Action(action), ..self.0 })
    }

    /// Answers are sent as they are: they are streamed, or compressed already.
    pub fn uncompressed(self) -> Self {
        Self(Declaration { compress: false, ..self.0 })
    }

    /// The function that answers.
    pub fn to<F, Args>(self, handler: F) -> Endpoint
    where
        F: Handler<Args> + Send + Sync,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let method = self.0.method.clone();
        let handler = move || web::method(method.clone()).to(handler.clone());
        Endpoint { declaration: Arc::new(self.0), handler: Arc::new(handler) }
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.declaration.fmt(f)
    }
}

const fn declaration(method: Method, path: &'static str, access: Access) -> Declaration {
    Declaration { method, path, access, audit: Audit::Nothing, transport: Transport::Rest, compress: false }
}

/// Why the table of routes cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// Served, but unknown to programs.
    #[error("the route {0} is declared but missing in the OpenAPI document")]
    Undocumented(String),
    /// Promised to programs, but without a declared permission.
    #[error("the route {0} is in the OpenAPI document but has no declared permission")]
    Undeclared(String),
    /// The same method and path twice.
    #[error("the route {0} is declared twice")]
    Twice(String),
}

/// Compares the table with the OpenAPI document: the same methods and paths, each once.
///
/// # Errors
/// [`Inconsistent`], naming the first route that is wrong.
pub fn check(endpoints: &[Endpoint], document: &utoipa::openapi::OpenApi) -> Result<(), Inconsistent> {
    let mut declared = BTreeSet::new();
    for endpoint in endpoints {
        let name = format!("{} {}", endpoint.declaration.method, endpoint.declaration.path);
        if !declared.insert(name.clone()) {
            return Err(Inconsistent::Twice(name));
        }
    }
    let documented: BTreeSet<String> = document
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            [
                ("GET", &item.get),
                ("PUT", &item.put),
                ("POST", &item.post),
                ("DELETE", &item.delete),
                ("OPTIONS", &item.options),
                ("HEAD", &item.head),
                ("PATCH", &item.patch),
                ("TRACE", &item.trace),
            ]
            .into_iter()
            .filter(|(_, operation)| operation.is_some())
            .map(move |(method, _)| format!("{method} {path}"))
        })
        .collect();
    if let Some(name) = declared.difference(&documented).next() {
        return Err(Inconsistent::Undocumented(name.clone()));
    }
    if let Some(name) = documented.difference(&declared).next() {
        return Err(Inconsistent::Undeclared(name.clone()));
    }
    Ok(())
}
