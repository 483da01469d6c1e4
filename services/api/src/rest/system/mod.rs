//! What takes a host's disk, and removing what is unused.

mod prune;
mod usage;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use prune::*;
pub(crate) use usage::*;
