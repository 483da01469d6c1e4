//! An engine in memory, for tests of what stands on the port. It keeps the port's promises that those
//! tests rely on, and the same contract tests run against it and against real engines.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use dockline_contract::rest::{ContainerDetails, ContainerSummary, EnvironmentVariable, RestartPolicy};
use dockline_domain::{
    ContainerId, ContainerName, ContainerPath, ContainerRef, HostId, Timestamp, access::Grant,
    event::EngineEvent, log::Chunk, stats::RawSample,
};
use futures::{StreamExt, stream};
use tokio::sync::broadcast;

use crate::{
    ContainerStatus, Engine, EngineInfo, Error, EventStream, KillSignal, LogOpen, LogQuery, NewContainer,
    RemoveOptions, Result, Sensitive, StatsStream, Tail, convert::STACK_LABEL, volume_files::VolumeContents,
};

pub use crate::{
    build::FakeBuilds, images::FakeImages, networks::FakeNetworks, pull::FakeRegistry, volumes::FakeVolumes,
};

/// An engine in memory.
#[derive(Debug)]
pub struct FakeEngine {
    host: HostId,
    state: std::sync::Mutex<State>,
    events: broadcast::Sender<EngineEvent>,
    /// Where it pulls from.
    pub registry: FakeRegistry,
    /// Its images, beside `fake:1`, of which all containers are made.
    pub images: FakeImages,
    /// What it builds.
    pub builds: FakeBuilds,
    /// Its volumes.
    pub volumes: FakeVolumes,
    /// Its networks.
    pub networks: FakeNetworks,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) containers: BTreeMap<String, FakeContainer>,
    /// The path on the host that a volume stands for.
    pub(crate) host_volumes: BTreeMap<String, String>,
    pub(crate) volume_contents: VolumeContents,
    calls: Vec<String>,
    unreachable: bool,
    clock: i64,
    /// How many containers there have been: no ID comes twice.
    born: u64,
}

#[derive(Debug)]
pub(crate) struct FakeContainer {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// By what it was made, if not by a test.
    pub(crate) made: Option<NewContainer>,
    /// Its files; folders are there when something is in them.
    pub(crate) files: BTreeMap<ContainerPath, Bytes>,
    started: u64,
    env: Vec<String>,
    pub(crate) labels: BTreeMap<String, String>,
    stored: VecDeque<Chunk>,
    live: broadcast::Sender<Chunk>,
}

impl FakeEngine {
    /// An engine without containers.
    #[must_use]
    pub fn new(host: HostId) -> Arc<Self> {
        Arc::new(Self {
            host,
            state: std::sync::Mutex::default(),
            events: broadcast::channel(1_024).0,
            registry: FakeRegistry::default(),
            images: FakeImages::default(),
            builds: FakeBuilds::default(),
            volumes: FakeVolumes::default(),
            networks: FakeNetworks::default(),
        })
    }

    /// Adds a running container and returns its ID.
    pub fn add(&self, name: &str, env: &[&str]) -> ContainerId {
        self.put(name, "running", env, None)
    }

    pub(crate) fn put(
        &self,
        name: &str,
        status: &'static str,
        env: &[&str],
        made: Option<NewContainer>,
    ) -> ContainerId {
        let mut state = self.lock();
        let id = format!("{:064x}", 0xabc0_0000_u64 + state.born);
        state.born += 1;
        let container = FakeContainer {
            name: name.to_owned(),
            state: status,
            made,
            files: BTreeMap::new(),
            started: 0,
            env: env.iter().map(|text| (*text).to_owned()).collect(),
            labels: BTreeMap::new(),
            stored: VecDeque::new(),
            live: broadcast::channel(65_536).0,
        };
        state.containers.insert(id.clone(), container);
        drop(state);
        id.parse().unwrap_or_else(|_| unreachable!("64 hexadecimal digits"))
    }

    /// Makes a container one of a Compose project's.
    pub fn put_in_stack(&self, id: &ContainerId, project: &str, service: &str, number: u32) {
        if let Some(container) = self.lock().containers.get_mut(id.as_str()) {
            let number = number.to_string();
            let labels = [
                (STACK_LABEL, project),
                ("com.docker.compose.service", service),
                ("com.docker.compose.container-number", &number),
            ];
            container.labels.extend(labels.map(|(name, value)| (name.to_owned(), value.to_owned())));
        }
    }

    /// Writes a chunk to a container's log.
    pub fn write(&self, id: &ContainerId, chunk: Chunk) {
        if let Some(container) = self.lock().containers.get_mut(id.as_str()) {
            container.stored.push_back(chunk.clone());
            // No receiver is no error: nobody follows.
            let _receivers = container.live.send(chunk);
        }
    }

    /// Removes a container without an event.
    pub fn forget(&self, id: &ContainerId) {
        self.lock().containers.remove(id.as_str());
    }

