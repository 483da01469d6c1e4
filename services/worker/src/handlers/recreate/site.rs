use async_trait::async_trait;
use dockline_docker::{
    Blueprint, Condition, Error, FoundSuccessor, Host, LogQuery, RemoveOptions, Result, Successor, Tail,
};
use dockline_domain::{ContainerId, ContainerName, access::Grant};
use futures::TryStreamExt;

/// What the exchange of two containers needs of an engine.
#[async_trait]
pub(super) trait Site: Sync {
    /// How a container fares; `None` when it is not there.
    async fn condition(&self, id: &ContainerId) -> Result<Option<Condition>>;
    async fn successors(&self, of: &ContainerId) -> Result<Vec<FoundSuccessor>>;
    /// Makes the new container under its temporary name.
    async fn create(&self) -> Result<ContainerId>;
    async fn start(&self, id: &ContainerId) -> Result<()>;
    async fn stop(&self, id: &ContainerId) -> Result<()>;
    async fn rename(&self, id: &ContainerId, name: &ContainerName) -> Result<()>;
    /// Removes a container that does not run; with the volumes that are only its own, if that is wanted.
    async fn remove(&self, id: &ContainerId, volumes: bool) -> Result<()>;
    /// The end of its log.
    async fn last_words(&self, id: &ContainerId) -> String;
}

/// A host of ours.
pub(super) struct HostSite<'a> {
    pub(super) host: &'a Host,
    pub(super) grant: &'a Grant,
    /// What is to be made; `None` where only what was begun is undone.
    pub(super) order: Option<(Blueprint, Successor)>,
}

/// How much of a log goes into an error.
const LAST_CHUNKS: u32 = 20;
const LAST_BYTES: usize = 1_200;

#[async_trait]
impl Site for HostSite<'_> {
    async fn condition(&self, id: &ContainerId) -> Result<Option<Condition>> {
        match self.host.engine.condition(id).await {
            Ok(condition) => Ok(Some(condition)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn successors(&self, of: &ContainerId) -> Result<Vec<FoundSuccessor>> {
        self.host.engine.successors(of).await
    }

    async fn create(&self) -> Result<ContainerId> {
        let Some((blueprint, successor)) = &self.order else {
            return Err(Error::Conflict { message: "there is nothing to be made any more".to_owned() });
        };
        self.host.engine.create_successor(self.grant, blueprint, successor).await
    }

    async fn start(&self, id: &ContainerId) -> Result<()> {
        self.host.engine.start(self.grant, id).await
    }

    async fn stop(&self, id: &ContainerId) -> Result<()> {
        self.host.engine.stop(self.grant, id).await
    }

    async fn rename(&self, id: &ContainerId, name: &ContainerName) -> Result<()> {
        self.host.engine.rename(self.grant, id, name).await
    }

    async fn remove(&self, id: &ContainerId, volumes: bool) -> Result<()> {
        match self.host.engine.remove(self.grant, id, RemoveOptions { force: false, volumes }).await {
            Err(Error::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn last_words(&self, id: &ContainerId) -> String {
        let query = LogQuery { tail: Tail::Last(LAST_CHUNKS), since: None, until: None, follow: false };
        let read = async { self.host.engine.logs(id, &query).await?.chunks.try_collect::<Vec<_>>().await };
        // What cannot be read is not told: the failure itself is.
        let chunks = read.await.unwrap_or_default();
        let bytes: Vec<u8> = chunks.iter().flat_map(|chunk| chunk.bytes.iter().copied()).collect();
        let end = bytes.len().saturating_sub(LAST_BYTES);
        String::from_utf8_lossy(&bytes[end..]).trim().to_owned()
    }
}
