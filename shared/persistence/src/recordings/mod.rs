//! Recordings of terminals: written piece by piece while they go on here, searched in [`search`].

mod search;

use std::time::Duration;

use dockline_domain::{ContainerId, ContainerUser, ExecId, HostId, UserId, Username};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
};

pub use self::search::{OfContainer, RecordingFilter, RecordingPage};
use crate::{
    Database, Error, Result,
    entity::{recording, recording_piece},
    error::failed,
    jobs::now,
    text::storable,
};

/// A recording that is about to begin.
#[derive(Debug, Clone)]
pub struct NewRecording {
    /// The program's ID, and the recording's.
    pub id: ExecId,
    /// Who is at the terminal.
    pub user: UserId,
    /// Their name.
    pub username: Username,
    /// The container's host.
    pub host: HostId,
    /// The container.
    pub container: ContainerId,
    /// Its name.
    pub container_name: String,
    /// The program with its arguments, sealed.
    pub sealed_command: Vec<u8>,
    /// As whom it runs.
    pub run_as: Option<ContainerUser>,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// Characters in a line, and lines.
    pub size: (u16, u16),
    /// Whether what is typed is recorded as well.
    pub input: bool,
}

/// What is known of a recording beside what was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its ID.
    pub id: ExecId,
    /// Who was at the terminal.
    pub user: UserId,
    /// Their name at that time.
    pub username: String,
    /// The container's host.
    pub host: String,
    /// The container.
    pub container: String,
    /// Its name at that time.
    pub container_name: String,
    /// The program with its arguments, sealed.
    pub sealed_command: Vec<u8>,
    /// As whom it ran.
    pub run_as: Option<String>,
    /// Whether it had a terminal.
    pub terminal: bool,
    /// Characters in a line, and lines, at the begin.
    pub size: (u16, u16),
    /// Whether what was typed is recorded as well.
    pub input: bool,
    /// What has become of it.
    pub state: RecordingState,
    /// Why it ended.
    pub ended: Option<String>,
    /// The program's exit code.
    pub exit_code: Option<i64>,
    /// Whether it reached its size limit.
    pub cut: bool,
    /// How much was written, before it was sealed.
    pub bytes: u64,
    /// The time of the last event.
    pub length: Duration,
    /// When it began, in microseconds since the Unix epoch.
    pub started_at: i64,
    /// When it ended, in microseconds since the Unix epoch.
    pub finished_at: Option<i64>,
}

/// What has become of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingState {
    /// It is being written.
    Recording,
    /// It is whole.
    Finished,
    /// Its writer has said nothing for so long that it is dead.
    Unfinished,
}

/// How much of a recording there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Bytes, before they are sealed.
    pub bytes: u64,
    /// The time of the last event.
    pub length: Duration,
}

/// The end of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingEnd {
    /// Why the program ended.
    pub ended: &'static str,
    /// How it ended, if by itself.
    pub exit_code: Option<i64>,
    /// Whether the recording reached its size limit.
    pub cut: bool,
}

/// Recordings of terminals.
///
/// All times are by the database's clock: the replicas of a cluster need not agree about the time.
#[derive(Debug, Clone)]
pub struct Recordings(Database);

/// Rows of pieces that are read at once: each is about 64 KiB.
const PIECES: u64 = 8;

impl Recordings {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Begins a recording.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn begin(&self, new: NewRecording) -> Result<()> {
        let values: Vec<Value> = vec![
            new.id.0.into(),
            new.user.0.into(),
            new.username.as_str().into(),
            new.host.as_str().into(),
            new.container.as_str().into(),
            storable(new.container_name).into(),
            new.sealed_command.into(),
            new.run_as.map(String::from).into(),
            new.terminal.into(),
            i32::from(new.size.0).into(),
            i32::from(new.size.1).into(),
            new.input.into(),
        ];
        let sql = "INSERT INTO recordings (id, user_id, username, host, container, container_name, sealed_command, run_as, \
                   terminal, cols, rows, input, cut, bytes, length_micros, started_at, alive_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, FALSE, 0, 0, {now}, {now})";
        self.change("begin a recording", sql, values).await.map(drop)
    }

