use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use rdkafka::{
    config::FromClientConfigAndContext,
    error::KafkaError,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer, future_producer::DeliveryFuture},
    types::RDKafkaErrorCode,
};
use tracing::warn;

use super::{KafkaAddress, TopicError, context::Context, topics};
use crate::{AppendError, CloudEvent, EventLog, Message, Topic, Topics};

/// How long a look at the cluster may take.
const PING_WITHIN: Duration = Duration::from_secs(2);
/// The pause when librdkafka's own queue is full.
const QUEUE_FULL: Duration = Duration::from_millis(20);
/// What has been handed over is given this long when the process ends. It is not lost then: whoever appended it has not
/// been told that it arrived, and appends it again.
const FLUSH_WITHIN: Duration = Duration::from_secs(5);

/// Appends to Kafka.
pub struct KafkaLog {
    address: KafkaAddress,
    topics: Topics,
    context: Context,
    producer: Mutex<FutureProducer<Context>>,
    /// Whether the topics were there when they were last looked at.
    is_ready: tokio::sync::Mutex<bool>,
}

impl KafkaLog {
    /// A log on the cluster at `address`, which is not asked yet.
    ///
    /// # Errors
    /// [`TopicError::Settings`].
    pub fn new(address: KafkaAddress, topics: Topics) -> Result<Self, TopicError> {
        let context = Context::default();
        let producer =
            producer(&address, &context).map_err(|error| TopicError::Settings(error.to_string()))?;
        Ok(Self {
            address,
            topics,
            context,
            producer: Mutex::new(producer),
            is_ready: tokio::sync::Mutex::new(false),
        })
    }

    /// Looks whether the cluster answers and has the topics; makes those that are missing.
    ///
    /// # Errors
    /// [`TopicError`]: one sentence that says what to do.
    pub async fn check(&self) -> Result<(), TopicError> {
        let mut is_ready = self.is_ready.lock().await;
        if !*is_ready {
            topics::ensure(&self.address, &self.topics, &self.context).await?;
            *is_ready = true;
        }
        Ok(())
    }

    /// Waits a moment for what is under way.
    pub async fn close(&self) {
        let producer = self.producer.lock().clone();
        let flush = tokio::task::spawn_blocking(move || producer.flush(FLUSH_WITHIN));
        if let Ok(Err(error)) = flush.await {
            warn!(%error, "some events are not acknowledged by Kafka; they are sent again later");
        }
    }

