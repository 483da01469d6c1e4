//! The one connection of a process to Redis, for the crates whose adapters live there.
//!
//! - Commands ([`Redis::run`], [`Redis::query`]) share a multiplexed connection that fails fast: a caller who
//!   waits through an outage would hold up others, and everybody here has a way to go on later.
//! - Pages of history ([`Redis::read_page`]) come by a small pool of their own, so that no command waits behind them.
//! - Subscriptions ([`Redis::subscribe`]) have connections of their own that are restored for ever. They
//!   promise no delivery: a [`Message::Sync`] says that something may have been missed, and that the store
//!   must be read.
//! - One Redis and a Redis Cluster look the same: keys of one Docker host share a hash tag, so scripts stay
//!   within a slot, and channels are sharded in a cluster.

mod address;
mod connection;
mod error;
mod keys;
mod pages;
mod subscribe;

use std::sync::Arc;

pub use redis::{FromRedisValue, Script, ToRedisArgs, Value, cmd};

pub use self::{
    address::{InvalidRedisAddress, RedisAddress},
    error::{ConnectError, Error, Result},
    keys::Keys,
    subscribe::{Message, Subscription},
};
use self::{connection::Connection, subscribe::Hub};

/// The oldest server: sharded pub/sub and explicit stream IDs (`XADD key 5-*`) came with it.
const OLDEST_SERVER: u32 = 7;

/// A connection to Redis. Clones share it.
#[derive(Debug, Clone)]
pub struct Redis {
    connection: Connection,
    hub: Arc<Hub>,
    keys: Keys,
}

impl Redis {
    /// Connects, and looks whether the server can do what Dockline needs. All keys get the prefix of `keys`.
    ///
    /// # Errors
    /// One sentence that says what to do; it never contains the password.
    pub async fn connect(address: &RedisAddress, keys: Keys) -> Result<Self, ConnectError> {
        let (push_sender, pushes) = subscribe::pushes();
        let connection = Connection::open(address, push_sender).await?;
        let hub = match &connection {
            Connection::Single(..) => Hub::single(address.first_client()?),
            Connection::Cluster(cluster) => Hub::cluster(cluster.clone(), pushes),
        };
        let redis = Self { connection, hub: Arc::new(hub), keys };
        redis.check_version(address).await?;
        Ok(redis)
    }

    /// Whether the server is a Redis Cluster.
    #[must_use]
    pub const fn is_cluster(&self) -> bool {
        matches!(self.connection, Connection::Cluster(_))
    }

    /// The command by which a script publishes on a channel that shares its keys' slot.
    #[must_use]
    pub const fn publish_command(&self) -> &'static str {
        if self.is_cluster() { "SPUBLISH" } else { "PUBLISH" }
    }

    /// The names of keys and channels.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Runs a script; all keys must be of one slot.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is not known.
    pub async fn run<T: FromRedisValue>(&self, script: &Script, keys: &[&str], args: &Args) -> Result<T> {
        let mut call = script.prepare_invoke();
        for key in keys {
            call.key(*key);
        }
        for arg in &args.0 {
            call.arg(arg.as_slice());
        }
        Ok(call.invoke_async(&mut self.connection.clone()).await?)
    }

    /// Runs a command.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is not known.
    pub async fn query<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T> {
        Ok(command.query_async(&mut self.connection.clone()).await?)
    }

    /// Runs a command whose answer may be megabytes: nobody else waits behind it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] also when too many such answers are under way.
    pub async fn read_page<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T> {
        match self.connection.pages() {
            Some(pages) => pages.query(command).await,
            None => self.query(command).await,
        }
    }

    /// Publishes outside a script.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the outcome is not known.
    pub async fn publish(&self, channel: &str, message: &[u8]) -> Result<()> {
        self.query(cmd(self.publish_command()).arg(channel).arg(message)).await
    }

    /// Listens on a channel. The first message is [`Message::Sync`], once the subscription stands.
    #[must_use]
    pub fn subscribe(&self, channel: &str) -> Subscription {
        self.hub.subscribe(channel)
    }

    /// Makes sure that these keys belong to one installation: two that share them would mix their hosts and people.
    ///
    /// # Errors
    /// [`ConnectError::Foreign`] when they are another's.
    pub async fn claim(&self, address: &RedisAddress, installation: &str) -> Result<(), ConnectError> {
        let mut claim = cmd("SET");
        claim.arg(self.keys.of_all("installation")).arg(installation).arg("NX").arg("GET");
        let mut connection = self.connection.clone();
        let owner: redis::RedisResult<Option<String>> = claim.query_async(&mut connection).await;
        match owner.map_err(|error| ConnectError::of(address, &error))? {
            Some(owner) if owner != installation => {
                Err(ConnectError::Foreign { address: address.to_string() })
            }
            _ => Ok(()),
        }
    }

    async fn check_version(&self, address: &RedisAddress) -> Result<(), ConnectError> {
        let mut connection = self.connection.clone();
        let version = connection.server_version().await.map_err(|error| ConnectError::of(address, &error))?;
        let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
        if major < OLDEST_SERVER {
            return Err(ConnectError::TooOld { address: address.to_string(), version });
        }
        Ok(())
    }
}

/// Arguments of a script, in their order.
#[derive(Debug, Default)]
pub struct Args(Vec<Vec<u8>>);

impl Args {
    /// No arguments.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends bytes or text.
    #[must_use]
    pub fn bytes(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.push(bytes.as_ref().to_vec());
        self
    }

    /// Appends a whole number.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.bytes(number.to_string())
    }
}
