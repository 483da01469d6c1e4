//! What crosses a wire, versioned: REST bodies ([`rest`]) and WebSocket frames ([`ws`]).
//!
//! These types are the single source of the OpenAPI document and of the UI's types. Changes are
//! additive: fields are added, never renamed or given another meaning.

pub mod rest;
pub mod ws;