    /// Adds a piece, and says that the writer is there. Adding the same piece again changes nothing: whoever does not hear
    /// whether it was added does so.
    ///
    /// # Errors
    /// [`Error::NoSuchRecording`] when it is gone or has ended.
    pub async fn append(&self, id: ExecId, number: u32, sealed: Vec<u8>, extent: Extent) -> Result<()> {
        const OPERATION: &str = "write a recording";
        let number = i32::try_from(number).unwrap_or(i32::MAX);
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let sql = format!(
                        "UPDATE recordings SET bytes = $2, length_micros = $3, alive_at = {} WHERE id = $1 AND finished_at IS NULL",
                        now(backend)
                    );
                    let values = [id.0.into(), signed(extent.bytes).into(), micros(extent.length).into()];
                    let known = tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await;
                    if known.map_err(failed(OPERATION))?.rows_affected() == 0 {
                        return Err(Error::NoSuchRecording);
                    }
                    let sql = "INSERT INTO recording_pieces (recording, number, sealed) VALUES ($1, $2, $3) \
                               ON CONFLICT (recording, number) DO NOTHING";
                    let values = [id.0.into(), number.into(), sealed.into()];
                    let added = tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await;
                    added.map(drop).map_err(failed(OPERATION))
                })
            })
            .await
    }

    /// Says that the writer is there, when nothing is to be written.
    ///
    /// # Errors
    /// [`Error::NoSuchRecording`] when the recording is gone or has ended.
    pub async fn still_alive(&self, id: ExecId) -> Result<()> {
        let sql = "UPDATE recordings SET alive_at = {now} WHERE id = $1 AND finished_at IS NULL";
        self.change("go on with a recording", sql, vec![id.0.into()]).await.and_then(one)
    }

    /// Ends a recording.
    ///
    /// # Errors
    /// [`Error::NoSuchRecording`] when it is gone or has ended.
    pub async fn finish(&self, id: ExecId, end: RecordingEnd) -> Result<()> {
        let sql = "UPDATE recordings SET ended = $2, exit_code = $3, cut = $4, alive_at = {now}, finished_at = {now} \
                   WHERE id = $1 AND finished_at IS NULL";
        let values = vec![id.0.into(), end.ended.into(), end.exit_code.into(), end.cut.into()];
        self.change("end a recording", sql, values).await.and_then(one)
    }

    /// Takes back a recording of what did not begin after all.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn discard(&self, id: ExecId) -> Result<()> {
        self.change("take a recording back", "DELETE FROM recordings WHERE id = $1", vec![id.0.into()])
            .await
            .map(drop)
    }

    /// Removes a recording with all its pieces.
    ///
    /// # Errors
    /// [`Error::NoSuchRecording`], or [`Error::RecordingGoesOn`] while it is being written.
    pub async fn remove(&self, id: ExecId) -> Result<()> {
        let sql = format!("DELETE FROM recordings WHERE id = $1 AND {OVER}");
        if self.change("remove a recording", &sql, vec![id.0.into()]).await? > 0 {
            return Ok(());
        }
        Err(if self.get(id).await?.is_some() { Error::RecordingGoesOn } else { Error::NoSuchRecording })
    }

    /// Removes what is over and began longer ago than `kept`; returns how many those were.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn prune(&self, kept: Duration) -> Result<u64> {
        // One by one: each may be many megabytes, and others want to write, too.
        let sql = format!(
            "DELETE FROM recordings WHERE id = (SELECT id FROM recordings WHERE started_at < {{now}} - $1 AND {OVER} \
             ORDER BY started_at LIMIT 1)"
        );
        let mut removed = 0;
        while self.change("remove an old recording", &sql, vec![micros(kept).into()]).await? > 0 {
            removed += 1;
        }
        Ok(removed)
    }

    /// Some pieces in their order, from the `first` on, each with its number; none at the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pieces(&self, id: ExecId, first: u32) -> Result<Vec<(u32, Vec<u8>)>> {
        use recording_piece::Column;

        let pieces = recording_piece::Entity::find()
            .filter(Column::Recording.eq(id.0))
            .filter(Column::Number.gte(i32::try_from(first).unwrap_or(i32::MAX)))
            .order_by_asc(Column::Number)
            .limit(PIECES)
            .all(self.0.read())
            .await
            .map_err(failed("read a recording"))?;
        Ok(pieces.into_iter().map(|piece| (piece.number.unsigned_abs(), piece.sealed)).collect())
    }

    /// Runs a statement in which `{now}` is the database's clock; returns how many rows it changed.
    async fn change(&self, operation: &'static str, sql: &str, values: Vec<Value>) -> Result<u64> {
        let sql = sql.to_owned();
        self.0
            .write(operation, move |tx| {
                Box::pin(async move {
                    let backend = tx.get_database_backend();
                    let statement = Statement::from_sql_and_values(backend, at(backend, &sql), values);
                    Ok(tx.execute_raw(statement).await.map_err(failed(operation))?.rows_affected())
                })
            })
            .await
    }
}

/// Nobody writes it any more: it has ended, or its writer has been silent for 20 s. A live one speaks every few seconds.
const OVER: &str = "(finished_at IS NOT NULL OR alive_at < {now} - 20000000)";

fn at(backend: DbBackend, sql: &str) -> String {
    sql.replace("{now}", now(backend))
}

const fn one(changed: u64) -> Result<()> {
    if changed == 0 { Err(Error::NoSuchRecording) } else { Ok(()) }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn recorded(row: recording::Model, is_over: bool) -> Result<Recording> {
    let size = |number: i32| {
        u16::try_from(number).map_err(|error| Error::Failed {
            operation: "read a recording",
            source: DbErr::Type(error.to_string()),
        })
    };
    let state = match row.finished_at {
        Some(_) => RecordingState::Finished,
        None if is_over => RecordingState::Unfinished,
        None => RecordingState::Recording,
    };
    Ok(Recording {
        id: ExecId(row.id),
        user: UserId(row.user_id),
        username: row.username,
        host: row.host,
        container: row.container,
        container_name: row.container_name,
        sealed_command: row.sealed_command,
        run_as: row.run_as,
        terminal: row.terminal,
        size: (size(row.cols)?, size(row.rows)?),
        input: row.input,
        state,
        ended: row.ended,
        exit_code: row.exit_code,
        cut: row.cut,
        bytes: row.bytes.unsigned_abs(),
        length: Duration::from_micros(row.length_micros.unsigned_abs()),
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
