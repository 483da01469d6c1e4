//! Every table, in an order in which no row comes before one that it refers to.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, Iterable,
    ModelTrait, PaginatorTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{CarryOverError, names};
use crate::{
    entity::{
        audit_head, audit_log, backup, event_history, host, host_book, image_update, job, job_input,
        recording, recording_piece, refresh_token, registry, relay, schedule, session, setup, stack_revision,
        stats_history, user,
    },
    open::Pools,
};

/// Rows of one statement. PostgreSQL takes 65,535 values, and a row has 20 at most.
const PAGE: usize = 1_000;

/// Tables whose rows are all brought along.
macro_rules! for_each_table {
    ($do:ident($($argument:expr),*)) => {[
        $do::<user::Entity>($($argument),*).await?,
        $do::<session::Entity>($($argument),*).await?,
        $do::<refresh_token::Entity>($($argument),*).await?,
        $do::<setup::Entity>($($argument),*).await?,
        $do::<host::Entity>($($argument),*).await?,
        $do::<audit_log::Entity>($($argument),*).await?,
        $do::<relay::Entity>($($argument),*).await?,
        $do::<event_history::Entity>($($argument),*).await?,
        $do::<stats_history::Entity>($($argument),*).await?,
        $do::<job::Entity>($($argument),*).await?,
        $do::<job_input::Entity>($($argument),*).await?,
        $do::<schedule::Entity>($($argument),*).await?,
        $do::<backup::Entity>($($argument),*).await?,
        $do::<registry::Entity>($($argument),*).await?,
        $do::<image_update::Entity>($($argument),*).await?,
        $do::<recording::Entity>($($argument),*).await?,
        $do::<recording_piece::Entity>($($argument),*).await?,
        $do::<stack_revision::Entity>($($argument),*).await?,
    ]};
}

/// Between which databases rows go, and who is told.
pub(super) struct Progress<'a> {
    pub(super) source: &'a Pools,
    pub(super) target: &'a Pools,
    pub(super) told: &'a mut (dyn FnMut(&'static str, u64) + Send),
}

/// Keeps everybody else from writing until the transaction ends. Whoever reads goes on.
pub(super) async fn lock(into: &DatabaseTransaction) -> Result<(), DbErr> {
    into.execute_unprepared(
        "LOCK TABLE users, sessions, refresh_tokens, setup, hosts, host_book, audit_log, audit_head, relays, \
         event_history, stats_history, jobs, registries, image_updates, recordings, recording_pieces, stack_revisions, job_inputs, schedules, backups IN EXCLUSIVE MODE",
    )
    .await
    .map(drop)
}

/// Fails unless the database is as its schema's steps make it.
pub(super) async fn require_empty(into: &DatabaseTransaction, target: &Pools) -> Result<(), CarryOverError> {
    let failed = |error| target.place.explain(&error);
    let not_empty =
        |table, rows| CarryOverError::NotEmpty { database: target.place.to_string(), table, rows };
    for (table, rows) in for_each_table!(count_in(into, target)) {
        if rows > 0 {
            return Err(not_empty(table, rows));
        }
    }
    // Whose rows were removed again counts too: the log's numbers and the book's would go back.
    let appended = audit_head::Entity::find().one(into).await.map_err(failed)?.map_or(0, |head| head.seq);
    let changed = host_book::Entity::find().one(into).await.map_err(failed)?.map_or(0, |book| book.revision);
    match (appended, changed) {
        (0, 0) => Ok(()),
        (0, _) => Err(not_empty("host_book", 1)),
        (rows, _) => Err(not_empty("audit_log", rows.unsigned_abs())),
    }
}

/// Copies every row; returns each table's name and how many rows it now has.
pub(super) async fn carry_all(
    mut progress: Progress<'_>,
    from: &DatabaseTransaction,
    into: &DatabaseTransaction,
) -> Result<Vec<(&'static str, u64)>, CarryOverError> {
    let tables = for_each_table!(carry(&mut progress, from, into)).to_vec();
    replace_single::<audit_head::Entity>(&progress, from, into).await?;
    replace_single::<host_book::Entity>(&progress, from, into).await?;
    Ok(tables)
}

/// Copies a table page by page, in the order of its primary key.
async fn carry<E>(
    progress: &mut Progress<'_>,
    from: &DatabaseTransaction,
    into: &DatabaseTransaction,
) -> Result<(&'static str, u64), CarryOverError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: Send,
{
    let table = E::default().table_name();
    let key: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    let (mut last, mut read): (Option<Vec<Expr>>, u64) = (None, 0);
    loop {
        let mut page = E::find().limit(PAGE as u64);
        for column in &key {
            page = page.order_by_asc(*column);
        }
        if let Some(last) = last.take() {
            let place = Expr::tuple(key.iter().map(|column| Expr::col(*column)));
            page = page.filter(place.gt(Expr::tuple(last)));
        }
        let rows = page.all(from).await.map_err(|error| progress.source.place.explain(&error))?;
        let Some(end) = rows.last() else { break };
        last = Some(key.iter().map(|column| Expr::val(end.get(*column))).collect());
        read += rows.len() as u64;
        E::insert_many(rows.into_iter().map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(into)
            .await
            .map_err(|error| progress.target.place.explain(&error))?;
        (progress.told)(table, read);
    }
    let (_, written) = count_in::<E>(into, progress.target).await?;
    if read == written {
        return Ok((table, written));
    }
    let (source_name, target_name) = names(progress.source, progress.target);
    Err(CarryOverError::Incomplete { table, read, written, source_name, target_name })
}

/// Copies the row of a table that has one row in every database.
async fn replace_single<E>(
    progress: &Progress<'_>,
    from: &DatabaseTransaction,
    into: &DatabaseTransaction,
) -> Result<(), CarryOverError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Sync,
    E::ActiveModel: sea_orm::ActiveModelBehavior + Send,
{
    let row = E::find().one(from).await.map_err(|error| progress.source.place.explain(&error))?;
    if let Some(row) = row {
        E::update(row.into_active_model().reset_all())
            .exec(into)
            .await
            .map_err(|error| progress.target.place.explain(&error))?;
    }
    Ok(())
}

async fn count_in<E>(db: &DatabaseTransaction, place: &Pools) -> Result<(&'static str, u64), CarryOverError>
where
    E: EntityTrait,
    E::Model: Sync,
{
    let rows = E::find().count(db).await.map_err(|error| place.place.explain(&error))?;
    Ok((E::default().table_name(), rows))
}
