//! Stacks: Compose projects, whoever made them, and their files where those are kept here.
//!
//! Whatever changes something at an engine is a job. What a file asks for is judged here, before the job is made, and again
//! by the worker, with the rights of then. The Compose plugin runs in this process too, to read files: so every replica can
//! say what is wrong with one.

mod act;
mod adopt;
mod deploy;
mod file;
mod judge;
mod list;
mod look;
mod overview;
mod validate;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use act::*;
pub(crate) use adopt::*;
pub(crate) use deploy::*;
pub(crate) use file::*;
pub(crate) use list::*;
pub(crate) use look::*;
pub(crate) use validate::*;
