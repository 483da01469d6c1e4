//! Images that are built: the context goes into the database, from where any worker takes it.

mod context;
mod start;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use start::*;
