use std::time::Duration;

use async_trait::async_trait;
use dockline_contract::rest::{
    ContainerPrunePreview, ContainersPruned, FileChanges, ProcessList, PrunableContainer,
};
use dockline_domain::{ContainerId, access::Grant};

use super::{Commit, Operations, Update};
use crate::{Error, NewContainer, Result, Sensitive, fake::FakeEngine};

#[async_trait]
impl Operations for FakeEngine {
    async fn update_container(&self, _grant: &Grant, id: &ContainerId, update: &Update) -> Result<()> {
        self.change("update", id, "update", |container| {
            let made = container.made.get_or_insert_with(NewContainer::default);
            let (new, old) = (update.limits, &mut made.limits);
            old.memory_bytes = new.memory_bytes.or(old.memory_bytes);
            old.nano_cpus = new.nano_cpus.or(old.nano_cpus);
            old.pids = new.pids.or(old.pids);
            made.restart = update.restart.or(made.restart);
            Ok(())
        })
    }

    async fn top(&self, id: &ContainerId) -> Result<Sensitive<ProcessList>> {
        let state = self.called("top", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        if container.state != "running" {
            return Err(Error::Conflict { message: "the container is not running".to_owned() });
        }
        let words = |words: [&str; 3]| words.map(str::to_owned).to_vec();
        Ok(Sensitive::new(ProcessList {
            titles: words(["PID", "USER", "COMMAND"]),
            processes: vec![words(["1", "root", "sh -c token=hunter2"])],
        }))
    }

    async fn changes(&self, id: &ContainerId) -> Result<FileChanges> {
        let state = self.called("changes", id.as_str())?;
        state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        Ok(FileChanges { items: Vec::new(), total: 0 })
    }

    async fn commit_container(&self, _grant: &Grant, id: &ContainerId, _commit: &Commit) -> Result<String> {
        let state = self.called("commit", id.as_str())?;
        state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        Ok(format!("sha256:{}", id.as_str()))
    }

    async fn prunable_containers(&self, older_than: Option<Duration>) -> Result<ContainerPrunePreview> {
        let state = self.called("prunable", "")?;
        let stopped = state.containers.iter().filter(|(_, one)| matches!(one.state, "created" | "exited"));
        // All were made just now.
        let items = stopped.filter(|_| older_than.is_none()).map(|(id, one)| PrunableContainer {
            id: id.clone(),
            name: one.name.clone(),
            image: "fake:1".to_owned(),
            state: one.state.to_owned(),
            size_bytes: 1,
        });
        let items: Vec<_> = items.collect();
        Ok(ContainerPrunePreview { total_bytes: items.len() as u64, items })
    }

    async fn prune_containers(
        &self,
        _grant: &Grant,
        older_than: Option<Duration>,
    ) -> Result<ContainersPruned> {
        let removed: Vec<String> =
            self.prunable_containers(older_than).await?.items.into_iter().map(|one| one.id).collect();
        let mut state = self.called("prune", "")?;
        state.containers.retain(|id, _| !removed.contains(id));
        Ok(ContainersPruned { reclaimed_bytes: removed.len() as u64, removed })
    }
}
