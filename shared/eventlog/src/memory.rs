//! The log within one process, for standalone: what is appended goes straight to the one who reads, and is
//! acknowledged when that one commits. Nothing is kept: whoever appends still has what was not acknowledged.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};
use tracing::warn;

use crate::{AppendError, Batch, CloudEvent, EventLog, EventSource, Message, Place, ReadError, Topic};

/// How many messages wait for the one who reads.
const QUEUE: usize = 1_024;

/// A log within one process, and the only one who reads it.
#[must_use]
pub fn log() -> (MemoryLog, MemorySource) {
    let (sender, queue) = mpsc::channel(QUEUE);
    (
        MemoryLog { sender, offset: Arc::default() },
        MemorySource { queue, gathered: Vec::new(), uncommitted: VecDeque::new() },
    )
}

/// Appends.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    sender: mpsc::Sender<Entry>,
    offset: Arc<AtomicI64>,
}

/// Reads.
#[derive(Debug)]
pub struct MemorySource {
    queue: mpsc::Receiver<Entry>,
    /// Of the next batch.
    gathered: Vec<Entry>,
    /// Read, but not committed.
    uncommitted: VecDeque<(i64, oneshot::Sender<()>)>,
}

#[derive(Debug)]
struct Entry {
    message: Message,
    done: oneshot::Sender<()>,
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn append(&self, topic: Topic, events: &[CloudEvent]) -> Result<(), AppendError> {
        let closed = |delivered| AppendError { delivered, reason: ReadError::Closed.to_string() };
        let mut waiting = Vec::with_capacity(events.len());
        for event in events {
            let (done, is_done) = oneshot::channel();
            let place = Place { topic, partition: 0, offset: self.offset.fetch_add(1, Ordering::Relaxed) };
            let headers = event
                .headers()
                .map(|(name, value)| (name.to_owned(), Bytes::copy_from_slice(value.as_bytes())))
                .collect();
            let key = Some(Bytes::copy_from_slice(event.key.as_bytes()));
            let message = Message { place, key, headers, body: Some(event.data.clone()) };
            if self.sender.send(Entry { message, done }).await.is_err() {
                break;
            }
            waiting.push(is_done);
        }
        for (delivered, is_done) in waiting.into_iter().enumerate() {
            is_done.await.map_err(|_| closed(delivered))?;
        }
        Ok(())
    }

    async fn set_aside(&self, message: &Message, reason: &str) -> Result<(), AppendError> {
        // It came from this very process: a defect, which the log file is the place for.
        warn!(place = ?message.place, reason, "an event could not be used");
        Ok(())
    }

    async fn ping(&self) -> Result<(), String> {
        if self.sender.is_closed() { Err(ReadError::Closed.to_string()) } else { Ok(()) }
    }
}

#[async_trait]
impl EventSource for MemorySource {
    async fn next(&mut self, most: usize, gather: Duration) -> Result<Batch, ReadError> {
        if self.gathered.is_empty() {
            self.gathered.push(self.queue.recv().await.ok_or(ReadError::Closed)?);
        }
        let end = Instant::now() + gather;
        while self.gathered.len() < most {
            match timeout_at(end, self.queue.recv()).await {
                Ok(Some(entry)) => self.gathered.push(entry),
                Ok(None) | Err(_) => break,
            }
        }
        let mut messages = Vec::with_capacity(self.gathered.len());
        for entry in self.gathered.drain(..) {
            self.uncommitted.push_back((entry.message.place.offset, entry.done));
            messages.push(entry.message);
        }
        Ok(Batch { messages })
    }

    async fn commit(&mut self, batch: &Batch) -> Result<(), ReadError> {
        for message in &batch.messages {
            let index = self.uncommitted.iter().position(|(offset, _)| *offset == message.place.offset);
            if let Some((_, done)) = index.and_then(|index| self.uncommitted.remove(index)) {
                // Whoever appended may have given up waiting.
                let _waits = done.send(());
            }
        }
        Ok(())
    }

    async fn close(self: Box<Self>) {}
}