    /// Drops the oldest chunks, as rotation does.
    pub fn rotate(&self, id: &ContainerId, keep: usize) {
        if let Some(container) = self.lock().containers.get_mut(id.as_str()) {
            let excess = container.stored.len().saturating_sub(keep);
            container.stored.drain(..excess);
        }
    }

    /// Ends every open follower of a container's log, as a broken connection does.
    pub fn cut_followers(&self, id: &ContainerId) {
        if let Some(container) = self.lock().containers.get_mut(id.as_str()) {
            container.live = broadcast::channel(65_536).0;
        }
    }

    /// Makes every call fail as if the engine were down, or not any more.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.lock().unreachable = unreachable;
    }

    /// Every call so far, as `operation id`.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    pub(crate) const fn host(&self) -> &HostId {
        &self.host
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn called(&self, operation: &str, id: &str) -> Result<std::sync::MutexGuard<'_, State>> {
        let mut state = self.lock();
        state.calls.push(format!("{operation} {id}"));
        if state.unreachable {
            return Err(Error::Unreachable { reason: "the fake engine is switched off".to_owned() });
        }
        Ok(state)
    }

    /// Fails, as what needs a running container does, when this one is not there or does not run.
    pub(crate) fn must_run(&self, operation: &str, id: &ContainerId) -> Result<()> {
        let state = self.called(operation, id.as_str())?;
        match state.containers.get(id.as_str()).ok_or(Error::NotFound)?.state {
            "running" => Ok(()),
            state => Err(Error::Conflict { message: format!("the container is {state}; start it first") }),
        }
    }

    pub(crate) fn change(
        &self,
        operation: &str,
        id: &ContainerId,
        action: &str,
        change: impl FnOnce(&mut FakeContainer) -> Result<()>,
    ) -> Result<()> {
        let mut state = self.called(operation, id.as_str())?;
        state.clock += 1;
        let at = Timestamp(state.clock);
        let container = state.containers.get_mut(id.as_str()).ok_or(Error::NotFound)?;
        change(container)?;
        let event = EngineEvent {
            host: self.host.clone(),
            at,
            kind: "container".to_owned(),
            action: action.to_owned(),
            actor_id: id.to_string(),
            attributes: BTreeMap::from([("name".to_owned(), container.name.clone())]),
        };
        drop(state);
        let _receivers = self.events.send(event);
        Ok(())
    }

    fn summary(&self, id: &str, container: &FakeContainer) -> ContainerSummary {
        ContainerSummary {
            id: id.to_owned(),
            name: container.name.clone(),
            host: self.host.to_string(),
            image: "fake:1".to_owned(),
            image_id: "sha256:0".to_owned(),
            update: None,
            state: container.state.to_owned(),
            status: container.state.to_owned(),
            health: None,
            created_at: "2026-11-24T10:00:00Z".to_owned(),
            ports: Vec::new(),
            stack: container.labels.get(STACK_LABEL).cloned(),
            labels: container.labels.clone(),
        }
    }
}

#[async_trait]
impl Engine for FakeEngine {
    async fn ping(&self) -> Result<()> {
        self.called("ping", "").map(drop)
    }

    async fn info(&self) -> Result<EngineInfo> {
        drop(self.called("info", "")?);
        Ok(EngineInfo {
            version: "0.0.0-fake".to_owned(),
            api_version: "1.41".to_owned(),
            operating_system: "memory".to_owned(),
            cpus: 1,
            memory_bytes: 1 << 30,
            images: 1,
        })
    }

    async fn list(&self) -> Result<Vec<Sensitive<ContainerSummary>>> {
        let state = self.called("list", "")?;
        // Their IDs count up.
        let shown = state.containers.iter().rev().filter(|(_, one)| !one.is_helper());
        Ok(shown.map(|(id, one)| Sensitive::new(self.summary(id, one))).collect())
    }

