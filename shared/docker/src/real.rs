use std::{collections::HashMap, future::Future, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use bollard::{
    Docker,
    query_parameters::{
        EventsOptionsBuilder, InspectContainerOptions, KillContainerOptionsBuilder,
        ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder,
        RestartContainerOptions, StartContainerOptions, StatsOptionsBuilder, StopContainerOptions,
    },
};
use dockline_contract::rest::{ContainerDetails, ContainerSummary};
use dockline_domain::{ContainerId, ContainerName, ContainerRef, HostId, Timestamp, access::Grant};
use futures::StreamExt;

use crate::{
    Address, ContainerStatus, Engine, EngineInfo, Error, EventStream, KillSignal, LogOpen, LogQuery,
    RemoveOptions, Result, Sensitive, StatsStream, convert, decode::Framing, logs, transport,
};

/// How long an engine may take for what it normally does at once.
const QUICK: Duration = Duration::from_secs(10);
/// How long an engine may take to stop a container, whose grace period is the user's choice.
const SLOW: Duration = Duration::from_secs(120);

/// A real engine. Connects for every request, so it needs no reconnecting and can be made before the
/// engine is there.
#[derive(Debug)]
pub struct DockerEngine {
    host: HostId,
    address: Address,
    client: OnceLock<Docker>,
}

impl DockerEngine {
    /// An engine at `address`, which is not contacted yet.
    #[must_use]
    pub const fn new(host: HostId, address: Address) -> Self {
        Self { host, address, client: OnceLock::new() }
    }

    /// bollard refuses to make a client for a socket that does not exist; ours may come later.
    fn client(&self) -> Result<&Docker> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let (seconds, version) = (SLOW.as_secs(), bollard::API_DEFAULT_VERSION);
        let client = match &self.address {
            Address::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), seconds, version),
            Address::Tcp(authority) => {
                Docker::connect_with_http(&format!("tcp://{authority}"), seconds, version)
            }
        }
        .map_err(|error| match error {
            bollard::errors::Error::SocketNotFoundError(path) => {
                Error::Unreachable { reason: format!("there is no socket at {path}") }
            }
            other => Error::Unreachable { reason: format!("{}: {}", self.address, root_cause(&other)) },
        })?;
        Ok(self.client.get_or_init(|| client))
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        request: impl Future<Output = Result<T, bollard::errors::Error>> + Send,
    ) -> Result<T> {
        match tokio::time::timeout(limit, request).await {
            Ok(answer) => answer.map_err(|error| self.error(operation, &error)),
            Err(_) => Err(Error::TimedOut { operation }),
        }
    }

    fn error(&self, operation: &'static str, error: &bollard::errors::Error) -> Error {
        use bollard::errors::Error as Bollard;
        match error {
            Bollard::DockerResponseServerError { status_code, message } => {
                transport::from_status(*status_code, message.clone(), operation)
            }
            Bollard::RequestTimeoutError => Error::TimedOut { operation },
            Bollard::JsonDataError { .. }
            | Bollard::JsonSerdeError { .. }
            | Bollard::DockerStreamError { .. } => Error::Engine { operation, message: error.to_string() },
            other => Error::Unreachable { reason: format!("{}: {}", self.address, root_cause(other)) },
        }
    }

    async fn inspect_raw(&self, id: &ContainerId) -> Result<bollard::models::ContainerInspectResponse> {
        let request = self.client()?.inspect_container(id.as_str(), None::<InspectContainerOptions>);
        self.call("inspect the container", QUICK, request).await
    }
}

/// The innermost error: "Connection refused" says more than the layers around it.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[async_trait]
impl Engine for DockerEngine {
    async fn info(&self) -> Result<EngineInfo> {
        let client = self.client()?;
        let (version, info) = self
            .call("tell its version", QUICK, async { Ok((client.version().await?, client.info().await?)) })
            .await?;
        let number = |value: Option<i64>| value.and_then(|v| u64::try_from(v).ok()).unwrap_or_default();
        Ok(EngineInfo {
            version: version.version.unwrap_or_default(),
            api_version: version.api_version.unwrap_or_default(),
            operating_system: info.operating_system.unwrap_or_default(),
            cpus: number(info.ncpu),
            memory_bytes: number(info.mem_total),
            images: number(info.images),
        })
    }

