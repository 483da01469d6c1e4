//! Schedules: what has jobs done at certain times.

mod change;
mod list;
mod parse;
mod record;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use change::*;
pub(crate) use list::*;
