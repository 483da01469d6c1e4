//! Volumes of hosts, addressed by their names.

mod archive;
mod create;
mod files;
mod list;
mod look;
mod prune;
mod remove;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use archive::*;
pub(crate) use create::*;
pub(crate) use files::*;
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use prune::*;
pub(crate) use remove::*;
