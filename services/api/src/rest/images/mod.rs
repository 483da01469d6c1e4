//! Images of hosts, addressed by their content; names go in bodies and queries.

mod list;
mod look;
mod move_tar;
mod names;
mod prune;
mod remove;
mod resolve;
mod search;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use move_tar::*;
pub(crate) use names::*;
pub(crate) use prune::*;
pub(crate) use remove::*;
pub(crate) use search::*;
