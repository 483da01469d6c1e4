//! The credentials of registries. Dockline itself connects to no registry: engines do, so that whoever may write an
//! address here can have nothing asked from where Dockline stands.

mod manage;
mod secret;
mod trial;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use manage::*;
pub(crate) use trial::*;
