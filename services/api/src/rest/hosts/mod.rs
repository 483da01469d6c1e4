//! The Docker hosts: what they are, whether they answer, and changing them.

mod credentials;
mod list;
mod manage;
mod trial;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use list::*;
pub(crate) use manage::*;
pub(crate) use trial::*;
