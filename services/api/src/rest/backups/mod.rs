//! Copies of volumes.

mod list;
mod make;
mod remove;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use list::*;
pub(crate) use make::*;
pub(crate) use remove::*;
