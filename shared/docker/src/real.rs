use std::{collections::HashMap, future::Future, io, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use bollard::{
    Docker,
    errors::Error as Bollard,
    models::EventMessage,
    query_parameters::{
        InspectContainerOptions, KillContainerOptionsBuilder, ListContainersOptionsBuilder,
        RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder, RestartContainerOptions,
        StartContainerOptions, StopContainerOptions,
    },
};
use dockline_contract::rest::{ContainerDetails, ContainerSummary};
use dockline_domain::{ContainerId, ContainerName, ContainerRef, HostId, Timestamp, access::Grant};
use futures::{StreamExt, future::ready};

use crate::{
    Connection, ContainerStatus, Engine, EngineInfo, Error, EventStream, KillSignal, LogOpen, LogQuery,
    RemoveOptions, Result, Sensitive, StatsStream,
    client::{Client, Failure},
    convert,
    decode::Framing,
    dial::Traffic,
    http::from_status,
    json_lines::json_lines,
    logs,
    volume_files::HelperEvents,
};

/// How long an engine may take for a sign of life.
const PING: Duration = Duration::from_secs(5);
/// How long an engine may take for what it normally does at once.
pub(crate) const QUICK: Duration = Duration::from_secs(10);
/// How long an engine may take to stop a container, whose grace period is the user's choice.
pub(crate) const SLOW: Duration = Duration::from_secs(120);

/// A real engine. Connects for every request, so it needs no reconnecting and can be made before the
/// engine is there.
#[derive(Debug, Clone)]
pub struct DockerEngine {
    pub(crate) host: HostId,
    pub(crate) client: Client,
    docker: OnceLock<Docker>,
}

impl DockerEngine {
    /// An engine at the end of `connection`, which is not contacted yet.
    #[must_use]
    pub fn new(host: HostId, connection: Connection) -> Self {
        Self { host, client: Client::new(connection), docker: OnceLock::new() }
    }

    /// bollard over our own connections.
    pub(crate) fn docker(&self) -> Result<&Docker> {
        if let Some(docker) = self.docker.get() {
            return Ok(docker);
        }
        let client = self.client.clone();
        let transport = move |request| {
            let client = client.clone();
            async move { client.send(request).await.map_err(|failure| io::Error::other(failure).into()) }
        };
        // The address is for bollard's own bookkeeping, and so is the version, which it does not send.
        let (address, version) = (Some("http://docker"), bollard::API_DEFAULT_VERSION);
        let docker = Docker::connect_with_custom_transport(transport, address, SLOW.as_secs(), version)
            .map_err(|error| bollard_error(&self.client, "be connected to", &error))?;
        Ok(self.docker.get_or_init(|| docker))
    }

    /// Asks within a time, and puts a failure in the words of the port.
    pub(crate) async fn call<T>(
        &self,
        operation: &'static str,
        limit: Duration,
        request: impl Future<Output = Result<T, Bollard>> + Send,
    ) -> Result<T> {
        match tokio::time::timeout(limit, request).await {
            Ok(answer) => answer.map_err(|error| bollard_error(&self.client, operation, &error)),
            Err(_) => Err(Error::TimedOut { operation }),
        }
    }

    pub(crate) async fn inspect_raw(
        &self,
        id: &ContainerId,
    ) -> Result<bollard::models::ContainerInspectResponse> {
        let request = self.docker()?.inspect_container(id.as_str(), None::<InspectContainerOptions>);
        self.call("inspect the container", QUICK, request).await
    }
}

/// What bollard says in the words of the port.
pub(crate) fn bollard_error(client: &Client, operation: &'static str, error: &Bollard) -> Error {
    match error {
        Bollard::DockerResponseServerError { status_code, message } => {
            from_status(*status_code, message.clone(), operation)
        }
        Bollard::RequestTimeoutError => Error::TimedOut { operation },
        Bollard::JsonDataError { .. }
        | Bollard::JsonSerdeError { .. }
        | Bollard::DockerStreamError { .. } => Error::Engine { operation, message: error.to_string() },
        // bollard says that it is this error, not that it wraps it.
        Bollard::IOError { err } => match err.get_ref().and_then(|inner| inner.downcast_ref::<Failure>()) {
            Some(failure) => client.error(operation, failure.clone()),
            None => client.unreachable(err),
        },
        Bollard::HyperResponseError { err } => client.unreachable(err),
        other => client.unreachable(other),
    }
}

#[async_trait]
impl Engine for DockerEngine {
    async fn ping(&self) -> Result<()> {
        let operation = "answer a ping";
        let answer = tokio::time::timeout(PING, self.client.ping()).await;
        answer.unwrap_or(Err(Failure::Silent)).map_err(|failure| self.client.error(operation, failure))
    }

    async fn info(&self) -> Result<EngineInfo> {
        let (operation, docker) = ("tell its version", self.docker()?);
        let asked = async { Ok((docker.version().await?, docker.info().await?)) };
        let (version, info) = self.call(operation, QUICK, asked).await?;
        let in_use = self.client.version().await.map_err(|failure| self.client.error(operation, failure))?;
        let number = |value: Option<i64>| value.and_then(|v| u64::try_from(v).ok()).unwrap_or_default();
        Ok(EngineInfo {
            version: version.version.unwrap_or_default(),
            api_version: in_use.to_string(),
            operating_system: info.operating_system.unwrap_or_default(),
            cpus: number(info.ncpu),
            memory_bytes: number(info.mem_total),
            images: number(info.images),
        })
    }

    async fn list(&self) -> Result<Vec<Sensitive<ContainerSummary>>> {
        let list = self.users().await?;
        Ok(list.into_iter().map(|one| Sensitive::new(convert::summary(&self.host, one))).collect())
    }

    async fn find(&self, reference: &ContainerRef) -> Result<Vec<ContainerId>> {
        let filters = HashMap::from([("id", vec![reference.as_str()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let list =
            self.call("find the container", QUICK, self.docker()?.list_containers(Some(options))).await?;
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
        let request = self.docker()?.start_container(id.as_str(), None::<StartContainerOptions>);
        self.call("start the container", SLOW, request).await
    }

    async fn stop(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        let request = self.docker()?.stop_container(id.as_str(), None::<StopContainerOptions>);
        self.call("stop the container", SLOW, request).await
    }

    async fn restart(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        let request = self.docker()?.restart_container(id.as_str(), None::<RestartContainerOptions>);
        self.call("restart the container", SLOW, request).await
    }

    async fn kill(&self, _grant: &Grant, id: &ContainerId, signal: KillSignal) -> Result<()> {
        let options = KillContainerOptionsBuilder::default().signal(signal.as_str()).build();
        let request = self.docker()?.kill_container(id.as_str(), Some(options));
        self.call("send the signal", QUICK, request).await
    }

    async fn pause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.call("pause the container", QUICK, self.docker()?.pause_container(id.as_str())).await
    }

    async fn unpause(&self, _grant: &Grant, id: &ContainerId) -> Result<()> {
        self.call("unpause the container", QUICK, self.docker()?.unpause_container(id.as_str())).await
    }

    async fn rename(&self, _grant: &Grant, id: &ContainerId, name: &ContainerName) -> Result<()> {
        let options = RenameContainerOptionsBuilder::default().name(name.as_str()).build();
        self.call("rename the container", QUICK, self.docker()?.rename_container(id.as_str(), options)).await
    }

    async fn remove(&self, _grant: &Grant, id: &ContainerId, options: RemoveOptions) -> Result<()> {
        let options =
            RemoveContainerOptionsBuilder::default().force(options.force).v(options.volumes).build();
        let request = self.docker()?.remove_container(id.as_str(), Some(options));
        self.call("remove the container", SLOW, request).await
    }

    async fn logs(&self, id: &ContainerId, query: &LogQuery) -> Result<LogOpen> {
        let framing = if self.status(id).await?.tty { Framing::Raw } else { Framing::Multiplexed };
        logs::open(&self.client, id, framing, query).await
    }

    async fn stats(&self, id: &ContainerId) -> Result<StatsStream> {
        let operation = "read stats";
        let path = format!("/containers/{id}/stats?stream=true");
        let answer = self.client.read(&path, Traffic::Call, operation).await?;
        let samples = json_lines(self.client.clone(), answer, operation);
        Ok(samples.map(|item| item.map(convert::sample)).boxed())
    }

    async fn events(&self, since: Option<Timestamp>) -> Result<EventStream> {
        let operation = "read events";
        let since = since.map(|since| format!("?since={}", since.as_since())).unwrap_or_default();
        let answer = self.client.read(&format!("/events{since}"), Traffic::Call, operation).await?;
        let (host, messages) = (self.host.clone(), json_lines(self.client.clone(), answer, operation));
        let mut helpers = HelperEvents::default();
        let told = messages.filter(move |item| {
            ready(!item.as_ref().is_ok_and(|message: &EventMessage| helpers.take(message)))
        });
        Ok(told.map(move |item| item.map(|message| convert::event(&host, message))).boxed())
    }
}
