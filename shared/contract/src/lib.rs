//! What crosses a wire, versioned: REST bodies ([`rest`]), WebSocket frames ([`ws`]) and Kafka payloads ([`kafka`]).
//!
//! These types are the single source of the OpenAPI document and of the UI's types. Changes are
//! additive: fields are added, never renamed or given another meaning.

pub mod kafka;
pub mod rest;
pub mod ws;
