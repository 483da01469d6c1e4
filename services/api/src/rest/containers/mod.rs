//! Containers of all hosts, addressed by their engine's ID.

mod inspect;
mod line_filter;
mod list;
mod logs;
mod operate;
mod remove;
mod rename;
mod resolve;
mod stats;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use inspect::*;
pub(crate) use list::*;
pub(crate) use logs::*;
pub(crate) use operate::*;
pub(crate) use remove::*;
pub(crate) use rename::*;
pub(crate) use resolve::{Target, resolve};
pub(crate) use stats::*;
