use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Cmd, Pipeline, ProtocolVersion, PushInfo, RedisError, RedisFuture, RedisResult,
    Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClientBuilder,
    cluster_async::ClusterConnection,
};
use tokio::sync::mpsc::UnboundedSender;

use crate::{ConnectError, RedisAddress, pages::Pages};

/// No answer within this time counts as none.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);
/// A connection that takes longer counts as refused.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// The pause before a second attempt to connect. There is no third: whoever called tries again later.
const CONNECT_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// The connection for commands.
#[derive(Clone)]
pub(crate) enum Connection {
    /// For commands, and for pages of history.
    Single(ConnectionManager, Pages),
    Cluster(ClusterConnection),
}

impl Connection {
    /// Connects to the first node that answers and asks it whether it is one of a cluster.
    pub(crate) async fn open(
        address: &RedisAddress,
        pushes: UnboundedSender<PushInfo>,
    ) -> Result<Self, ConnectError> {
        let mut last = None;
        for url in address.urls() {
            match Self::open_at(url, address, pushes.clone()).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = Some(error),
            }
        }
        // An address has at least one node.
        Err(last.unwrap_or_else(|| ConnectError::Unreachable {
            address: address.to_string(),
            reason: "no node".to_owned(),
        }))
    }

    async fn open_at(
        url: &str,
        address: &RedisAddress,
        pushes: UnboundedSender<PushInfo>,
    ) -> Result<Self, ConnectError> {
        let failed = |error: RedisError| ConnectError::of(address, &error);
        let client = address.client(url).map_err(failed)?;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let mut probe = client.get_multiplexed_async_connection_with_config(&config).await.map_err(failed)?;
        let info: String = redis::cmd("INFO").arg("cluster").query_async(&mut probe).await.map_err(failed)?;
        if info.contains("cluster_enabled:1") {
            let mut cluster = ClusterClientBuilder::new(address.urls())
                .use_protocol(ProtocolVersion::RESP3)
                .push_sender(pushes)
                .connection_timeout(CONNECT_WITHIN)
                .response_timeout(ANSWER_WITHIN)
                .retries(2);
            if let Some(certificates) = address.certificates() {
                cluster = cluster.certs(certificates);
            }
            let client = cluster.build().map_err(failed)?;
            return Ok(Self::Cluster(client.get_async_connection().await.map_err(failed)?));
        }
        let pages = Pages::new(address, &client, config, CONNECT_WITHIN)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(CONNECT_AGAIN_AFTER)
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let commands = client.get_connection_manager_with_config(config).await.map_err(failed)?;
        Ok(Self::Single(commands, pages))
    }

    /// Where pages of history are read, if not from here.
    pub(crate) const fn pages(&self) -> Option<&Pages> {
        match self {
            Self::Single(_, pages) => Some(pages),
            Self::Cluster(_) => None,
        }
    }

    pub(crate) async fn server_version(&mut self) -> RedisResult<String> {
        let command = redis::cmd("INFO").arg("server").to_owned();
        let info: String = match self {
            Self::Single(one, _) => command.query_async(one).await?,
            Self::Cluster(cluster) => {
                let routing = redis::cluster_routing::RoutingInfo::SingleNode(
                    redis::cluster_routing::SingleNodeRoutingInfo::Random,
                );
                redis::from_redis_value(cluster.route_command(command, routing).await?)?
            }
        };
        let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
        Ok(version.unwrap_or_default().trim().to_owned())
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, cmd: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Single(one, _) => one.req_packed_command(cmd),
            Self::Cluster(cluster) => cluster.req_packed_command(cmd),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Single(one, _) => one.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Single(one, _) => one.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Single(..) => "Connection(single)",
            Self::Cluster(_) => "Connection(cluster)",
        })
    }
}
