use std::time::{Duration, Instant};

use actix_web::web;
use dockline_contract::rest::{ErrorBody, HostList, HostOrigin, HostSecurity, HostState, HostStatus};
use dockline_docker::Host;
use dockline_domain::host;
use futures::future::join_all;

use crate::{ApiError, App, extract::PathHost};

/// The Docker hosts, and whether their engines answer.
#[utoipa::path(get, path = "/api/v1/hosts", operation_id = "list_hosts", tag = "hosts",
    responses((status = 200, description = "Every host", body = HostList)))]
pub(crate) async fn list(app: web::Data<App>) -> web::Json<HostList> {
    app.directory.catch_up().await;
    let items = join_all(app.hosts.all().iter().map(|host| ask(&app, host))).await;
    web::Json(HostList { items })
}

/// One Docker host, and whether its engine answers.
#[utoipa::path(get, path = "/api/v1/hosts/{host}", operation_id = "get_host", tag = "hosts",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "The host", body = HostStatus),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn get(
    app: web::Data<App>,
    PathHost(id): PathHost,
) -> Result<web::Json<HostStatus>, ApiError> {
    app.directory.catch_up().await;
    let host = app.hosts.get(&id).ok_or(ApiError::HostNotFound)?;
    Ok(web::Json(ask(&app, &host).await))
}

/// Everything about a host, its engine asked if it is enabled.
pub(crate) async fn ask(app: &App, host: &Host) -> HostStatus {
    let address = Some(host.address.to_string());
    if !host.enabled {
        return HostStatus { address, ..disabled(app, host) };
    }
    let (deadline, began) = (app.patience(host), Instant::now());
    let answer = tokio::time::timeout(deadline, host.engine.info()).await;
    match answer {
        Ok(Ok(info)) => HostStatus {
            address,
            engine_version: Some(info.version),
            api_version: Some(info.api_version),
            operating_system: Some(info.operating_system),
            cpus: Some(info.cpus),
            memory_bytes: Some(info.memory_bytes),
            images: Some(info.images),
            latency_ms: u64::try_from(began.elapsed().as_millis()).ok(),
            ..online(app, host)
        },
        Ok(Err(error)) => HostStatus { address, ..offline(app, host, error.to_string()) },
        Err(_) => HostStatus { address, ..offline(app, host, app.silence(host, deadline)) },
    }
}

/// A host whose engine answered.
pub(crate) fn online(app: &App, host: &Host) -> HostStatus {
    let security = app.directory.book().get(&host.id).map_or(host::HostSecurity::None, |one| one.security());
    HostStatus {
        id: host.id.to_string(),
        state: HostState::Online,
        error: None,
        labels: host.labels.clone(),
        enabled: host.enabled,
        origin: HostOrigin::from(host.origin),
        security: HostSecurity::from(security),
        address: None,
        engine_version: None,
        api_version: None,
        operating_system: None,
        cpus: None,
        memory_bytes: None,
        images: None,
        latency_ms: None,
    }
}

/// A host whose engine did not.
pub(crate) fn offline(app: &App, host: &Host, error: String) -> HostStatus {
    HostStatus { state: HostState::Offline, error: Some(error), ..online(app, host) }
}

/// A host whose engine was not asked.
pub(crate) fn disabled(app: &App, host: &Host) -> HostStatus {
    HostStatus { state: HostState::Disabled, ..online(app, host) }
}

impl App {
    /// How long a list waits for a host.
    pub(crate) fn patience(&self, host: &Host) -> Duration {
        match self.prober.failure(host) {
            Some(_) => self.config.unresponsive_deadline.min(self.config.host_deadline),
            None => self.config.host_deadline,
        }
    }

    /// Why a host counts as offline when its engine took longer than a list waited.
    pub(crate) fn silence(&self, host: &Host, waited: Duration) -> String {
        self.prober
            .failure(host)
            .unwrap_or_else(|| format!("the engine did not answer within {} s", waited.as_secs_f64()))
    }
}
