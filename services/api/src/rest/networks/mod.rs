//! Networks of hosts, addressed by the engine's IDs.

mod create;
mod list;
mod look;
mod members;
mod prune;
mod remove;
mod resolve;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use create::*;
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use members::*;
pub(crate) use prune::*;
pub(crate) use remove::*;
