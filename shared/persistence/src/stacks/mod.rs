//! The Compose files of stacks, in the forms that are kept.

mod row;

use dockline_domain::{HostId, StackName, UserId, Username, host::Sealed, stack::SavedFor};
use dockline_jobs::Job;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use self::row::{Head, failure, number, stored};
use crate::{
    Database, Error, Moment, NewJob, Result,
    entity::stack_revision::{ActiveModel, Column, Entity},
    error::{failed, is_duplicate},
    jobs::{Origin, insert},
};

/// So many forms of a file are kept, the newest.
const KEPT: i32 = 20;
const SAVE: &str = "keep a stack's file";

/// A form of a stack's file, without the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackRevision {
    /// The stack's host.
    pub host: HostId,
    /// The stack.
    pub name: StackName,
    /// 1, 2, …
    pub revision: u32,
    /// What it was saved for.
    pub action: SavedFor,
    /// The file's services.
    pub services: Vec<String>,
    /// Who saved it.
    pub saved_by: (UserId, Username),
    /// When.
    pub saved_at: Moment,
    /// When it was last deployed with success.
    pub deployed_at: Option<Moment>,
}

/// A form of a stack's file that is to be kept.
#[derive(Debug, Clone)]
pub struct NewStackRevision {
    /// The stack's host.
    pub host: HostId,
    /// The stack.
    pub name: StackName,
    /// Its number: the one behind the newest, 1 for a new stack.
    pub revision: u32,
    /// What it is saved for.
    pub action: SavedFor,
    /// The file and its variables, sealed for [`StackRevision`]'s place.
    pub sealed: Sealed,
    /// The file's services.
    pub services: Vec<String>,
    /// Who saves it.
    pub saved_by: (UserId, Username),
}

/// The Compose files of stacks.
#[derive(Debug, Clone)]
pub struct Stacks(Database);

impl Stacks {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Every form of every stack's file, of all hosts or of one; by host and name, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self, host: Option<&HostId>) -> Result<Vec<StackRevision>> {
        let mut query = heads().order_by_asc(Column::Host).order_by_asc(Column::Name);
        if let Some(host) = host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        self.read(query).await
    }

    /// The forms of one stack's file, newest first; none for a stack without a file.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of(&self, host: &HostId, name: &StackName) -> Result<Vec<StackRevision>> {
        self.read(heads().filter(one(host.as_str(), name.as_str()))).await
    }

    async fn read(&self, query: Select<Entity>) -> Result<Vec<StackRevision>> {
        let rows = query.order_by_desc(Column::Revision).into_model::<Head>().all(self.0.read()).await;
        rows.map_err(failed("read the stacks"))?.into_iter().map(Head::read).collect()
    }

    /// The sealed file of one form.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn file(&self, host: &HostId, name: &StackName, revision: u32) -> Result<Option<Sealed>> {
        let key = (host.to_string(), name.to_string(), stored(revision));
        let row = Entity::find_by_id(key).one(self.0.read()).await.map_err(failed("read a stack's file"))?;
        Ok(row.map(|row| Sealed(row.sealed)))
    }

    /// Keeps a form of a file, and forgets all but the newest twenty.
    ///
    /// # Errors
    /// [`Error::StackChanged`] when its number is not the one behind the newest.
    pub async fn save(&self, new: NewStackRevision, now: Moment) -> Result<()> {
        self.0.write(SAVE, move |tx| Box::pin(save(tx, new, now))).await
    }

    /// Keeps a form of a file as [`Stacks::save`] does, and adds the job that deploys it: both, or neither.
    ///
    /// # Errors
    /// As [`Stacks::save`], and [`Error::TooManyJobs`].
    pub async fn save_and_deploy(&self, new: NewStackRevision, job: NewJob, now: Moment) -> Result<Job> {
        self.0
            .write(SAVE, move |tx| {
                Box::pin(async move {
                    save(tx, new, now).await?;
                    insert(tx, job, Origin::default()).await
                })
            })
            .await
    }

    /// Notes that a form was deployed with success.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn deployed(&self, host: &HostId, name: &StackName, revision: u32, now: Moment) -> Result<()> {
        const OPERATION: &str = "note a stack's deployment";
        let (host, name) = (host.to_string(), name.to_string());
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    Entity::update_many()
                        .col_expr(Column::DeployedAt, Expr::value(now.0))
                        .filter(one(&host, &name))
                        .filter(Column::Revision.eq(stored(revision)))
                        .exec(tx)
                        .await
                        .map_err(failed(OPERATION))?;
                    Ok(())
                })
            })
            .await
    }

    /// Forgets a stack's file in all its forms.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn forget(&self, host: &HostId, name: &StackName) -> Result<()> {
        let (host, name) = (host.to_string(), name.to_string());
        self.0
            .write("forget a stack", move |tx| Box::pin(async move { forget(tx, one(&host, &name)).await }))
            .await
    }
}

/// Forgets what belongs to a host that is removed.
pub(crate) async fn forget_host(tx: &DatabaseTransaction, host: &HostId) -> Result<()> {
    forget(tx, Column::Host.eq(host.as_str())).await
}

async fn forget(tx: &DatabaseTransaction, which: Expr) -> Result<()> {
    let gone = Entity::delete_many().filter(which).exec(tx).await;
    gone.map(drop).map_err(failed("forget a stack"))
}

async fn save(tx: &DatabaseTransaction, new: NewStackRevision, now: Moment) -> Result<()> {
    let (host, name, revision) = (new.host.to_string(), new.name.to_string(), stored(new.revision));
    let newest = newest(tx, &host, &name).await?;
    if newest.map_or(0, number) + 1 != new.revision {
        return Err(Error::StackChanged);
    }
    let row = ActiveModel {
        host: Set(host.clone()),
        name: Set(name.clone()),
        revision: Set(revision),
        action: Set(new.action.as_str().to_owned()),
        sealed: Set(new.sealed.0),
        services: Set(serde_json::to_string(&new.services).map_err(|error| failure(error.to_string()))?),
        saved_by_id: Set(new.saved_by.0.0),
        saved_by_name: Set(new.saved_by.1.to_string()),
        saved_at: Set(now.0),
        deployed_at: Set(None),
    };
    row.insert(tx).await.map_err(|error| {
        // Another replica was quicker.
        if is_duplicate(&error) { Error::StackChanged } else { failed(SAVE)(error) }
    })?;
    let old = Entity::delete_many().filter(one(&host, &name)).filter(Column::Revision.lte(revision - KEPT));
    old.exec(tx).await.map(drop).map_err(failed(SAVE))
}

async fn newest(tx: &DatabaseTransaction, host: &str, name: &str) -> Result<Option<i32>> {
    let query = Entity::find().select_only().column(Column::Revision);
    query
        .filter(one(host, name))
        .order_by_desc(Column::Revision)
        .into_tuple()
        .one(tx)
        .await
        .map_err(failed("read the stacks"))
}

/// The rows of one stack.
fn one(host: &str, name: &str) -> Expr {
    Column::Host.eq(host).and(Column::Name.eq(name))
}

fn heads() -> Select<Entity> {
    Entity::find().select_only().columns([
        Column::Host,
        Column::Name,
        Column::Revision,
        Column::Action,
        Column::Services,
        Column::SavedById,
        Column::SavedByName,
        Column::SavedAt,
        Column::DeployedAt,
    ])
}
