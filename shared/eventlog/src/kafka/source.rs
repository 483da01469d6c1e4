use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    config::FromClientConfigAndContext,
    consumer::{CommitMode, Consumer, StreamConsumer},
    error::KafkaError,
    message::{BorrowedMessage, Headers},
    types::RDKafkaErrorCode,
};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::debug;

use super::{KafkaAddress, TopicError, context::Context};
use crate::{Batch, EventSource, Message, Place, ReadError, Topic, Topics};

/// A commit that takes longer is given up: what it stood for may come again.
const COMMIT_WITHIN: Duration = Duration::from_secs(5);

/// Reads from Kafka, as one of a group.
pub struct KafkaSource {
    consumer: Arc<StreamConsumer<Context>>,
    topics: Topics,
    /// Of the next batch.
    gathered: Vec<Message>,
}

impl KafkaSource {
    /// Joins `group` for these topics. A group that was never there begins with the oldest messages.
    ///
    /// # Errors
    /// [`TopicError::Settings`].
    pub fn join(
        address: &KafkaAddress,
        topics: Topics,
        group: &str,
        read: &[Topic],
    ) -> Result<Self, TopicError> {
        let settings = |error: KafkaError| TopicError::Settings(error.to_string());
        let mut config = address.config();
        config.set("group.id", topics.group(group));
        config.set("auto.offset.reset", "earliest");
        // Committed is what the database has, and nothing else.
        config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
        // A topic that was removed and made again is found again.
        config.set("topic.metadata.refresh.interval.ms", "10000");
        // Those who stay keep their partitions while one comes or goes.
        config.set("partition.assignment.strategy", "cooperative-sticky");
        // A member that died is replaced after this time.
        config.set("session.timeout.ms", "10000").set("heartbeat.interval.ms", "2000");
        // Memory for what is fetched ahead.
        config.set("queued.max.messages.kbytes", "16384").set("fetch.message.max.bytes", "2097152");
        let consumer: StreamConsumer<Context> =
            StreamConsumer::from_config_and_context(&config, Context::default()).map_err(settings)?;
        let names: Vec<String> = read.iter().map(|topic| topics.name(*topic)).collect();
        consumer.subscribe(&names.iter().map(String::as_str).collect::<Vec<_>>()).map_err(settings)?;
        Ok(Self { consumer: Arc::new(consumer), topics, gathered: Vec::new() })
    }

    fn take(&self, message: &BorrowedMessage<'_>) -> Option<Message> {
        let topic = self.topics.find(message.topic())?;
        let place = Place { topic, partition: message.partition(), offset: message.offset() };
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let header = |header: rdkafka::message::Header<'_, &[u8]>| {
                (header.key.to_owned(), Bytes::copy_from_slice(header.value.unwrap_or_default()))
            };
            headers.iter().map(header).collect()
        });
        Some(Message {
            place,
            key: message.key().map(Bytes::copy_from_slice),
            headers,
            body: message.payload().map(Bytes::copy_from_slice),
        })
    }
}

/// The next message. While a broker is away librdkafka queues several reports of it each second, and goes on by itself:
/// whoever paused at each would not be through with them for minutes after the broker is back.
async fn receive(consumer: &StreamConsumer<Context>) -> Result<BorrowedMessage<'_>, ReadError> {
    loop {
        match consumer.recv().await {
            Ok(message) => return Ok(message),
            Err(error) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) => {
                return Err(ReadError::Unavailable(error.to_string()));
            }
            Err(error) => debug!(%error, "librdkafka goes on"),
        }
    }
}

#[async_trait]
impl EventSource for KafkaSource {
    async fn next(&mut self, most: usize, gather: Duration) -> Result<Batch, ReadError> {
        let consumer = Arc::clone(&self.consumer);
        while self.gathered.is_empty() {
            let message = receive(&consumer).await?;
            self.gathered.extend(self.take(&message));
            consumer.context().clear();
        }
        let end = Instant::now() + gather;
        while self.gathered.len() < most {
            match timeout_at(end, receive(&consumer)).await {
                Ok(Ok(message)) => self.gathered.extend(self.take(&message)),
                // What is there already is worth something; the trouble shows again with the next call.
                Ok(Err(_)) | Err(_) => break,
            }
        }
        Ok(Batch { messages: std::mem::take(&mut self.gathered) })
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), ReadError> {
        let failed = |error: KafkaError| ReadError::Unavailable(error.to_string());
        if batch.messages.is_empty() {
            return Ok(());
        }
        let mut places = TopicPartitionList::new();
        for message in &batch.messages {
            let (name, next) =
                (self.topics.name(message.place.topic), Offset::Offset(message.place.offset + 1));
            // A later message of the same partition replaces an earlier one.
            match places.find_partition(&name, message.place.partition) {
                Some(mut place) => place.set_offset(next),
                None => places.add_partition_offset(&name, message.place.partition, next),
            }
            .map_err(failed)?;
        }
        let consumer = Arc::clone(&self.consumer);
        let commit = tokio::task::spawn_blocking(move || consumer.commit(&places, CommitMode::Sync));
        match timeout(COMMIT_WITHIN, commit).await {
            Ok(Ok(committed)) => committed.map_err(failed),
            Ok(Err(lost)) => Err(ReadError::Unavailable(lost.to_string())),
            Err(_) => Err(ReadError::Unavailable("Kafka did not confirm in time".to_owned())),
        }
    }

    async fn close(self: Box<Self>) {
        // Leaving the group asks the cluster, on this thread.
        let left = tokio::task::spawn_blocking(move || drop(self));
        let _overdue = timeout(COMMIT_WITHIN, left).await;
    }
}

impl std::fmt::Debug for KafkaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaSource").field("topics", &self.topics).finish_non_exhaustive()
    }
}
