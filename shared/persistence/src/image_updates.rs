use std::collections::BTreeSet;

use dockline_domain::{HostId, ImageReference};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};

use crate::{
    Database, Error, Moment, Result,
    entity::image_update::{ActiveModel, Column, Entity, Model},
    error::failed,
    text::storable,
};

/// What a registry said of an image that a host has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageCheck {
    /// The host.
    pub host: HostId,
    /// The name under which the registry was asked.
    pub reference: ImageReference,
    /// What the registry has under this name; `None` while it was never told.
    pub digest: Option<String>,
    /// The IDs of images of the host that bear the name, or were made a container of under it, and are something else.
    pub outdated: BTreeSet<String>,
    /// Why the last look told nothing. What the one before told is still there.
    pub error: Option<String>,
    /// When the registry was asked last.
    pub checked_at: Moment,
}

/// The longest reason that is kept, in characters.
const MAX_ERROR: usize = 500;

/// What registries said of newer images.
#[derive(Debug, Clone)]
pub struct ImageUpdates(Database);

impl ImageUpdates {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Everything that is known about a host's images; of all hosts without one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(&self, host: Option<&HostId>) -> Result<Vec<ImageCheck>> {
        let mut query = Entity::find();
        if let Some(host) = host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        let rows = query.all(self.0.read()).await.map_err(failed("read what registries said"))?;
        rows.into_iter().map(check).collect()
    }

    /// Writes down what a registry said, in the place of what it said before. A failure leaves that as it is, and adds the
    /// reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn record(&self, said: ImageCheck) -> Result<()> {
        const OPERATION: &str = "write down what a registry said";
        let outdated =
            serde_json::to_string(&said.outdated).map_err(|error| unreadable(error.to_string()))?;
        let columns: &[Column] = if said.error.is_some() {
            &[Column::Error, Column::CheckedAt]
        } else {
            &[Column::Digest, Column::Outdated, Column::Error, Column::CheckedAt]
        };
        let columns = columns.to_vec();
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let row = ActiveModel {
                        host: Set(said.host.into()),
                        reference: Set(said.reference.to_string()),
                        digest: Set(said.digest),
                        outdated: Set(outdated),
                        error: Set(said.error.map(|why| storable(why.chars().take(MAX_ERROR).collect()))),
                        checked_at: Set(said.checked_at.0),
                    };
                    let key = OnConflict::columns([Column::Host, Column::Reference]);
                    Entity::insert(row)
                        .on_conflict({
                            let mut key = key;
                            key.update_columns(columns).to_owned()
                        })
                        .exec_without_returning(tx)
                        .await
                        .map(drop)
                        .map_err(failed(OPERATION))
                })
            })
            .await
    }

    /// Forgets what was said before this moment about the images of a host: they were not there any more when all of its
    /// images were looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_before(&self, host: &HostId, moment: Moment) -> Result<()> {
        const OPERATION: &str = "forget what registries said";
        let host = host.to_string();
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let old = Entity::delete_many()
                        .filter(Column::Host.eq(host))
                        .filter(Column::CheckedAt.lt(moment.0));
                    old.exec(tx).await.map(drop).map_err(failed(OPERATION))
                })
            })
            .await
    }
}

fn check(row: Model) -> Result<ImageCheck> {
    Ok(ImageCheck {
        host: row.host.parse().map_err(|error| unreadable(format!("{error}")))?,
        reference: row.reference.parse().map_err(|error| unreadable(format!("{error}")))?,
        digest: row.digest,
        outdated: serde_json::from_str(&row.outdated).map_err(|error| unreadable(error.to_string()))?,
        error: row.error,
        checked_at: Moment(row.checked_at),
    })
}

fn unreadable(why: String) -> Error {
    Error::Failed { operation: "read what registries said", source: DbErr::Type(why) }
}
