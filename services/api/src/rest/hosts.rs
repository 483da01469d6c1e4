use std::time::{Duration, Instant};

use actix_web::web;
use dockline_contract::rest::{HostList, HostState, HostStatus};
use dockline_docker::Host;
use futures::future::join_all;

use crate::App;

/// The Docker hosts, and whether their engines answer.
#[utoipa::path(get, path = "/api/v1/hosts", operation_id = "list_hosts", tag = "hosts",
    responses((status = 200, description = "Every host", body = HostList)))]
pub(crate) async fn list(app: web::Data<App>) -> web::Json<HostList> {
    let deadline = app.config.host_deadline;
    let items = join_all(app.hosts.iter().map(|host| ask(host, deadline))).await;
    web::Json(HostList { items })
}

async fn ask(host: &Host, deadline: Duration) -> HostStatus {
    let began = Instant::now();
    let answer = tokio::time::timeout(deadline, host.engine.info()).await;
    let mut status = match answer {
        Ok(Ok(info)) => HostStatus {
            engine_version: Some(info.version),
            api_version: Some(info.api_version),
            operating_system: Some(info.operating_system),
            cpus: Some(info.cpus),
            memory_bytes: Some(info.memory_bytes),
            images: Some(info.images),
            latency_ms: u64::try_from(began.elapsed().as_millis()).ok(),
            ..online(host)
        },
        Ok(Err(error)) => offline(host, error.to_string()),
        Err(_) => offline(host, too_late(deadline)),
    };
    status.address = Some(host.address.to_string());
    status
}

/// A host whose engine answered.
pub(crate) fn online(host: &Host) -> HostStatus {
    HostStatus {
        id: host.id.to_string(),
        state: HostState::Online,
        error: None,
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
pub(crate) fn offline(host: &Host, error: String) -> HostStatus {
    HostStatus { state: HostState::Offline, error: Some(error), ..online(host) }
}

/// Why a host counts as offline when its engine took too long.
pub(crate) fn too_late(deadline: Duration) -> String {
    format!("the engine did not answer within {} s", deadline.as_secs_f64())
}
