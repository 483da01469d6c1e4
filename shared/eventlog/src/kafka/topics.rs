//! Topics: made as they should be where they are missing, looked at where they are not.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    config::FromClientConfigAndContext,
    error::KafkaError,
    types::RDKafkaErrorCode,
};
use tracing::{info, warn};

use super::{KafkaAddress, context::Context};
use crate::{Topic, Topics};

/// Nothing here takes longer on a cluster that works.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// Copies of a topic, where there are as many brokers.
const COPIES: usize = 3;

/// Why the topics cannot be used. One line each, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Nobody answers there, or not enough of the brokers do. This may pass.
    #[error(
        "Kafka at {address} does not answer ({reason}): is it running, and is DOCKLINE_KAFKA_BROKERS right?"
    )]
    Unreachable {
        /// The brokers that were asked.
        address: String,
        /// What librdkafka says.
        reason: String,
    },
    /// The password or the certificate is wrong.
    #[error("Kafka at {address} refuses to talk to us ({reason}): look at the DOCKLINE_KAFKA_… settings")]
    Refused {
        /// The brokers that were asked.
        address: String,
        /// What librdkafka says.
        reason: String,
    },
    /// A topic is missing, and we may not make it.
    #[error(
        "the Kafka topic {topic} is missing and could not be made ({reason}): make it with {partitions} partitions, or allow this account to"
    )]
    Missing {
        /// Its name.
        topic: String,
        /// How many partitions it should have.
        partitions: i32,
        /// What the cluster says.
        reason: String,
    },
    /// The settings cannot be used together.
    #[error("the settings of Kafka cannot be used: {0}")]
    Settings(String),
}

impl TopicError {
    /// Whether it may be over later without anybody's doing.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// Sees to it that every topic is there.
pub(super) async fn ensure(
    address: &KafkaAddress,
    topics: &Topics,
    context: &Context,
) -> Result<(), TopicError> {
    let admin: AdminClient<Context> =
        AdminClient::from_config_and_context(&address.config(), context.clone())
            .map_err(|error| TopicError::Settings(error.to_string()))?;
    let admin = Arc::new(admin);
    let there = look(Arc::clone(&admin), address, topics, context).await?;
    context.clear();
    // A cluster of which only some brokers are up so far must not get topics that live on one of them only.
    let copies = there.brokers.max(address.named()).min(COPIES);
    if copies < COPIES {
        warn!(
            brokers = there.brokers,
            "events are lost when a Kafka broker is lost for good: three keep three copies"
        );
    }
    let missing: Vec<Topic> = Topic::ALL.into_iter().filter(|topic| !there.topics.contains(topic)).collect();
    create(&admin, address, topics, &missing, copies).await?;
    check(&admin, topics, &there).await;
    Ok(())
}

/// What a cluster has.
struct There {
    brokers: usize,
    topics: Vec<Topic>,
    /// Topics of so many copies that a lost broker should lose nothing.
    copied: Vec<Topic>,
}

async fn look(
    admin: Arc<AdminClient<Context>>,
    address: &KafkaAddress,
    topics: &Topics,
    context: &Context,
) -> Result<There, TopicError> {
    let names = topics.clone();
    let look = move || {
        let metadata = admin.inner().fetch_metadata(None, ANSWER_WITHIN)?;
        let mut there = There { brokers: metadata.brokers().len(), topics: Vec::new(), copied: Vec::new() };
        for topic in metadata.topics().iter().filter(|topic| topic.error().is_none()) {
            if let Some(known) = names.find(topic.name()) {
                there.topics.push(known);
                if topic.partitions().iter().all(|partition| partition.replicas().len() >= COPIES) {
                    there.copied.push(known);
                }
            }
        }
        Ok(there)
    };
    let looked = tokio::task::spawn_blocking(look).await.map_err(|lost| lost.to_string());
    let (address, said) = (address.to_string(), context.trouble());
    match looked {
        Ok(Ok(there)) => Ok(there),
        Ok(Err(error)) => Err(unreachable(&error, address, said)),
        Err(reason) => Err(TopicError::Unreachable { address, reason }),
    }
}

/// What librdkafka has said beside its answer tells more than that answer, "local: timed out".
fn unreachable(error: &KafkaError, address: String, said: Option<String>) -> TopicError {
    let reason = said.unwrap_or_else(|| error.to_string()).replace('\n', " ");
    let refused = ["authentication", "Authentication", "SSL handshake", "certificate"];
    if refused.iter().any(|word| reason.contains(word)) {
        return TopicError::Refused { address, reason };
    }
    TopicError::Unreachable { address, reason }
}

async fn create(
    admin: &AdminClient<Context>,
    address: &KafkaAddress,
    topics: &Topics,
    missing: &[Topic],
    copies: usize,
) -> Result<(), TopicError> {
    if missing.is_empty() {
        return Ok(());
    }
    let copies = i32::try_from(copies).unwrap_or(1);
    // With three copies, two must have an event before it is acknowledged: the loss of any one broker loses none.
    let in_sync = if copies >= 3 { "2" } else { "1" };
    let names: Vec<_> = missing
        .iter()
        .map(|topic| (topics.name(*topic), (topic.keep_hours() * 3_600_000).to_string()))
        .collect();
    let new: Vec<NewTopic<'_>> = missing
        .iter()
        .zip(&names)
        .map(|(topic, (name, keep_ms))| {
            NewTopic::new(name, topic.partitions(), TopicReplication::Fixed(copies))
                .set("min.insync.replicas", in_sync)
                .set("cleanup.policy", "delete")
                .set("retention.ms", keep_ms)
        })
        .collect();
    let options =
        AdminOptions::new().request_timeout(Some(ANSWER_WITHIN)).operation_timeout(Some(ANSWER_WITHIN));
    let created = admin.create_topics(&new, &options).await.map_err(|error| TopicError::Unreachable {
        address: address.to_string(),
        reason: error.to_string(),
    })?;
    for (result, topic) in created.into_iter().zip(missing) {
        match result {
            Ok(name) => info!(topic = name, copies, "made a Kafka topic"),
            // Another process was quicker.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((
                _,
                code @ (RDKafkaErrorCode::InvalidReplicationFactor
                | RDKafkaErrorCode::RequestTimedOut
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::NotController),
            )) => {
                let reason = format!("not all brokers are up: {code}");
                return Err(TopicError::Unreachable { address: address.to_string(), reason });
            }
            Err((topic_name, code)) => {
                return Err(TopicError::Missing {
                    topic: topic_name,
                    partitions: topic.partitions(),
                    reason: code.to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Says it once when a topic that others made promises less than it could.
async fn check(admin: &AdminClient<Context>, topics: &Topics, there: &There) {
    for topic in &there.copied {
        let name = topics.name(*topic);
        let options = AdminOptions::new().request_timeout(Some(ANSWER_WITHIN));
        let described = admin.describe_configs(&[ResourceSpecifier::Topic(&name)], &options).await;
        let Ok(Some(Ok(config))) = described.map(|mut described| described.pop()) else { continue };
        let in_sync = config.get("min.insync.replicas").and_then(|entry| entry.value.clone());
        if in_sync.as_deref() == Some("1") {
            warn!(
                topic = name,
                "an acknowledged event can be lost with one Kafka broker: set min.insync.replicas of this topic to 2"
            );
        }
    }
}
