use dockline_domain::{UserId, stack::SavedFor};
use sea_orm::{DbErr, FromQueryResult, prelude::Uuid};

use super::StackRevision;
use crate::{Error, Moment, Result};

/// Everything but the file, which is large.
#[derive(FromQueryResult)]
pub(super) struct Head {
    host: String,
    name: String,
    revision: i32,
    action: String,
    services: String,
    saved_by_id: Uuid,
    saved_by_name: String,
    saved_at: i64,
    deployed_at: Option<i64>,
}

impl Head {
    pub(super) fn read(self) -> Result<StackRevision> {
        let unreadable = |error: &dyn std::fmt::Display| failure(error.to_string());
        Ok(StackRevision {
            host: self.host.parse().map_err(|error| unreadable(&error))?,
            name: self.name.parse().map_err(|error| unreadable(&error))?,
            revision: number(self.revision),
            action: SavedFor::parse(&self.action)
                .ok_or_else(|| failure(format!("there is no action `{}` of a stack", self.action)))?,
            services: serde_json::from_str(&self.services).map_err(|error| unreadable(&error))?,
            saved_by: (
                UserId(self.saved_by_id),
                self.saved_by_name.parse().map_err(|error| unreadable(&error))?,
            ),
            saved_at: Moment(self.saved_at),
            deployed_at: self.deployed_at.map(Moment),
        })
    }
}

pub(super) fn failure(why: String) -> Error {
    Error::Failed { operation: "read a stack", source: DbErr::Type(why) }
}

/// Revisions begin with 1.
pub(super) fn number(revision: i32) -> u32 {
    revision.unsigned_abs()
}

/// As a revision is stored. One that is larger than any is none.
pub(super) fn stored(revision: u32) -> i32 {
    i32::try_from(revision).unwrap_or(i32::MAX)
}
