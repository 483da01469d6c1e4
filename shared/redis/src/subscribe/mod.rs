//! Subscriptions that heal. Redis forgets a message that nobody received, so every break is told to the
//! listeners as [`Message::Sync`]; what they do about it is read the store.

mod channels;
mod cluster;
mod single;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use bytes::Bytes;
use redis::{Client, PushInfo, cluster_async::ClusterConnection};
use tokio::sync::{
    Notify,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};

/// How many messages wait for a listener. One that falls behind by more is told to read the store.
const QUEUE: usize = 256;

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The subscription stands from here on. What was published before may have been missed.
    Sync,
    /// Somebody published this.
    Data(Bytes),
}

/// A channel that is listened to, until dropped.
#[derive(Debug)]
pub struct Subscription {
    channel: String,
    id: u64,
    queue: mpsc::Receiver<Bytes>,
    missed: Arc<Missed>,
    orders: UnboundedSender<Order>,
}

impl Subscription {
    /// The next message; `None` when the connection to Redis has been given up.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            if self.missed.flag.swap(false, Ordering::AcqRel) {
                return Some(Message::Sync);
            }
            tokio::select! {
                biased;
                () = self.missed.notify.notified() => {}
                data = self.queue.recv() => return data.map(Message::Data),
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // A hub that has ended has no subscriptions left to cancel.
        let _ended =
            self.orders.send(Order::Remove { channel: std::mem::take(&mut self.channel), id: self.id });
    }
}

/// Whether a listener has missed something.
#[derive(Debug, Default)]
struct Missed {
    flag: AtomicBool,
    notify: Notify,
}

impl Missed {
    fn set(&self) {
        self.flag.store(true, Ordering::Release);
        self.notify.notify_one();
    }
}

/// One who listens.
#[derive(Debug)]
struct Listener {
    id: u64,
    queue: mpsc::Sender<Bytes>,
    missed: Arc<Missed>,
}

#[derive(Debug)]
enum Order {
    Add { channel: String, listener: Listener },
    Remove { channel: String, id: u64 },
}

/// The task that holds the subscribing connection ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Hub {
    orders: UnboundedSender<Order>,
    next_id: AtomicU64,
    task: tokio::task::JoinHandle<()>,
}

/// Where a cluster's connections deliver what is published.
pub(crate) fn pushes() -> (UnboundedSender<PushInfo>, UnboundedReceiver<PushInfo>) {
    mpsc::unbounded_channel()
}

impl Hub {
    pub(crate) fn single(client: Client) -> Self {
        Self::start(|orders| single::run(client, orders))
    }

    pub(crate) fn cluster(connection: ClusterConnection, pushes: UnboundedReceiver<PushInfo>) -> Self {
        Self::start(|orders| cluster::run(connection, pushes, orders))
    }

    fn start<F>(run: impl FnOnce(UnboundedReceiver<Order>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (orders, receiver) = mpsc::unbounded_channel();
        Self { orders, next_id: AtomicU64::new(0), task: tokio::spawn(run(receiver)) }
    }

    pub(crate) fn subscribe(&self, channel: &str) -> Subscription {
        let (sender, queue) = mpsc::channel(QUEUE);
        let missed = Arc::new(Missed::default());
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let listener = Listener { id, queue: sender, missed: Arc::clone(&missed) };
        // The task ends only with the hub, which is borrowed here.
        let _alive = self.orders.send(Order::Add { channel: channel.to_owned(), listener });
        Subscription { channel: channel.to_owned(), id, queue, missed, orders: self.orders.clone() }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.task.abort();
    }
}
