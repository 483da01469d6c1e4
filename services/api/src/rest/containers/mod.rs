//! Containers of all hosts, addressed by their engine's ID.

mod bulk;
mod commit;
mod create;
mod exec;
mod files;
mod inspect;
mod limits;
mod line_filter;
mod list;
mod logs;
mod look;
mod operate;
mod prune;
mod recreate;
mod remove;
mod rename;
mod resolve;
mod stats;
mod update;

// The path macros' types are needed beside the handlers, hence the globs.
pub(crate) use bulk::*;
pub(crate) use commit::*;
pub(crate) use create::*;
pub(crate) use exec::*;
pub(crate) use files::*;
pub(crate) use inspect::*;
pub(crate) use list::*;
pub(crate) use logs::*;
pub(crate) use look::*;
pub(crate) use operate::*;
pub(crate) use prune::*;
pub(crate) use recreate::*;
pub(crate) use remove::*;
pub(crate) use rename::*;
pub(crate) use resolve::{Target, hosts, resolve};
pub(crate) use stats::*;
pub(crate) use update::*;
