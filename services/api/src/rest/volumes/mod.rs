//! Volumes of hosts, addressed by their names.

mod create;
mod list;
mod look;
mod prune;
mod remove;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use create::*;
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use prune::*;
pub(crate) use remove::*;