    async fn list(&self) -> Result<Vec<Sensitive<ContainerSummary>>> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let list = self.call("list containers", QUICK, self.client()?.list_containers(Some(options))).await?;
        Ok(list.into_iter().map(|one| Sensitive::new(convert::summary(&self.host, one))).collect())
    }

    async fn find(&self, reference: &ContainerRef) -> Result<Vec<ContainerId>> {
        let filters = HashMap::from([("id", vec![reference.as_str()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let list =
            self.call("find the container", QUICK, self.client()?.list_containers(Some(options))).await?;
        let ids = list.into_iter().filter_map(|one| one.id?.parse::<ContainerId>().ok());
        Ok(ids.filter(|id| reference.matches(id)).collect())
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Sensitive<ContainerDetails>> {
        Ok(Sensitive::new(convert::details(&self.host, self.inspect_raw(id).await?)))
    }

    async fn status(&self, id: &ContainerId) -> Result<ContainerStatus> {
        Ok(convert::status(self.inspect_raw(id).await?))
    }

    async fn start(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        let request = self.client()?.start_container(id.as_str(), None::<StartContainerOptions>);
        self.call("start the container", SLOW, request).await
    }

    async fn stop(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        let request = self.client()?.stop_container(id.as_str(), None::<StopContainerOptions>);
        self.call("stop the container", SLOW, request).await
    }

    async fn restart(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        let request = self.client()?.restart_container(id.as_str(), None::<RestartContainerOptions>);
        self.call("restart the container", SLOW, request).await
    }

    async fn kill(&self, _grant: &Grant, id: &ContainerId, signal: KillSignal) -> Result<()> {
        let options = KillContainerOptionsBuilder::default().signal(signal.as_str()).build();
        let request = self.client()?.kill_container(id.as_str(), Some(options));
        self.call("send the signal", QUICK, request).await
    }

    async fn pause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.call("pause the container", QUICK, self.client()?.pause_container(id.as_str())).await
    }

    async fn unpause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.call("unpause the container", QUICK, self.client()?.unpause_container(id.as_str())).await
    }

    async fn rename(&self, _grant: &Grant, id: &ContainerId, name: &ContainerName) -> Result<()> {
        let options = RenameContainerOptionsBuilder::default().name(name.as_str()).build();
        self.call("rename the container", QUICK, self.client()?.rename_container(id.as_str(), options)).await
    }

    async fn remove(&self, _grant: &Grant, id: &ContainerId, options: RemoveOptions) -> Result<()> {
        let options =
            RemoveContainerOptionsBuilder::default().force(options.force).v(options.volumes).build();
        let request = self.client()?.remove_container(id.as_str(), Some(options));
        self.call("remove the container", SLOW, request).await
    }

    async fn logs(&self, id: &ContainerId, query: &LogQuery) -> Result<LogOpen> {
        let framing = if self.status(id).await?.tty { Framing::Raw } else { Framing::Multiplexed };
        logs::open(&self.address, id, framing, query).await
    }

    async fn stats(&self, id: &ContainerId) -> Result<StatsStream> {
        let options = StatsOptionsBuilder::default().stream(true).build();
        let address = self.address.clone();
        let stream = self.client()?.stats(id.as_str(), Some(options));
        Ok(stream
            .map(move |item| {
                item.map(convert::sample).map_err(|error| stream_error(&address, "read stats", &error))
            })
            .boxed())
    }

    async fn events(&self, since: Option<Timestamp>) -> Result<EventStream> {
        let mut options = EventsOptionsBuilder::default();
        let text = since.map(Timestamp::as_since);
        if let Some(text) = &text {
            options = options.since(text);
        }
        let (host, address) = (self.host.clone(), self.address.clone());
        let stream = self.client()?.events(Some(options.build()));
        Ok(stream
            .map(move |item| {
                item.map(|message| convert::event(&host, message))
                    .map_err(|error| stream_error(&address, "read events", &error))
            })
            .boxed())
    }
}

fn stream_error(address: &Address, operation: &'static str, error: &bollard::errors::Error) -> Error {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, message } => {
            transport::from_status(*status_code, message.clone(), operation)
        }
        bollard::errors::Error::JsonDataError { .. } => {
            Error::Engine { operation, message: error.to_string() }
        }
        other => Error::Unreachable { reason: format!("{address}: {}", root_cause(other)) },
    }
}
