//! What Dockline remembers: accounts, sign-ins, the audit log, the Docker hosts, background jobs and whether set-up is done.
//!
//! [`Database::open`] opens an SQLite file (one process) or a PostgreSQL database (several replicas);
//! the repositories ([`Users`], [`Sessions`], [`AuditLog`], [`HostBooks`], [`Jobs`], [`SetupState`]) are the only way to what
//! is in it, and the same for both. Entities and SQL stay in here: callers see domain types and [`Error`].
//!
//! Every change is one short transaction, in a task of its own: a caller that gives up (a closed
//! socket, a time limit) never leaves a transaction open behind it. On SQLite changes queue for the
//! single writing connection, and reads use a few that cannot write. On PostgreSQL a change locks the
//! rows that its decision rests on, since another replica may decide about them at the same moment:
//! accounts before sign-ins, accounts in the order of their ids, so that nobody deadlocks.

mod audit;
mod backups;
mod carry_over;
mod database;
mod entity;
mod error;
mod history;
mod hosts;
mod image_updates;
mod jobs;
mod moment;
mod open;
mod recordings;
mod registries;
mod schedules;
mod schema;
mod sessions;
mod setup;
mod stacks;
mod text;
mod users;

pub use audit::{
    Actor, AuditFilter, AuditLog, AuditPage, AuditRow, Broken, ChainRow, MAX_PAGE, NewEntry, Outcome,
    Pending, Verified,
};
pub use backups::{Backup, BackupFilter, BackupFolder, BackupPage, Backups, Stored};
pub use carry_over::{CarriedOver, CarryOverError};
pub use database::Database;
pub use error::{Error, Result};
pub use history::{Appended, EventFilter, EventHistory, EventMark, EventPage, Sample, StatsHistory, Step};
pub use hosts::{HostBooks, HostChange, NewHost};
pub use image_updates::{ImageCheck, ImageUpdates};
pub use jobs::{End, JobFilter, JobPage, Jobs, MAX_PIECE, NewJob, Part, Standing};
pub use moment::Moment;
pub use open::{OpenError, file::sqlite_file, server::ServerError};
pub use recordings::{
    Extent, NewRecording, OfContainer, Recording, RecordingEnd, RecordingFilter, RecordingPage,
    RecordingState, Recordings,
};
pub use registries::{NewRegistry, Registries, RegistryChange};
pub use schedules::{BrokenSchedule, Fired, NewSchedule, Schedules, StoredSchedules};
pub use sessions::{
    NewSession, ROTATION_GRACE_SECONDS, Rotation, SESSION_DAYS, SessionRecord, Sessions, TokenHash,
};
pub use setup::SetupState;
pub use stacks::{NewStackRevision, StackRevision, Stacks};
pub use users::{Account, Changed, Credentials, NewUser, UserChange, Users};
