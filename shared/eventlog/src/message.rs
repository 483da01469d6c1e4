use bytes::Bytes;

use crate::{CloudEvent, NotACloudEvent, Topic};

/// Where a message is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its topic.
    pub topic: Topic,
    /// Its partition there.
    pub partition: i32,
    /// Its number there.
    pub offset: i64,
}

/// A message as it is in the log; anybody may have put it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it is.
    pub place: Place,
    /// By which it was put into its partition.
    pub key: Option<Bytes>,
    /// In their order.
    pub headers: Vec<(String, Bytes)>,
    /// The body; none in a tombstone.
    pub body: Option<Bytes>,
}

impl Message {
    /// The event that it carries.
    ///
    /// # Errors
    /// [`NotACloudEvent`] when it carries none.
    pub fn event(&self) -> Result<CloudEvent, NotACloudEvent> {
        CloudEvent::parse(&self.headers, self.key.as_deref(), self.body.clone().unwrap_or_default())
    }
}

/// Messages that are committed together, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// The messages.
    pub messages: Vec<Message>,
}