    async fn send(
        &self,
        topic: &str,
        key: &[u8],
        headers: OwnedHeaders,
        body: &[u8],
    ) -> Result<DeliveryFuture, KafkaError> {
        loop {
            let record = FutureRecord::to(topic).key(key).payload(body).headers(headers.clone());
            let sent = self.producer.lock().send_result(record);
            match sent {
                Ok(delivery) => return Ok(delivery),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    tokio::time::sleep(QUEUE_FULL).await;
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    async fn delivered(&self, delivery: DeliveryFuture) -> Result<(), KafkaError> {
        match delivery.await {
            Ok(Ok(_)) => {
                self.context.clear();
                Ok(())
            }
            Ok(Err((error, _))) => Err(error),
            Err(_) => Err(KafkaError::Canceled),
        }
    }

    /// After a failure: what has to be done before the next attempt.
    async fn failed(&self, error: &KafkaError, delivered: usize) -> AppendError {
        match error.rdkafka_error_code() {
            // Somebody has removed the topic.
            Some(
                RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::UnknownTopicId,
            ) => *self.is_ready.lock().await = false,
            // An idempotent producer that has lost count never works again.
            Some(_) if self.producer.lock().client().fatal_error().is_some() => {
                match producer(&self.address, &self.context) {
                    Ok(new) => *self.producer.lock() = new,
                    Err(error) => warn!(%error, "a new connection to Kafka could not be made"),
                }
            }
            _ => {}
        }
        AppendError { delivered, reason: format!("Kafka did not take an event: {error}") }
    }

    /// Sends a message to the topic for those that cannot be used: whole, or without what others wrote.
    async fn letter(&self, message: &Message, reason: &str, is_whole: bool) -> Result<(), KafkaError> {
        let (from, name) = (self.topics.name(message.place.topic), self.topics.name(Topic::DeadLetter));
        let place = (message.place.partition.to_string(), message.place.offset.to_string());
        let mut headers = OwnedHeaders::new();
        if is_whole {
            for (key, value) in &message.headers {
                headers = headers.insert(Header { key, value: Some(&value[..]) });
            }
        }
        let left_out = if is_whole { "" } else { "it is too large" };
        for (key, value) in [
            ("dockline-reason", reason),
            ("dockline-topic", &from),
            ("dockline-partition", &place.0),
            ("dockline-offset", &place.1),
            ("dockline-left-out", left_out),
        ] {
            if !value.is_empty() {
                headers = headers.insert(Header { key, value: Some(value) });
            }
        }
        let bytes = |bytes: &Option<Bytes>| bytes.clone().filter(|_| is_whole).unwrap_or_default();
        let delivery = self.send(&name, &bytes(&message.key), headers, &bytes(&message.body)).await?;
        self.delivered(delivery).await
    }

    async fn ready(&self) -> Result<(), AppendError> {
        self.check().await.map_err(|error| AppendError { delivered: 0, reason: error.to_string() })
    }
}

#[async_trait]
impl EventLog for KafkaLog {
    async fn append(&self, topic: Topic, events: &[CloudEvent]) -> Result<(), AppendError> {
        self.ready().await?;
        let name = self.topics.name(topic);
        let mut deliveries = Vec::with_capacity(events.len());
        let mut unsent = None;
        for event in events {
            let headers = event.headers().fold(OwnedHeaders::new(), |headers, (key, value)| {
                headers.insert(Header { key, value: Some(value) })
            });
            match self.send(&name, event.key.as_bytes(), headers, &event.data).await {
                Ok(delivery) => deliveries.push(delivery),
                Err(error) => {
                    unsent = Some(error);
                    break;
                }
            }
        }
        // In their order: what follows a failure counts as unknown, even where it was delivered.
        let sent = deliveries.len();
        for (index, delivery) in deliveries.into_iter().enumerate() {
            if let Err(error) = self.delivered(delivery).await {
                return Err(self.failed(&error, index).await);
            }
        }
        match unsent {
            Some(error) => Err(self.failed(&error, sent).await),
            None => Ok(()),
        }
    }

    async fn set_aside(&self, message: &Message, reason: &str) -> Result<(), AppendError> {
        self.ready().await?;
        let sent = match self.letter(message, reason, true).await {
            // With the reason it may have become too large. Where it is, is said in any case.
            Err(KafkaError::MessageProduction(RDKafkaErrorCode::MessageSizeTooLarge)) => {
                self.letter(message, reason, false).await
            }
            sent => sent,
        };
        match sent {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failed(&error, 0).await),
        }
    }

    async fn ping(&self) -> Result<(), String> {
        let (producer, context) = (self.producer.lock().clone(), self.context.clone());
        let ask = move || match producer.client().fetch_metadata(None, PING_WITHIN) {
            Ok(_) => {
                context.clear();
                Ok(())
            }
            Err(error) => Err(context.trouble().unwrap_or_else(|| error.to_string())),
        };
        tokio::task::spawn_blocking(ask).await.map_err(|lost| lost.to_string())?
    }
}

impl std::fmt::Debug for KafkaLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaLog").field("address", &self.address).finish_non_exhaustive()
    }
}

fn producer(address: &KafkaAddress, context: &Context) -> Result<FutureProducer<Context>, KafkaError> {
    let mut config = address.config();
    // No repetition and no change of order by librdkafka's own retries; an event counts when every copy in sync has it.
    config.set("enable.idempotence", "true").set("acks", "all");
    // The default drops events after five minutes without a broker. Here none is dropped: who appends keeps it bounded.
    config.set("message.timeout.ms", "0");
    // The partition that Java's clients choose for a key.
    config.set("partitioner", "murmur2_random");
    config.set("compression.type", "zstd").set("linger.ms", "5");
    // The most of a topic's default; bounded memory for all hosts of a process.
    config.set("queue.buffering.max.messages", "100000").set("queue.buffering.max.kbytes", "131072");
    // A topic that is missing in the metadata counts as gone after this time.
    config.set("topic.metadata.propagation.max.ms", "5000");
    FutureProducer::from_config_and_context(&config, context.clone())
}
