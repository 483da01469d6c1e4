//! What the gate writes into the audit log.
//!
//! Every mutation (before and after), every refusal of somebody who is known, every failed sign-in.
//! Not: requests without valid credentials and refused origins, which anybody could make without end
//! and which changed nothing. Those are in the access log and in the metrics.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, dev::ServiceResponse, http::StatusCode};
use dockline_contract::rest::ErrorBody;
use dockline_domain::access::Principal;
use dockline_persistence::{Actor, Moment, NewEntry, Outcome};
use serde_json::{Map, Value, json};

use super::{Admitted, Note, Refused, Written};
use crate::{
    App,
    extract::Caller,
    registry::{Access, Audit, Declaration},
};

/// The line for a request, as far as it is known before the handler runs.
pub(super) fn entry(action: &str, admitted: &Admitted, request: &ServiceRequest) -> NewEntry {
    let actor =
        admitted.principal().map_or_else(Actor::default, |who| Actor::account(who.user, &who.username));
    line(action, actor, request.request())
}

/// The line for something that is recorded apart from the request which brings it about: what a socket is opened for.
pub(crate) fn entry_apart(action: &str, who: &Principal, request: &HttpRequest) -> NewEntry {
    line(action, Actor::account(who.user, &who.username), request)
}

/// Records that somebody was refused.
pub(super) async fn refused(
    app: &App,
    declaration: &Declaration,
    request: &ServiceRequest,
    refused: &Refused,
) {
    let Some(who) = &refused.principal else { return };
    let action = match (declaration.audit, declaration.access) {
        (Audit::Action(action) | Audit::Afterwards(action), _) => action,
        (Audit::Nothing, Access::Requires(permission)) => permission.as_str(),
        (Audit::Nothing, _) => declaration.path,
    };
    let mut entry = line(action, Actor::account(who.user, &who.username), request.request());
    entry.detail = Some(json!({ "code": refused.error.code(), "role": who.role }));
    if let Err(error) = app.audit.record(entry, Outcome::Denied, Moment::now()).await {
        tracing::error!(%error, "a refusal could not be recorded in the audit log");
    }
}

/// Records how a request ended.
pub(super) async fn conclude(app: &App, written: Written, response: &ServiceResponse) {
    let note = response.request().extensions().get::<Note>().map(Note::take).unwrap_or_default();
    let outcome = outcome(response.status());
    let mut detail = note.detail;
    if let Some(body) = response.response().extensions().get::<ErrorBody>() {
        detail.insert("code".to_owned(), body.code.clone().into());
    }
    let improve = |entry: &mut NewEntry, detail: Map<String, Value>| {
        if let Some(actor) = note.actor {
            entry.actor = actor;
        }
        if note.target.is_some() {
            entry.target = note.target;
        }
        entry.detail = (!detail.is_empty()).then_some(Value::Object(detail));
    };
    let written = match written {
        Written::Intent(mut pending) => {
            improve(&mut pending.entry, detail);
            app.audit.conclude(pending, outcome, Moment::now()).await
        }
        Written::Nothing(_) if note.skip => return,
        Written::Nothing(mut entry) => {
            improve(&mut entry, detail);
            app.audit.record(entry, outcome, Moment::now()).await
        }
    };
    if let Err(error) = written {
        tracing::error!(%error, "an outcome could not be recorded in the audit log");
    }
}

fn outcome(status: StatusCode) -> Outcome {
    if status == StatusCode::FORBIDDEN {
        Outcome::Denied
    } else if status.is_client_error() || status.is_server_error() {
        Outcome::Failure
    } else {
        Outcome::Success
    }
}

fn line(action: &str, actor: Actor, request: &HttpRequest) -> NewEntry {
    let caller = request.extensions().get::<Caller>().cloned().unwrap_or_default();
    NewEntry {
        actor,
        action: action.to_owned(),
        target: target(request.uri().path()),
        detail: None,
        address: caller.address.map(|address| address.to_string()),
        request_id: caller.request_id,
    }
}

/// The longest target that is stored; identifiers are shorter, attacks need not be kept whole.
const MAX_TARGET: usize = 200;

/// The object in a path: `/api/v1/containers/3f2a…/start` is about `containers/3f2a…`. The path is
/// still percent-encoded here, so nothing in it can break a line.
fn target(path: &str) -> Option<String> {
    let object = path.strip_prefix("/api/v1/").or_else(|| path.strip_prefix("/ws/"))?;
    let mut segments = object.split('/').filter(|segment| !segment.is_empty());
    let (collection, id) = (segments.next()?, segments.next());
    let mut target = match id {
        Some(id) if !matches!(collection, "auth" | "setup") => format!("{collection}/{id}"),
        _ => collection.to_owned(),
    };
    let mut end = target.len().min(MAX_TARGET);
    while !target.is_char_boundary(end) {
        end -= 1;
    }
    target.truncate(end);
    Some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let of = |path: &str| target(path);
        assert_eq!(of("/api/v1/containers/abc/start").as_deref(), Some("containers/abc"));
        assert_eq!(of("/api/v1/users").as_deref(), Some("users"));
        assert_eq!(of("/ws/containers/abc/logs").as_deref(), Some("containers/abc"));
        assert_eq!(of("/api/v1/auth/login").as_deref(), Some("auth"));
        assert_eq!(of("/healthz"), None);
        assert_eq!(
            of(&format!("/api/v1/containers/{}", "a".repeat(10_000))).map(|text| text.len()),
            Some(200)
        );
    }
}
