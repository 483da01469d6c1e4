//! Schedules: kept and changed here, and in [`fire`] turned into jobs, once for each time.

mod fire;
mod row;

use dockline_domain::{ScheduleId, UserId};
use dockline_jobs::{Asker, Schedule, Task};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select, Statement, Value,
};

pub use self::fire::Fired;
use self::row::{each, schedule};
use crate::{
    Database, Error, Result,
    entity::schedule as table,
    error::{failed, is_duplicate},
    jobs::{json, now},
};

/// So many there may be.
const MOST: i64 = 200;

/// What has jobs done at certain times.
#[derive(Debug, Clone)]
pub struct Schedules(Database);

/// A schedule as somebody wants it.
#[derive(Debug, Clone)]
pub struct NewSchedule {
    /// Its name.
    pub name: String,
    /// When it runs.
    pub cron: String,
    /// The time zone of that.
    pub timezone: String,
    /// What it has done.
    pub task: Task,
    /// Whether it runs at all.
    pub enabled: bool,
    /// Whose rights it uses.
    pub owner: Asker,
    /// When it runs next, in microseconds since the Unix epoch; `None` when it does not.
    pub next_at: Option<i64>,
}

/// A schedule that cannot be read as it is stored, with what can be read of it: the rest is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenSchedule {
    /// Its ID.
    pub id: ScheduleId,
    /// Its name.
    pub name: String,
    /// When it would run.
    pub cron: String,
    /// The time zone of that.
    pub timezone: String,
    /// Whether it would run at all.
    pub enabled: bool,
    /// Whose rights it would use, and what they were called.
    pub owner: (UserId, String),
    /// When it was made, in microseconds since the Unix epoch.
    pub created_at: i64,
    /// When it was changed last.
    pub updated_at: i64,
    /// What is wrong with it.
    pub why: String,
}

/// Schedules, and apart from them those that cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredSchedules {
    /// Those that can be.
    pub schedules: Vec<Schedule>,
    /// Those that cannot.
    pub broken: Vec<BrokenSchedule>,
}

impl Schedules {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all(&self) -> Result<StoredSchedules> {
        self.read("read the schedules", table::Entity::find().order_by_asc(table::Column::Name)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::BrokenSchedule`] when it cannot be read.
    pub async fn get(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        let one = table::Entity::find().filter(table::Column::Id.eq(id.0));
        let mut found = self.read("read a schedule", one).await?;
        match found.broken.pop() {
            Some(broken) => Err(Error::BrokenSchedule { why: broken.why }),
            None => Ok(found.schedules.pop()),
        }
    }

    async fn read(&self, operation: &'static str, wanted: Select<table::Entity>) -> Result<StoredSchedules> {
        let read = self.0.read();
        let rows = read.query_all_raw(wanted.build(read.get_database_backend())).await;
        Ok(each(&rows.map_err(failed(operation))?))
    }

    /// Adds one.
    ///
    /// # Errors
    /// [`Error::ScheduleTaken`] when there is one of this name, [`Error::TooManySchedules`] when there are 200.
    pub async fn insert(&self, new: NewSchedule) -> Result<Schedule> {
        let mut values = values(ScheduleId::generate(), &new)?;
        values.push(MOST.into());
        let sql = "INSERT INTO schedules (id, name, cron, timezone, task, enabled, owner_id, owner_name, owner_session, \
             next_at, created_at, updated_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {now}, {now} \
             WHERE (SELECT count(*) FROM schedules) < $11 RETURNING *";
        self.change("add a schedule", sql, values).await?.ok_or(Error::TooManySchedules)
    }

    /// Replaces what somebody wants of one. When it ran last is kept.
    ///
    /// # Errors
    /// [`Error::NoSuchSchedule`], or [`Error::ScheduleTaken`] when another one has the name.
    pub async fn update(&self, id: ScheduleId, new: NewSchedule) -> Result<Schedule> {
        let sql = "UPDATE schedules SET name = $2, cron = $3, timezone = $4, task = $5, enabled = $6, owner_id = $7, \
             owner_name = $8, owner_session = $9, next_at = $10, updated_at = {now} WHERE id = $1 RETURNING *";
        self.change("change a schedule", sql, values(id, &new)?).await?.ok_or(Error::NoSuchSchedule)
    }

    /// Removes one, also one that cannot be read, and returns its name; its jobs and backups stay.
    ///
    /// # Errors
    /// [`Error::NoSuchSchedule`].
    pub async fn remove(&self, id: ScheduleId) -> Result<String> {
        const OPERATION: &str = "remove a schedule";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let sql = "DELETE FROM schedules WHERE id = $1 RETURNING name";
                    let gone = Statement::from_sql_and_values(tx.get_database_backend(), sql, [id.0.into()]);
                    let gone = tx.query_one_raw(gone).await.map_err(failed(OPERATION))?;
                    gone.ok_or(Error::NoSuchSchedule)?.try_get("", "name").map_err(failed(OPERATION))
                })
            })
            .await
    }

    async fn change(
        &self,
        operation: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Schedule>> {
        self.0
            .write(operation, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let sql = sql.replace("{now}", now(backend));
                    let statement = Statement::from_sql_and_values(backend, sql, values);
                    let row = table::Entity::find().from_raw_sql(statement).one(tx).await;
                    let row = row.map_err(|error| match is_duplicate(&error) {
                        true => Error::ScheduleTaken,
                        false => failed(operation)(error),
                    })?;
                    row.map(schedule).transpose()
                })
            })
            .await
    }
}

fn values(id: ScheduleId, new: &NewSchedule) -> Result<Vec<Value>> {
    Ok(vec![
        id.0.into(),
        new.name.as_str().into(),
        new.cron.as_str().into(),
        new.timezone.as_str().into(),
        json(&new.task)?.into(),
        new.enabled.into(),
        new.owner.user.0.into(),
        new.owner.username.as_str().into(),
        new.owner.session.0.into(),
        new.next_at.into(),
    ])
}
