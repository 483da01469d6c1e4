use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::web;
use dockline_contract::rest::{ErrorBody, HostTrial, TryHost};
use dockline_docker::{Address, Engine, EngineInfo, Error};
use dockline_domain::host::new_host_id;

use super::credentials::connection;
use crate::{
    ApiError, App,
    extract::{Body, Fields, PathHost},
    gate::Note,
};

/// How long an engine may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// Tries a host as it is described, without keeping anything.
#[utoipa::path(post, path = "/api/v1/hosts/test", operation_id = "test_host", tag = "hosts", request_body = TryHost,
    responses((status = 200, description = "How it ended", body = HostTrial),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn test(
    app: web::Data<App>,
    note: Note,
    Body(wanted): Body<TryHost>,
) -> Result<web::Json<HostTrial>, ApiError> {
    let mut fields = Fields::default();
    // A form may ask before it has a name.
    let id =
        fields.check("id", new_host_id(wanted.id.as_deref().filter(|id| !id.is_empty()).unwrap_or("new")));
    let address = fields.check("address", wanted.address.parse::<Address>());
    let connection = address.and_then(|address| connection(&mut fields, address, wanted.tls, wanted.ssh));
    let (Some(id), Some(connection)) = (id, connection) else { return Err(fields.into()) };
    fields.finish()?;
    note.target(format!("hosts/{id}"));
    note.detail("address", connection.address().to_string());
    let trial = trial(&app.directory.opener().engine(id, connection)).await;
    note.detail("ok", trial.ok);
    Ok(web::Json(trial))
}

/// Tries a host with the credentials that are stored, by a connection of its own.
#[utoipa::path(post, path = "/api/v1/hosts/{host}/test", operation_id = "test_stored_host", tag = "hosts",
    params(("host" = String, Path, description = "The host's ID")),
    responses((status = 200, description = "How it ended", body = HostTrial),
              (status = 404, description = "There is no such host", body = ErrorBody)))]
pub(crate) async fn test_stored(
    app: web::Data<App>,
    note: Note,
    PathHost(id): PathHost,
) -> Result<web::Json<HostTrial>, ApiError> {
    let record = app.directory.record(&id).await.ok_or(ApiError::HostNotFound)?;
    note.detail("address", record.address.as_str());
    let opener = app.directory.opener();
    let trial = match opener.connection(&record) {
        Ok(connection) => trial(&opener.engine(id, connection)).await,
        Err(unusable) => failed(unusable.to_string()),
    };
    note.detail("ok", trial.ok);
    Ok(web::Json(trial))
}

async fn trial(engine: &Arc<dyn Engine>) -> HostTrial {
    match tokio::time::timeout(DEADLINE, asked(engine)).await {
        Ok(Ok((info, latency))) => HostTrial {
            ok: true,
            error: None,
            engine_version: Some(info.version),
            api_version: Some(info.api_version),
            operating_system: Some(info.operating_system),
            latency_ms: u64::try_from(latency.as_millis()).ok(),
        },
        Ok(Err(error)) => failed(error.to_string()),
        Err(_) => failed(format!("the engine did not answer within {} s", DEADLINE.as_secs())),
    }
}

/// The ping comes second, when the connection stands: its time is what every later question takes.
async fn asked(engine: &Arc<dyn Engine>) -> Result<(EngineInfo, Duration), Error> {
    let info = engine.info().await?;
    let began = Instant::now();
    engine.ping().await?;
    Ok((info, began.elapsed()))
}

const fn failed(error: String) -> HostTrial {
    HostTrial {
        ok: false,
        error: Some(error),
        engine_version: None,
        api_version: None,
        operating_system: None,
        latency_ms: None,
    }
}
