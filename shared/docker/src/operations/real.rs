use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use bollard::{
    models::{ChangeType, ContainerConfig, ContainerUpdateBody},
    query_parameters::{
        CommitContainerOptionsBuilder, ListContainersOptionsBuilder, PruneContainersOptionsBuilder,
        TopOptions,
    },
};
use dockline_contract::rest::{
    ChangeKind, ContainerPrunePreview, ContainersPruned, FileChange, FileChanges, ProcessList,
    PrunableContainer,
};
use dockline_domain::{ContainerId, access::Grant};

use super::{Commit, MAX_CHANGES, Operations, Update};
use crate::{
    DockerEngine, Result, Sensitive, convert,
    create::{limit, restart_policy},
    real::{QUICK, SLOW},
    system::{is_older, until},
    volume_files::{HELPER_LABEL, is_labelled},
};

/// States of containers that a prune removes.
const STOPPED: [&str; 3] = ["created", "dead", "exited"];

#[async_trait]
impl Operations for DockerEngine {
    async fn update_container(&self, _grant: &Grant, id: &ContainerId, update: &Update) -> Result<()> {
        let memory = limit(update.limits.memory_bytes);
        let body = ContainerUpdateBody {
            memory,
            // As the engine does it for a new container. Otherwise a limit above twice the present one is refused: what may be
            // swapped out is bounded too.
            memory_swap: memory.map(|bytes| bytes.saturating_mul(2)),
            nano_cpus: limit(update.limits.nano_cpus),
            pids_limit: limit(update.limits.pids),
            restart_policy: update.restart.map(restart_policy),
            ..ContainerUpdateBody::default()
        };
        let request = self.docker()?.update_container(id.as_str(), body);
        self.call("update the container", QUICK, request).await
    }

    async fn top(&self, id: &ContainerId) -> Result<Sensitive<ProcessList>> {
        let request = self.docker()?.top_processes(id.as_str(), None::<TopOptions>);
        let told = self.call("list the processes", QUICK, request).await?;
        Ok(Sensitive::new(ProcessList {
            titles: told.titles.unwrap_or_default(),
            processes: told.processes.unwrap_or_default(),
        }))
    }

    async fn changes(&self, id: &ContainerId) -> Result<FileChanges> {
        let request = self.docker()?.container_changes(id.as_str());
        let all = self.call("compare the files", SLOW, request).await?.unwrap_or_default();
        let total = all.len() as u64;
        let items = all.into_iter().take(MAX_CHANGES).map(|change| FileChange {
            path: change.path,
            kind: match change.kind {
                ChangeType::_0 => ChangeKind::Modified,
                ChangeType::_1 => ChangeKind::Added,
                ChangeType::_2 => ChangeKind::Removed,
            },
        });
        Ok(FileChanges { items: items.collect(), total })
    }

    async fn commit_container(&self, _grant: &Grant, id: &ContainerId, commit: &Commit) -> Result<String> {
        let options = CommitContainerOptionsBuilder::default()
            .container(id.as_str())
            .repo(commit.reference.name())
            .tag(commit.reference.tag().unwrap_or("latest"))
            .comment(commit.message.as_deref().unwrap_or_default())
            .pause(commit.pause)
            .build();
        let request = self.docker()?.commit_container(options, ContainerConfig::default());
        self.call("make an image of the container", SLOW, request).await.map(|made| made.id)
    }

    async fn prunable_containers(&self, older_than: Option<Duration>) -> Result<ContainerPrunePreview> {
        let filters = HashMap::from([("status", STOPPED.to_vec())]);
        let options = ListContainersOptionsBuilder::default().all(true).size(true).filters(&filters).build();
        let request = self.docker()?.list_containers(Some(options));
        let list = self.call("list stopped containers", SLOW, request).await?;
        let mut items: Vec<PrunableContainer> = list
            .into_iter()
            .filter(|one| !is_labelled(one.labels.as_ref()))
            .filter(|one| is_older(one.created.unwrap_or_default(), older_than))
            .map(|one| {
                let size = one.size_rw.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
                let summary = convert::summary(&self.host, one);
                PrunableContainer {
                    id: summary.id,
                    name: summary.name,
                    image: summary.image,
                    state: summary.state,
                    size_bytes: size,
                }
            })
            .collect();
        items.sort_by(|a, b| a.name.cmp(&b.name));
        let total_bytes = items.iter().map(|one| one.size_bytes).sum();
        Ok(ContainerPrunePreview { items, total_bytes })
    }

    async fn prune_containers(
        &self,
        _grant: &Grant,
        older_than: Option<Duration>,
    ) -> Result<ContainersPruned> {
        // Not the helpers of volumes, which are never started and may be in use. A filter tells them by their label only, so
        // whatever else bears it is spared, here as in the preview.
        let mut filters = HashMap::from([("label!", vec![HELPER_LABEL.to_owned()])]);
        filters.extend(older_than.map(until));
        let options = PruneContainersOptionsBuilder::default().filters(&filters).build();
        let request = self.docker()?.prune_containers(Some(options));
        let done = self.call("remove stopped containers", SLOW, request).await?;
        Ok(ContainersPruned {
            removed: done.containers_deleted.unwrap_or_default(),
            reclaimed_bytes: done
                .space_reclaimed
                .and_then(|bytes| u64::try_from(bytes).ok())
                .unwrap_or_default(),
        })
    }
}
