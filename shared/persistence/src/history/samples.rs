use std::collections::BTreeSet;

use dockline_domain::{ContainerId, HostId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
    sea_query::{OnConflict, Query},
};

use crate::{
    Database, Moment, Result,
    entity::stats_history::{Column, Entity, Model},
    error::failed,
};

/// The history of resource use.
#[derive(Debug, Clone)]
pub struct StatsHistory(Database);

/// How far apart samples are. The longer the step, the longer they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// As they came; for an hour.
    Second,
    /// Averages of ten seconds; for a day.
    TenSeconds,
    /// Averages of a minute; for two weeks.
    Minute,
}

impl Step {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Second, Self::TenSeconds, Self::Minute];

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Second => 1,
            Self::TenSeconds => 10,
            Self::Minute => 60,
        }
    }

    /// How long its samples are kept, in seconds.
    #[must_use]
    pub const fn kept_seconds(self) -> i64 {
        match self {
            Self::Second => 3_600,
            Self::TenSeconds => 24 * 3_600,
            Self::Minute => 14 * 24 * 3_600,
        }
    }
}

/// A container's resource use at a moment, or on average from then on. Rates are bytes per second.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The container.
    pub container: ContainerId,
    /// In milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Per cent of one CPU.
    pub cpu: Option<f64>,
    /// Bytes.
    pub memory: Option<u64>,
    /// Bytes.
    pub memory_limit: Option<u64>,
    /// Received from the network.
    pub rx_rate: Option<f64>,
    /// Sent to the network.
    pub tx_rate: Option<f64>,
    /// Read from block devices.
    pub read_rate: Option<f64>,
    /// Written to block devices.
    pub write_rate: Option<f64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// Rows of one statement: databases limit its parameters.
const ROWS: usize = 500;
/// Samples of one answer; no step keeps more of a container.
const MOST: u64 = 25_000;
/// What comes later than this is left out: averages are made anew of the seconds, which are not kept for ever.
const LATEST_SECONDS: i64 = 3_000;
/// What is further ahead than clocks differ is no time of a sample; it would be kept until then.
const EARLIEST_SECONDS: i64 = 3_600;

