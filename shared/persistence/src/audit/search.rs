use dockline_domain::UserId;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, Query},
};

use super::{Actor, AuditLog, AuditRow, Outcome};
use crate::{Moment, Result, entity::audit_log, error::failed, text::storable};

/// The most lines of one page.
pub const MAX_PAGE: u64 = 500;

/// Which lines are wanted. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Part of the actor's name, the action or the target.
    pub text: Option<String>,
    /// The actor's whole name.
    pub actor: Option<String>,
    /// The whole action, or its beginning when it ends in a dot (`container.`).
    pub action: Option<String>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// Nothing older; inclusive.
    pub since: Option<Moment>,
    /// Nothing newer; inclusive.
    pub until: Option<Moment>,
    /// Only entries before this number.
    pub before: Option<i64>,
    /// How many lines; at most [`MAX_PAGE`].
    pub limit: u64,
}

/// Lines, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditPage {
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// To be sent as `before` for older lines; absent at the end.
    pub next: Option<i64>,
}

impl AuditLog {
    /// Searches. Each entry is one line: its latest row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, filter: &AuditFilter) -> Result<AuditPage> {
        use audit_log::Column;

        let limit = filter.limit.clamp(1, MAX_PAGE);
        let mut query = audit_log::Entity::find()
            .filter(latest_of_its_entry())
            .order_by_desc(Column::Entry)
            .limit(limit + 1);
        if let Some(text) = filter.text.clone().map(storable) {
            let pattern = format!("%{}%", escape_like(&text));
            query = query.filter(
                Condition::any()
                    .add(like(Column::Actor, &pattern))
                    .add(like(Column::Action, &pattern))
                    .add(like(Column::Target, &pattern)),
            );
        }
        if let Some(actor) = filter.actor.clone().map(storable) {
            query = query.filter(Column::Actor.eq(actor));
        }
        if let Some(action) = filter.action.clone().map(storable) {
            query = if action.ends_with('.') {
                query.filter(like(Column::Action, &format!("{}%", escape_like(&action))))
            } else {
                query.filter(Column::Action.eq(action))
            };
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(Column::Outcome.eq(outcome.as_str()));
        }
        if let Some(since) = filter.since {
            query = query.filter(Column::At.gte(since.0));
        }
        if let Some(until) = filter.until {
            query = query.filter(Column::At.lte(until.0));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Entry.lt(before));
        }
        let mut rows = query.all(self.0.read()).await.map_err(failed("search the audit log"))?;
        let more = u64::try_from(rows.len()).is_ok_and(|found| found > limit);
        if more {
            rows.pop();
        }
        let rows: Vec<_> = rows.into_iter().map(line).collect();
        let next = rows.last().filter(|_| more).map(|row| row.entry);
        Ok(AuditPage { rows, next })
    }
}

/// No later row has the same entry number.
fn latest_of_its_entry() -> Expr {
    use audit_log::Column;

    let later = sea_orm::sea_query::Alias::new("later");
    let mut subquery = Query::select();
    subquery
        .expr(Expr::val(1))
        .from_as(audit_log::Entity, later.clone())
        .and_where(Expr::col((later.clone(), Column::Entry)).equals((audit_log::Entity, Column::Entry)))
        .and_where(Expr::col((later, Column::Seq)).gt(Expr::col((audit_log::Entity, Column::Seq))));
    Expr::exists(subquery).not()
}

/// Lower case on both sides: databases differ in whether LIKE tells cases apart. ASCII's cases only,
/// which is what SQLite knows, and PostgreSQL in a column of bytewise text.
fn like(column: audit_log::Column, pattern: &str) -> Expr {
    let column = Expr::col((audit_log::Entity, column));
    Expr::expr(Func::lower(column)).like(LikeExpr::new(pattern.to_ascii_lowercase()).escape('\\'))
}

/// What people type is text, not a pattern.
pub(crate) fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn line(row: audit_log::Model) -> AuditRow {
    AuditRow {
        entry: row.entry,
        at: Moment(row.at),
        actor: Actor { id: row.actor_id.map(UserId), name: row.actor },
        action: row.action,
        target: row.target,
        outcome: row.outcome,
        detail: row.detail.and_then(|text| serde_json::from_str(&text).ok()),
        address: row.address,
        request_id: row.request_id,
    }
}
