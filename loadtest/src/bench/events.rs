//! Events: from the log of events into the history, beside the broker and the database alone; and how soon a container's
//! death is on Kafka.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_domain::{HostId, Timestamp, event::EngineEvent};
use dockline_eventlog::kafka::{KafkaLog, KafkaSource};
use dockline_eventlog::{CloudEvent, EventLog, EventSource, Topic, Topics};
use dockline_persistence::{Database, Moment};
use dockline_streamer::cloud_event;
use dockline_testkit::{
    ContainerSpec, DocklineCluster, DocklineCommand, KafkaCluster, PostgresServer, eventually,
};
use tokio::time::{Instant, timeout};

use crate::clock::{millis, now_nanos, quantile};
use crate::report::{Row, Target, figure};
use crate::stage::{self, Stage};

/// Events of one measurement.
const EVENTS: i64 = 20_000;
/// As many as are under way at once in the product.
const BATCH: usize = 500;
const DEATHS: usize = 50;
/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) async fn run(stage: &Stage) -> Result<Vec<Row>> {
    let kafka = KafkaCluster::start(1).await?;
    let program = DocklineCommand::new(&stage.program).env("DOCKLINE_KAFKA_BROKERS", kafka.addresses());
    let mut cluster = DocklineCluster::start(program, std::slice::from_ref(&stage.engine.host), 1, 1).await?;
    stage::set_up(&cluster.replicas[0]).await?;
    let log = KafkaLog::new(kafka.addresses().parse()?, Topics::default())?;
    log.check().await?;
    let rows = vec![throughput(&mut cluster, &log).await?, deaths(stage, &kafka).await?];
    cluster.stop().await?;
    Ok(rows)
}

/// The broker takes the events, then a consumer that was not there brings them into the database.
async fn throughput(cluster: &mut DocklineCluster, log: &KafkaLog) -> Result<Row> {
    let events = made_up()?;
    let sent: Vec<CloudEvent> = events.iter().map(cloud_event).collect();
    let began = Instant::now();
    for batch in sent.chunks(BATCH) {
        log.append(Topic::Events, batch).await?;
    }
    let broker = per_second(began);
    let began = Instant::now();
    cluster.add_consumer().await?;
    eventually(PATIENCE, async || {
        let stored = cluster.query("SELECT count(*) FROM event_history WHERE host = 'made-up'")?;
        ensure!(stored.trim() == EVENTS.to_string(), "{stored}");
        Ok(())
    })
    .await?;
    let whole = per_second(began);
    let database = database_alone(events).await?;
    let slower = broker.min(database);
    Ok(Row {
        name: "events through Kafka into the history".to_owned(),
        measured: format!("{}/s", figure(whole)),
        baseline: format!("the database alone: {}/s", figure(database)),
        ratio: Some(whole / slower),
        judged: whole,
        target: Target::None,
        note: format!(
            "{EVENTS} events in batches of {BATCH}, by one consumer, its start and the joining of its group included; the broker \
             alone takes {}/s",
            figure(broker)
        ),
    })
}

async fn database_alone(events: Vec<EngineEvent>) -> Result<f64> {
    let server = PostgresServer::start()?;
    let database = Database::open_unmigrated(&server.database()?).await?;
    database.migrate().await?;
    let history = database.events();
    let began = Instant::now();
    for batch in events.chunks(BATCH) {
        let batch = batch.iter().map(|event| (event.id(), event.clone())).collect();
        history.append(batch, Moment::now()).await?;
    }
    let rate = per_second(began);
    database.close().await?;
    Ok(rate)
}

/// From the engine's time of a death to its arrival here.
async fn deaths(stage: &Stage, kafka: &KafkaCluster) -> Result<Row> {
    let address = kafka.addresses().parse()?;
    let mut source = KafkaSource::join(&address, Topics::default(), "bench", &[Topic::Events])?;
    let mut added = Vec::new();
    for _ in 0..DEATHS {
        let container = stage.engine.run_container(&ContainerSpec::script("true"))?;
        let subject = Some(format!("containers/{}", container.id()));
        let arrival = async {
            loop {
                for message in source.next(BATCH, Duration::ZERO).await?.messages {
                    let event = message.event()?;
                    if event.subject == subject && event.kind.ends_with(".container.die.v1") {
                        let died = Timestamp::parse(event.time.as_bytes()).context("a time")?;
                        return anyhow::Ok(now_nanos() - died.0);
                    }
                }
            }
        };
        added.push(timeout(PATIENCE, arrival).await.context("a death is not on Kafka")??);
    }
    added.sort_unstable();
    let [p50, p99] = [0.5, 0.99].map(|share| millis(quantile(&added, share)));
    Ok(Row {
        name: "container's death to its event on Kafka, p99".to_owned(),
        measured: format!("{} ms", figure(p99)),
        baseline: format!("p50 {} ms", figure(p50)),
        ratio: None,
        judged: p99,
        target: Target::None,
        note: format!(
            "{DEATHS} containers, one after the other; by the engine's time stamp and the clock of the same machine"
        ),
    })
}

fn made_up() -> Result<Vec<EngineEvent>> {
    let host: HostId = "made-up".parse()?;
    let now = now_nanos();
    let event = |number| EngineEvent {
        host: host.clone(),
        at: Timestamp(now + number),
        kind: "container".to_owned(),
        action: "start".to_owned(),
        actor_id: format!("{number:064x}"),
        attributes: [("name".to_owned(), format!("container-{number}"))].into(),
    };
    Ok((0..EVENTS).map(event).collect())
}

fn per_second(began: Instant) -> f64 {
    EVENTS as f64 / began.elapsed().as_secs_f64()
}
