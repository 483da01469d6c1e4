//! Recordings of terminals: who may look at them sees them here.

mod cast;
mod list;
mod record;
mod remove;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use cast::*;
pub(crate) use list::*;
pub(crate) use remove::*;
