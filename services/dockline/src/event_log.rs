//! The event log of a cluster: Kafka, where it is set.

use std::{sync::Arc, time::Duration};

use dockline_eventlog::{
    Topics,
    kafka::{KafkaLog, TopicError},
};
use dockline_streamer::Recorder;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::settings::{Invalid, Settings};

/// How many events of one host wait for Kafka at most: some hundred MB of Redis if every host had so many.
pub(crate) const OUTBOX: u64 = 100_000;
/// Between two looks at a Kafka that cannot be used.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The event log; `None`, which is said once, without Kafka.
pub(crate) fn open(settings: &Settings) -> Result<Option<Arc<KafkaLog>>, Invalid> {
    let Some(address) = settings.kafka.clone() else {
        info!("events are not sent to Kafka and no history is kept, since DOCKLINE_KAFKA_BROKERS is not set");
        return Ok(None);
    };
    let log = KafkaLog::new(address, Topics::default()).map_err(|error| Invalid(error.to_string()))?;
    Ok(Some(Arc::new(log)))
}

/// What a streamer records.
pub(crate) fn recorder(log: Option<&Arc<KafkaLog>>, settings: &Settings) -> Option<Recorder> {
    log.map(|log| Recorder { log: Arc::clone(log) as _, sampling: settings.sampling })
}

/// Looks until Kafka answers and has its topics, and says what is in the way. Nobody needs to wait for it: what is
/// appended before waits by itself.
pub(crate) async fn look(log: &KafkaLog, shutdown: &CancellationToken) {
    let mut said: Option<TopicError> = None;
    loop {
        let looked = tokio::select! {
            looked = log.check() => looked,
            () = shutdown.cancelled() => return,
        };
        match looked {
            Ok(()) => return info!("Kafka answers and has the topics"),
            Err(error) if said.as_ref() == Some(&error) => {}
            Err(error) => {
                if error.may_pass() {
                    warn!("{error}; events wait, and it is tried again");
                } else {
                    error!("{error}; events wait until that is done");
                }
                said = Some(error);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// As [`look`], as a task of its own until `shutdown`.
pub(crate) async fn watch(log: Arc<KafkaLog>, shutdown: CancellationToken) -> Result<(), String> {
    look(&log, &shutdown).await;
    shutdown.cancelled().await;
    Ok(())
}
