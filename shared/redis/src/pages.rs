//! Connections for reads of whole pages of history.
//!
//! On a multiplexed connection answers come one behind the other: after an outage, when the rings of hundreds of logs are
//! filled again at once, renewals of seats would wait behind megabytes of history for longer than they may. So pages have
//! a few connections of their own. A Redis Cluster has one for each node anyway, and they go there.

use std::time::Duration;

use deadpool_redis::{Manager, Pool, PoolError, Runtime, Timeouts};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue};

use crate::{ConnectError, Error, RedisAddress, Result};

/// How many pages are under way at once.
const CONNECTIONS: usize = 4;
/// Whoever waits longer for one of them comes again later, as after any other failure.
const WAIT_WITHIN: Duration = Duration::from_secs(1);

/// A pool, whose connections are opened when they are needed.
#[derive(Clone)]
pub(crate) struct Pages(Pool);

impl Pages {
    /// To the server of this client, with its TLS.
    pub(crate) fn new(
        address: &RedisAddress,
        client: &Client,
        config: AsyncConnectionConfig,
        connect_within: Duration,
    ) -> Result<Self, ConnectError> {
        let unreachable = |reason: String| ConnectError::Unreachable { address: address.to_string(), reason };
        let manager = Manager::new_with_config(client.get_connection_info().clone(), config)
            .map_err(|error| ConnectError::of(address, &error))?;
        // By default a pool waits for ever.
        let timeouts =
            Timeouts { wait: Some(WAIT_WITHIN), create: Some(connect_within), recycle: Some(connect_within) };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Self(pool))
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut connection = self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error.into(),
            other => Error::Unavailable(other.to_string()),
        })?;
        Ok(command.query_async(&mut connection).await?)
    }
}
