//! Background jobs: asking for them, looking at them, calling them off and repeating them.

mod change;
mod list;
mod pull;
mod push;
mod record;
mod updates;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use change::*;
pub(crate) use list::*;
pub(crate) use pull::*;
pub(crate) use push::*;
pub(crate) use record::{record, state};
pub(crate) use updates::*;
