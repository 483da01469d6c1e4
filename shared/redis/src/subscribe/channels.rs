use std::collections::HashMap;

use bytes::Bytes;
use tokio::sync::mpsc::error::TrySendError;

use super::{Listener, Order};

/// Who listens to what.
#[derive(Debug, Default)]
pub(super) struct Channels {
    listeners: HashMap<String, Vec<Listener>>,
}

/// What the server must be told after an order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Subscribe(String),
    Unsubscribe(String),
}

impl Channels {
    pub(super) fn carry_out(&mut self, order: Order) -> Option<Change> {
        match order {
            Order::Add { channel, listener } => {
                let listeners = self.listeners.entry(channel.clone()).or_default();
                listeners.push(listener);
                // Also when others listen already: it is the confirmation that says "from here on".
                Some(Change::Subscribe(channel))
            }
            Order::Remove { channel, id } => {
                let listeners = self.listeners.get_mut(&channel)?;
                listeners.retain(|listener| listener.id != id);
                if !listeners.is_empty() {
                    return None;
                }
                self.listeners.remove(&channel);
                Some(Change::Unsubscribe(channel))
            }
        }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.listeners.keys()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    pub(super) fn deliver(&self, channel: &str, data: &Bytes) {
        for listener in self.listeners.get(channel).into_iter().flatten() {
            match listener.queue.try_send(data.clone()) {
                Ok(()) | Err(TrySendError::Closed(_)) => {}
                Err(TrySendError::Full(_)) => listener.missed.set(),
            }
        }
    }

    pub(super) fn synced(&self, channel: &str) {
        for listener in self.listeners.get(channel).into_iter().flatten() {
            listener.missed.set();
        }
    }

    pub(super) fn all_synced(&self) {
        for listener in self.listeners.values().flatten() {
            listener.missed.set();
        }
    }
}