impl StatsHistory {
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Adds one host's samples of about the same time, and makes the averages anew that they belong to; all or nothing.
    /// Samples that are there already are passed over.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn append(&self, host: &HostId, mut samples: Vec<Sample>, now: Moment) -> Result<()> {
        const OPERATION: &str = "write the history of resource use";
        let now_ms = now.0 / 1_000;
        let kept = now_ms - LATEST_SECONDS * 1_000..=now_ms + EARLIEST_SECONDS * 1_000;
        samples.retain(|sample| kept.contains(&sample.at_ms));
        let times = || samples.iter().map(|sample| sample.at_ms);
        let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(()) };
        // In one order everywhere, so that two writers of the same rows wait for one another and do not deadlock.
        samples.sort_unstable_by(|one, other| {
            (one.container.as_str(), one.at_ms).cmp(&(other.container.as_str(), other.at_ms))
        });
        let host = host.clone();
        self.0
            .write(OPERATION, move |tx| {
                Box::pin(async move {
                    for samples in samples.chunks(ROWS) {
                        insert(tx, &host, samples).await?;
                    }
                    let containers: BTreeSet<&str> =
                        samples.iter().map(|sample| sample.container.as_str()).collect();
                    let containers: Vec<&str> = containers.into_iter().collect();
                    for containers in containers.chunks(ROWS) {
                        for step in [Step::TenSeconds, Step::Minute] {
                            average(tx, &host, step, containers, first, last).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// A container's samples of a step, oldest first, both ends included; of every host that has a container of this ID,
    /// or of one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(
        &self,
        container: &ContainerId,
        host: Option<&HostId>,
        step: Step,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<(HostId, Sample)>> {
        let mut query = Entity::find()
            .filter(Column::Container.eq(container.as_str()))
            .filter(Column::Step.eq(number(step)))
            .filter(Column::AtMs.gte(from_ms))
            .filter(Column::AtMs.lte(to_ms));
        if let Some(host) = host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        let rows = query
            .order_by_asc(Column::AtMs)
            .limit(MOST)
            .all(self.0.read())
            .await
            .map_err(failed("read the history of resource use"))?;
        // A host whose name no release would take has no reader.
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.host.parse().ok()?, sample(container, &row))))
            .collect())
    }

    /// Removes what is older than it is to be kept; returns how many rows those were.
    ///
    /// # Errors
    /// When the database cannot.
    pub async fn prune(&self, now: Moment) -> Result<u64> {
        const OPERATION: &str = "remove old samples from the history";
        let mut removed = 0;
        for step in Step::ALL {
            let before = now.0 / 1_000 - step.kept_seconds() * 1_000;
            removed += self
                .0
                .write(OPERATION, move |tx| {
                    Box::pin(async move {
                        let old = Entity::delete_many()
                            .filter(Column::Step.eq(number(step)))
                            .filter(Column::AtMs.lt(before))
                            .exec(tx)
                            .await;
                        Ok(old.map_err(failed(OPERATION))?.rows_affected)
                    })
                })
                .await?;
        }
        Ok(removed)
    }
}

async fn insert(tx: &DatabaseTransaction, host: &HostId, samples: &[Sample]) -> Result<()> {
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(COLUMNS);
    let whole = |number: Option<u64>| number.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    for one in samples {
        insert.values_panic([
            one.container.as_str().into(),
            number(Step::Second).into(),
            one.at_ms.into(),
            host.as_str().into(),
            one.cpu.into(),
            whole(one.memory).into(),
            whole(one.memory_limit).into(),
            one.rx_rate.into(),
            one.tx_rate.into(),
            one.read_rate.into(),
            one.write_rate.into(),
            whole(one.pids).into(),
        ]);
    }
    insert.on_conflict(
        OnConflict::columns([Column::Container, Column::Step, Column::AtMs, Column::Host])
            .do_nothing()
            .to_owned(),
    );
    tx.execute(&insert).await.map_err(failed("write the history of resource use"))?;
    Ok(())
}

/// Makes the averages anew of every step that a time between `first` and `last` belongs to. Made of what is stored, and
/// not of what came, they are the same however often and in whichever pieces it came.
async fn average(
    tx: &DatabaseTransaction,
    host: &HostId,
    step: Step,
    containers: &[&str],
    first: i64,
    last: i64,
) -> Result<()> {
    let length = step.seconds() * 1_000;
    let (from, behind) = (first / length * length, (last / length + 1) * length);
    let places: Vec<String> = (4..4 + containers.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "INSERT INTO stats_history (container, step, at_ms, host, cpu, memory, memory_limit, rx_rate, tx_rate, \
         read_rate, write_rate, pids) \
         SELECT container, {step}, at_ms / {length} * {length}, host, avg(cpu), CAST(avg(memory) AS BIGINT), \
         max(memory_limit), avg(rx_rate), avg(tx_rate), avg(read_rate), avg(write_rate), CAST(avg(pids) AS BIGINT) \
         FROM stats_history WHERE step = 1 AND at_ms >= $1 AND at_ms < $2 AND host = $3 AND container IN ({places}) \
         GROUP BY container, at_ms / {length} * {length}, host \
         ON CONFLICT (container, step, at_ms, host) DO UPDATE SET cpu = excluded.cpu, memory = excluded.memory, \
         memory_limit = excluded.memory_limit, rx_rate = excluded.rx_rate, tx_rate = excluded.tx_rate, \
         read_rate = excluded.read_rate, write_rate = excluded.write_rate, pids = excluded.pids",
        step = number(step),
        places = places.join(", "),
    );
    let values: Vec<Value> = [from.into(), behind.into(), host.as_str().into()]
        .into_iter()
        .chain(containers.iter().map(|one| Value::from(*one)))
        .collect();
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.map_err(failed("write the history of resource use"))?;
    Ok(())
}

const COLUMNS: [Column; 12] = [
    Column::Container,
    Column::Step,
    Column::AtMs,
    Column::Host,
    Column::Cpu,
    Column::Memory,
    Column::MemoryLimit,
    Column::RxRate,
    Column::TxRate,
    Column::ReadRate,
    Column::WriteRate,
    Column::Pids,
];

fn number(step: Step) -> i32 {
    i32::try_from(step.seconds()).unwrap_or(i32::MAX)
}

fn sample(container: &ContainerId, row: &Model) -> Sample {
    let whole = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Sample {
        container: container.clone(),
        at_ms: row.at_ms,
        cpu: row.cpu,
        memory: whole(row.memory),
        memory_limit: whole(row.memory_limit),
        rx_rate: row.rx_rate,
        tx_rate: row.tx_rate,
        read_rate: row.read_rate,
        write_rate: row.write_rate,
        pids: whole(row.pids),
    }
}