    async fn find(&self, reference: &ContainerRef) -> Result<Vec<ContainerId>> {
        let state = self.called("find", reference.as_str())?;
        let ids = state.containers.keys().filter_map(|id| id.parse::<ContainerId>().ok());
        Ok(ids.filter(|id| reference.matches(id)).collect())
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Sensitive<ContainerDetails>> {
        let state = self.called("inspect", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        let env = container.env.iter().filter_map(|text| text.split_once('='));
        Ok(Sensitive::new(ContainerDetails {
            summary: self.summary(id.as_str(), container),
            tty: false,
            command: vec!["sh".to_owned()],
            working_dir: "/".to_owned(),
            user: String::new(),
            hostname: id.short().to_owned(),
            env: env
                .map(|(name, value)| EnvironmentVariable { name: name.into(), value: Some(value.into()) })
                .collect(),
            secrets_hidden: false,
            started_at: None,
            finished_at: None,
            exit_code: None,
            error: None,
            oom_killed: false,
            pid: 1,
            restart_count: 0,
            restart_policy: RestartPolicy { name: "no".to_owned(), maximum_retry_count: 0 },
            health_check: None,
            mounts: Vec::new(),
            networks: Vec::new(),
            log_driver: "json-file".to_owned(),
            memory_limit: None,
            cpu_limit: None,
            privileged: false,
        }))
    }

    async fn status(&self, id: &ContainerId) -> Result<ContainerStatus> {
        let state = self.called("status", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        Ok(ContainerStatus {
            tty: false,
            running: matches!(container.state, "running" | "paused"),
            restarting: false,
            started_at: container.started.to_string(),
            exit_code: 0,
            log_driver: "json-file".to_owned(),
            rotates_at: None,
        })
    }

    async fn start(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.change("start", id, "start", |container| {
            container.state = "running";
            container.started += 1;
            Ok(())
        })
    }

    async fn stop(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.change("stop", id, "die", |container| {
            container.state = "exited";
            container.live = broadcast::channel(65_536).0;
            Ok(())
        })
    }

    async fn restart(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.change("restart", id, "restart", |container| {
            container.state = "running";
            container.started += 1;
            Ok(())
        })
    }

    async fn kill(&self, _grant: &Grant, id: &ContainerId, _signal: KillSignal) -> Result<()> {
        self.change("kill", id, "die", |container| match container.state {
            "running" => {
                container.state = "exited";
                container.live = broadcast::channel(65_536).0;
                Ok(())
            }
            _ => Err(Error::Conflict { message: "the container is not running".to_owned() }),
        })
    }

    async fn pause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.change("pause", id, "pause", |container| match container.state {
            "running" => {
                container.state = "paused";
                Ok(())
            }
            _ => Err(Error::Conflict { message: "the container is not running".to_owned() }),
        })
    }

    async fn unpause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.change("unpause", id, "unpause", |container| match container.state {
            "paused" => {
                container.state = "running";
                Ok(())
            }
            _ => Err(Error::Conflict { message: "the container is not paused".to_owned() }),
        })
    }

    async fn rename(&self, _grant: &Grant, id: &ContainerId, name: &ContainerName) -> Result<()> {
        let taken = self.lock().containers.values().any(|one| one.name == name.as_str());
        self.change("rename", id, "rename", |container| {
            if taken {
                return Err(Error::Conflict { message: format!("the name {name} is already in use") });
            }
            name.as_str().clone_into(&mut container.name);
            Ok(())
        })
    }

    async fn remove(&self, _grant: &Grant, id: &ContainerId, options: RemoveOptions) -> Result<()> {
        self.change("remove", id, "destroy", |container| {
            if container.state == "running" && !options.force {
                return Err(Error::Conflict { message: "the container is running".to_owned() });
            }
            Ok(())
        })?;
        self.lock().containers.remove(id.as_str());
        Ok(())
    }

    async fn logs(&self, id: &ContainerId, query: &LogQuery) -> Result<LogOpen> {
        let state = self.called("logs", id.as_str())?;
        let container = state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        let skip = match query.tail {
            Tail::All => 0,
            Tail::Last(count) => container.stored.len().saturating_sub(count as usize),
        };
        let since = query.since.unwrap_or(Timestamp(i64::MIN));
        let until = query.until.unwrap_or(Timestamp(i64::MAX));
        let stored: Vec<_> = container
            .stored
            .iter()
            .skip(skip)
            .filter(|chunk| chunk.ts >= since && chunk.ts <= until)
            .cloned()
            .map(Ok)
            .collect();
        let stored = stream::iter(stored);
        if !query.follow || container.state != "running" {
            return Ok(LogOpen { engine_time: None, chunks: stored.boxed() });
        }
        let live = stream::unfold(container.live.subscribe(), |mut receiver| async move {
            receiver.recv().await.ok().map(|chunk| (Ok(chunk), receiver))
        });
        Ok(LogOpen { engine_time: None, chunks: stored.chain(live).boxed() })
    }

    async fn stats(&self, id: &ContainerId) -> Result<StatsStream> {
        let state = self.called("stats", id.as_str())?;
        state.containers.get(id.as_str()).ok_or(Error::NotFound)?;
        drop(state);
        let samples = stream::unfold(0_i64, |second| async move {
            if second > 0 {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            let sample = RawSample { at: Timestamp(second * 1_000_000_000), ..RawSample::default() };
            Some((Ok(sample), second + 1))
        });
        Ok(samples.boxed())
    }

    async fn events(&self, _since: Option<Timestamp>) -> Result<EventStream> {
        drop(self.called("events", "")?);
        let live = stream::unfold(self.events.subscribe(), |mut receiver| async move {
            receiver.recv().await.ok().map(|event| (Ok(event), receiver))
        });
        Ok(live.boxed())
    }
}
