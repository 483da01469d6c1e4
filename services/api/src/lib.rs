//! The REST and WebSocket API and the embedded web UI: the only crate that names actix.
//!
//! # For the composition root
//! [`build`] takes [`Deps`] (an already bound listener, [`ApiConfig`], the adapters behind every port, a
//! token that is cancelled when the process is to end) and returns a [`Server`] after checking that
//! every route is declared and documented. [`Server::run`] serves until that token is cancelled: then
//! `/readyz` turns to 503, no connection is accepted any more, and what is under way has
//! [`ApiConfig::stop_deadline`] to end. No signal handler is installed here.
//!
//! # For writers of handlers
//! Every route is one line of [`routes`], made by [`registry::Endpoint`]:
//!
//! ```ignore
//! Endpoint::post("/api/v1/containers/{id}/start", Access::Requires(Permission::ContainersOperate))
//!     .audited("container.start")
//!     .to(containers::start),
//! Endpoint::websocket("/ws/events", Permission::EventsRead).to(events::serve),
//! ```
//!
//! There is no other way to register a handler, and each comes wrapped in its own [`gate`]: the caller
//! is authenticated (bearer token; on sockets also a single-use `?ticket=`, and the `Origin` is
//! checked), authorized, and the action written to the audit log, before the handler sees the request.
//! Handlers take what was decided from extractors: [`extract::Granted`] (a `Grant`; its principal has the
//! user and the session), [`extract::SignedIn`] (a `Principal`), [`extract::Caller`] (request ID and
//! address), [`extract::PathId`], [`extract::PathHost`], [`extract::Params`], [`extract::Body`], [`gate::Note`] (what the audit
//! log should say beside the path), and `web::Data<App>` ([`App`]: every port, the repositories, the
//! limits, the shutdown token). Errors are [`ApiError`], and nothing else implements `ResponseError`.

mod app;
mod audit_relay;
mod client_address;
mod config;
mod directory;
mod edge;
mod error;
mod exec;
pub mod extract;
pub mod gate;
mod job_watches;
mod limits;
mod metrics;
mod openapi;
mod prober;
pub mod registry;
mod rest;
mod rosters;
pub mod routes;
mod schemas;
mod server;
mod web_ui;
mod ws;

pub use app::{App, Deps};
pub use audit_relay::AuditRelay;
pub use config::{ApiConfig, InvalidPublicUrl, PublicUrl, SignInLimits};
pub use directory::{Directory, DirectoryParts};
pub use error::ApiError;
pub use exec::{RecordedTerminals, RecordingPolicy};
pub use openapi::openapi;
pub use schemas::json_schemas;
pub use server::{BuildError, Server, build};
