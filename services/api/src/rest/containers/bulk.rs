use actix_web::web;
use dockline_contract::rest::{BulkAction, BulkContainers, BulkResult, BulkResults, ErrorBody};
use dockline_docker::{KillSignal, RemoveOptions};
use dockline_domain::{
    ContainerRef, HostId,
    access::{Grant, Permission, authorize},
};
use dockline_persistence::{Actor, Moment, NewEntry, Outcome};
use futures::{StreamExt, stream};
use serde_json::json;

use super::resolve::{Target, resolve};
use crate::{
    ApiError, App,
    extract::{Body, Caller, Fields, Granted},
    gate::Note,
};

/// The most containers of one request.
const MOST: usize = 100;
/// How many are worked on at a time.
const AT_ONCE: usize = 8;

/// Does one thing to up to 100 containers, and tells how it went with each. Each is audited on its own.
#[utoipa::path(post, path = "/api/v1/containers/bulk", operation_id = "bulk_containers", tag = "containers", request_body = BulkContainers,
    responses((status = 200, description = "How it went with each", body = BulkResults),
              (status = 403, description = "The action needs a permission of its own", body = ErrorBody),
              (status = 422, description = "A field is wrong", body = ErrorBody)))]
pub(crate) async fn bulk(
    app: web::Data<App>,
    Granted(grant): Granted,
    note: Note,
    caller: Caller,
    Body(wanted): Body<BulkContainers>,
) -> Result<web::Json<BulkResults>, ApiError> {
    let mut fields = Fields::default();
    let host = fields.check_optional("host", wanted.host.as_deref().map(str::parse::<HostId>));
    let count = if (1..=MOST).contains(&wanted.ids.len()) { Ok(()) } else { Err("must be 1 to 100") };
    fields.check("ids", count);
    let mut references = Vec::new();
    for (at, id) in wanted.ids.iter().enumerate() {
        let reference = fields.check(&format!("ids[{at}]"), id.parse::<ContainerRef>());
        if reference.as_ref().is_some_and(|reference| references.contains(reference)) {
            fields.check::<(), _>(&format!("ids[{at}]"), Err("is there twice"));
        }
        references.extend(reference);
    }
    fields.finish()?;
    note.detail("action", word(wanted.action));
    note.detail("containers", wanted.ids.clone());
    let grant = match wanted.action {
        BulkAction::Remove => {
            authorize(grant.principal(), Permission::ContainersRemove).map_err(ApiError::Denied)?
        }
        _ => grant,
    };
    let options = RemoveOptions { force: wanted.force, volumes: wanted.volumes };
    let work = Work { app: &app, grant: &grant, caller: &caller, action: wanted.action, options };
    let (work, host) = (&work, host.as_ref());
    let each = references.into_iter().map(|reference| async move { work.one(&reference, host).await });
    let items: Vec<BulkResult> = stream::iter(each).buffered(AT_ONCE).collect().await;
    let failed = items.iter().filter(|item| !item.ok).count() as u64;
    note.detail("failed", failed);
    Ok(web::Json(BulkResults { items, failed }))
}

/// What is done to each container.
struct Work<'a> {
    app: &'a App,
    grant: &'a Grant,
    caller: &'a Caller,
    action: BulkAction,
    options: RemoveOptions,
}

impl Work<'_> {
    async fn one(&self, reference: &ContainerRef, host: Option<&HostId>) -> BulkResult {
        let id = reference.as_str().to_owned();
        match self.recorded(reference, host).await {
            Ok(()) => BulkResult { id, ok: true, code: None, message: None },
            Err(error) => BulkResult {
                id,
                ok: false,
                code: Some(error.code().to_owned()),
                message: Some(error.to_string()),
            },
        }
    }

    /// As the gate does it for a single request: what cannot be recorded is not done.
    async fn recorded(&self, reference: &ContainerRef, host: Option<&HostId>) -> Result<(), ApiError> {
        let target = resolve(self.app, reference, host).await?;
        let who = self.grant.principal();
        let entry = NewEntry {
            actor: Actor::account(who.user, &who.username),
            action: format!("container.{}", word(self.action)),
            target: Some(target.audit_name()),
            detail: Some(json!({ "host": target.host.id, "bulk": true })),
            address: self.caller.address.map(|address| address.to_string()),
            request_id: self.caller.request_id.clone(),
        };
        let pending = self.app.audit.intend(entry, Moment::now()).await?;
        let done = self.act(&target).await;
        let outcome = if done.is_ok() { Outcome::Success } else { Outcome::Failure };
        if let Err(error) = self.app.audit.conclude(pending, outcome, Moment::now()).await {
            tracing::error!(%error, "an outcome could not be recorded in the audit log");
        }
        done
    }

    async fn act(&self, target: &Target) -> Result<(), ApiError> {
        let (engine, grant, id) = (&target.host.engine, self.grant, &target.id);
        let done = match self.action {
            BulkAction::Start => engine.start(grant, id).await,
            BulkAction::Stop => engine.stop(grant, id).await,
            BulkAction::Restart => engine.restart(grant, id).await,
            BulkAction::Kill => engine.kill(grant, id, KillSignal::Kill).await,
            BulkAction::Pause => engine.pause(grant, id).await,
            BulkAction::Unpause => engine.unpause(grant, id).await,
            BulkAction::Remove => engine.remove(grant, id, self.options).await,
        };
        done.map_err(|error| target.failed(error))
    }
}

const fn word(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Start => "start",
        BulkAction::Stop => "stop",
        BulkAction::Restart => "restart",
        BulkAction::Kill => "kill",
        BulkAction::Pause => "pause",
        BulkAction::Unpause => "unpause",
        BulkAction::Remove => "remove",
    }
}
