//! The book of hosts: a hash in a slot of its own. What is sealed in it stays sealed; Redis never sees the key.

use async_trait::async_trait;
use dockline_domain::host::HostBook;
use dockline_redis::{Args, cmd};

use super::{POST_HOSTS, RedisFanout, names};
use crate::{Error, HostBoard, Result};

#[async_trait]
impl HostBoard for RedisFanout {
    async fn post_hosts(&self, book: &HostBook) -> Result<u64> {
        let json = serde_json::to_vec(book).map_err(|error| Error::Unavailable(error.to_string()))?;
        let args = Args::new().number(book.revision).bytes(json);
        Ok(self.redis.run(&POST_HOSTS, &[&names::hosts(self.redis.keys())], &args).await?)
    }

    async fn posted_revision(&self) -> Result<Option<u64>> {
        let key = names::hosts(self.redis.keys());
        Ok(self.redis.query(cmd("HGET").arg(key).arg("revision")).await?)
    }

    async fn posted_hosts(&self) -> Result<Option<HostBook>> {
        let key = names::hosts(self.redis.keys());
        let json: Option<Vec<u8>> = self.redis.query(cmd("HGET").arg(key).arg("book")).await?;
        let parse = |json: Vec<u8>| {
            serde_json::from_slice(&json)
                .map_err(|error| Error::Unavailable(format!("the posted hosts cannot be read: {error}")))
        };
        json.map(parse).transpose()
    }
}
