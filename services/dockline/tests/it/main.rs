//! The real program, real Docker engines (both versions that the README names), real sockets.

mod client;
mod cluster;
mod corpus;
mod engine_absent;
mod limits;
mod one_read;
mod resume;
mod rotation;
mod sessions;
mod startup;
mod stats;
