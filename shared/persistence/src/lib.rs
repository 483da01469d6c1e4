//! What Dockline remembers: accounts, sign-ins, the audit log and whether set-up is done.
//!
//! [`Database::open`] opens the file and brings its schema up to date; the repositories
//! ([`Users`], [`Sessions`], [`AuditLog`], [`SetupState`]) are the only way to what is in it. Entities
//! and SQL stay in here: callers see domain types and [`Error`].
//!
//! Reads use a few connections that cannot write. Every change is one short transaction on the single
//! writing connection, in a task of its own: a caller that gives up (a closed socket, a time limit)
//! never leaves a transaction open behind it.

mod audit;
mod database;
mod entity;
mod error;
mod moment;
mod open;
mod sessions;
mod setup;
mod users;

pub use audit::{
    Actor, AuditFilter, AuditLog, AuditPage, AuditRow, Broken, MAX_PAGE, NewEntry, Outcome, Pending, Verified,
};
pub use database::Database;
pub use error::{Error, Result};
pub use moment::Moment;
pub use open::OpenError;
pub use sessions::{
    NewSession, ROTATION_GRACE_SECONDS, Rotation, SESSION_DAYS, SessionRecord, Sessions, TokenHash,
};
pub use setup::SetupState;
pub use users::{Account, Changed, Credentials, NewUser, UserChange, Users};
