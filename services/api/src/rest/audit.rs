use actix_web::web;
use dockline_contract::rest::{AuditPage, AuditRecord};
use dockline_persistence::{AuditFilter, AuditRow, Moment, Outcome};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use crate::{
    ApiError, App,
    extract::{Fields, Params},
};

/// Which lines of the audit log are wanted. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchAudit {
    /// Part of the actor's name, the action or the target.
    q: Option<String>,
    /// The actor's whole name.
    actor: Option<String>,
    /// The whole action, or its beginning up to a dot: `container.restart`, `container.`.
    action: Option<String>,
    /// `intent`, `success`, `failure` or `denied`.
    outcome: Option<String>,
    /// Nothing older; RFC 3339.
    since: Option<String>,
    /// Nothing newer; RFC 3339.
    until: Option<String>,
    /// How many at most, 1 to 500.
    limit: Option<u64>,
    /// From the page before.
    cursor: Option<String>,
}

/// The audit log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "search_audit", tag = "audit", params(SearchAudit),
    responses((status = 200, description = "A page of lines", body = AuditPage)))]
pub(crate) async fn search(
    app: web::Data<App>,
    Params(wanted): Params<SearchAudit>,
) -> Result<web::Json<AuditPage>, ApiError> {
    let mut fields = Fields::default();
    let outcome = wanted.outcome.filter(|text| !text.is_empty());
    let outcome = fields.check_optional("outcome", outcome.map(|text| self::outcome(&text)));
    let since = fields.check_optional("since", filled(wanted.since).map(|text| moment(&text)));
    let until = fields.check_optional("until", filled(wanted.until).map(|text| moment(&text)));
    let cursor::Wanted { limit, after: before } =
        cursor::wanted(fields, wanted.limit, wanted.cursor.as_ref())?;
    let filter = AuditFilter {
        text: filled(wanted.q),
        actor: filled(wanted.actor),
        action: filled(wanted.action),
        outcome,
        since,
        until,
        before,
        limit,
    };
    let page = app.audit.search(&filter).await?;
    Ok(web::Json(AuditPage {
        items: page.rows.into_iter().map(record).collect(),
        next_cursor: cursor::next(page.next),
    }))
}

/// An empty field of a search form is no condition.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn outcome(text: &str) -> Result<Outcome, &'static str> {
    Outcome::parse(text).ok_or("must be intent, success, failure or denied")
}

fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("must be a time in RFC 3339, for example 2026-11-24T10:00:00Z")
}

fn record(row: AuditRow) -> AuditRecord {
    AuditRecord {
        id: row.entry,
        at: row.at.to_string(),
        actor_id: row.actor.id.map(|id| id.to_string()),
        actor: row.actor.name,
        action: row.action,
        target: row.target,
        outcome: row.outcome,
        detail: row.detail,
        address: row.address,
        request_id: row.request_id,
    }
}
