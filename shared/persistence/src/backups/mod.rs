//! Copies of volumes: what is known of each, and in [`folder`] the files.

mod folder;

use dockline_domain::{HostId, JobId, ScheduleId, UserId, VolumeName};
use dockline_jobs::JobState;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Uuid,
    sea_query::OnConflict,
};

pub use self::folder::{BackupFolder, Stored};
use crate::{
    Database, Error, MAX_PAGE, Moment, Result,
    entity::{
        backup::{ActiveModel, Column, Entity, Model},
        job,
    },
    error::failed,
};

/// So many files are asked about at the same time.
const AT_ONCE: usize = 500;
/// A job that is called off behind its last byte is over within seconds.
const OVER_WITHIN_SECONDS: i64 = 3_600;

/// A copy of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its ID: that of the job that made it.
    pub id: JobId,
    /// The host that the volume was on.
    pub host: HostId,
    /// The volume.
    pub volume: VolumeName,
    /// The tar's size in bytes.
    pub bytes: u64,
    /// The tar's SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// What the volume reached of its host, if it did.
    pub reaches: Option<String>,
    /// The schedule that had it made.
    pub schedule: Option<ScheduleId>,
    /// The account that had it made.
    pub creator: UserId,
    /// Its name at that time.
    pub creator_name: String,
    /// When it was made, in microseconds since the Unix epoch.
    pub created_at: i64,
}

/// Which backups are wanted. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct BackupFilter {
    /// Of a volume on this host.
    pub host: Option<HostId>,
    /// Of a volume of this name.
    pub volume: Option<VolumeName>,
    /// Made by this schedule.
    pub schedule: Option<ScheduleId>,
    /// Only those older than this one.
    pub before: Option<JobId>,
    /// How many; at most [`MAX_PAGE`].
    pub limit: u64,
}

/// Backups, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPage {
    /// The backups.
    pub backups: Vec<Backup>,
    /// To be sent as `before` for older ones; absent at the end.
    pub next: Option<JobId>,
}

/// What is known of copies of volumes.
#[derive(Debug, Clone)]
pub struct Backups(Database);

impl Backups {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Notes one whose file is there. The same job may do it again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put(&self, backup: &Backup) -> Result<()> {
        const OPERATION: &str = "note a backup";
        let row = row(backup);
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let again = OnConflict::column(Column::Id)
                        .update_columns([Column::Bytes, Column::Sha256, Column::Reaches, Column::CreatedAt])
                        .to_owned();
                    let put = Entity::insert(row).on_conflict(again).exec_without_returning(tx).await;
                    put.map(drop).map_err(failed(OPERATION))
                })
            })
            .await
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, id: JobId) -> Result<Option<Backup>> {
        let row = Entity::find_by_id(id.0).one(self.0.read()).await.map_err(failed("read a backup"))?;
        row.map(backup).transpose()
    }

    /// Searches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, filter: &BackupFilter) -> Result<BackupPage> {
        let limit = filter.limit.clamp(1, MAX_PAGE);
        let mut query = Entity::find().order_by_desc(Column::Id).limit(limit + 1);
        if let Some(host) = &filter.host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        if let Some(volume) = &filter.volume {
            query = query.filter(Column::Volume.eq(volume.as_str()));
        }
        if let Some(schedule) = filter.schedule {
            query = query.filter(Column::Schedule.eq(schedule.0));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before.0));
        }
        let mut rows = query.all(self.0.read()).await.map_err(failed("search the backups"))?;
        let more = u64::try_from(rows.len()).is_ok_and(|found| found > limit);
        if more {
            rows.pop();
        }
        let backups: Vec<Backup> = rows.into_iter().map(backup).collect::<Result<_>>()?;
        let next = backups.last().filter(|_| more).map(|backup| backup.id);
        Ok(BackupPage { backups, next })
    }

    /// Those of a schedule beyond its newest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn beyond(&self, schedule: ScheduleId, keep: u32) -> Result<Vec<JobId>> {
        let rows = Entity::find()
            .filter(Column::Schedule.eq(schedule.0))
            .order_by_desc(Column::Id)
            .offset(u64::from(keep))
            .limit(MAX_PAGE)
            .all(self.0.read())
            .await;
        Ok(rows.map_err(failed("look for old backups"))?.into_iter().map(|row| JobId(row.id)).collect())
    }

    /// Those of these files, with the times at which they were written, of which nothing is known, though the job that wrote
    /// them was over soon afterwards. Where the job is not known either, or was over much later, nothing is said: the file may
    /// be another installation's, or newer than a database that was set back and had its job done again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unnoted(&self, files: &[(JobId, Moment)]) -> Result<Vec<JobId>> {
        const OPERATION: &str = "look for files of backups";
        let mut unnoted = Vec::new();
        for files in files.chunks(AT_ONCE) {
            let ids = || files.iter().map(|(id, _)| id.0);
            let is_over =
                job::Column::State.is_not_in([JobState::Queued, JobState::Running].map(JobState::as_str));
            let over = job::Entity::find().select_only().columns([job::Column::Id, job::Column::FinishedAt]);
            let over = over.filter(job::Column::Id.is_in(ids())).filter(is_over);
            let over = over
                .into_tuple::<(Uuid, Option<i64>)>()
                .all(self.0.read())
                .await
                .map_err(failed(OPERATION))?;
            // In this order: what is noted is so before its job is over.
            let known = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids()));
            let known = known.into_tuple::<Uuid>().all(self.0.read()).await.map_err(failed(OPERATION))?;
            let soon = |id: Uuid, finished: Option<i64>| {
                let written = files.iter().find(|(file, _)| file.0 == id).map(|(_, written)| *written);
                written.zip(finished).is_some_and(|(at, end)| end <= at.plus_seconds(OVER_WITHIN_SECONDS).0)
            };
            let left = over.into_iter().filter(|(id, end)| !known.contains(id) && soon(*id, *end));
            unnoted.extend(left.map(|(id, _)| JobId(id)));
        }
        Ok(unnoted)
    }

    /// Forgets one; its file must be gone. Whether it was known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remove(&self, id: JobId) -> Result<bool> {
        const OPERATION: &str = "forget a backup";
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let gone = Entity::delete_by_id(id.0).exec(tx).await.map_err(failed(OPERATION))?;
                    Ok(gone.rows_affected > 0)
                })
            })
            .await
    }
}

fn row(from: &Backup) -> ActiveModel {
    ActiveModel {
        id: Set(from.id.0),
        host: Set(from.host.to_string()),
        volume: Set(from.volume.to_string()),
        bytes: Set(i64::try_from(from.bytes).unwrap_or(i64::MAX)),
        sha256: Set(from.sha256.clone()),
        reaches: Set(from.reaches.clone()),
        schedule: Set(from.schedule.map(|id| id.0)),
        creator_id: Set(from.creator.0),
        creator_name: Set(from.creator_name.clone()),
        created_at: Set(from.created_at),
    }
}

fn backup(row: Model) -> Result<Backup> {
    let unreadable = |error: dockline_domain::ids::InvalidId| Error::Failed {
        operation: "read a backup",
        source: DbErr::Type(error.to_string()),
    };
    Ok(Backup {
        id: JobId(row.id),
        host: row.host.parse().map_err(unreadable)?,
        volume: row.volume.parse().map_err(unreadable)?,
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
        sha256: row.sha256,
        reaches: row.reaches,
        schedule: row.schedule.map(ScheduleId),
        creator: UserId(row.creator_id),
        creator_name: row.creator_name,
        created_at: row.created_at,
    })
}
