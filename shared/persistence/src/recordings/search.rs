use dockline_domain::{ContainerRef, ExecId, HostId};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Select, SelectModel, Selector, sea_query::Expr,
};

use super::{OVER, Recording, Recordings, at, recorded};
use crate::{
    MAX_PAGE, Result,
    entity::recording::{Column, Entity, Model},
    error::failed,
    text::storable,
};

/// Which recordings are wanted. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct RecordingFilter {
    /// Of whom: the name that they had then.
    pub username: Option<String>,
    /// Of which container.
    pub container: Option<OfContainer>,
    /// At this host.
    pub host: Option<HostId>,
    /// Only recordings older than this one.
    pub before: Option<ExecId>,
    /// How many; at most [`MAX_PAGE`].
    pub limit: u64,
}

/// How a container is named in a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfContainer {
    /// By its ID or the begin of it, or, since some names look like one, by its name.
    Reference(ContainerRef),
    /// By the name that it had then.
    Name(String),
}

/// Recordings, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingPage {
    /// The recordings.
    pub recordings: Vec<Recording>,
    /// To be sent as `before` for older ones; absent at the end.
    pub next: Option<ExecId>,
}

impl Recordings {
    /// One recording.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, id: ExecId) -> Result<Option<Recording>> {
        let found = self
            .rows(Entity::find_by_id(id.0))
            .one(self.0.read())
            .await
            .map_err(failed("read a recording"))?;
        found.map(|row| recorded(row.model, row.is_over)).transpose()
    }

    /// Searches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, filter: &RecordingFilter) -> Result<RecordingPage> {
        let limit = filter.limit.clamp(1, MAX_PAGE);
        let mut query = Entity::find().order_by_desc(Column::Id).limit(limit + 1);
        if let Some(name) = &filter.username {
            query = query.filter(Column::Username.eq(storable(name.clone())));
        }
        if let Some(host) = &filter.host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        if let Some(container) = &filter.container {
            query = query.filter(of_container(container));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before.0));
        }
        let mut rows = self.rows(query).all(self.0.read()).await.map_err(failed("search the recordings"))?;
        let more = u64::try_from(rows.len()).is_ok_and(|found| found > limit);
        if more {
            rows.pop();
        }
        let recordings: Vec<Recording> =
            rows.into_iter().map(|row| recorded(row.model, row.is_over)).collect::<Result<_>>()?;
        let next = recordings.last().filter(|_| more).map(|recording| recording.id);
        Ok(RecordingPage { recordings, next })
    }

    /// Rows, each with what the database's clock says of its writer.
    fn rows(&self, query: Select<Entity>) -> Selector<SelectModel<Row>> {
        let backend = self.0.read().get_database_backend();
        query.expr_as(Expr::cust(at(backend, OVER)), IS_OVER).into_model()
    }
}

fn of_container(container: &OfContainer) -> Condition {
    match container {
        // A range, which an index could serve: IDs are compared byte by byte.
        OfContainer::Reference(reference) => Condition::any()
            .add(
                Condition::all()
                    .add(Column::Container.gte(reference.as_str()))
                    .add(Column::Container.lt(format!("{reference}g"))),
            )
            .add(Column::ContainerName.eq(reference.as_str())),
        OfContainer::Name(name) => Condition::all().add(Column::ContainerName.eq(storable(name.clone()))),
    }
}

const IS_OVER: &str = "is_over";

struct Row {
    model: Model,
    is_over: bool,
}

impl FromQueryResult for Row {
    fn from_query_result(row: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        Ok(Self { model: Model::from_query_result(row, prefix)?, is_over: row.try_get(prefix, IS_OVER)? })
    }
}
