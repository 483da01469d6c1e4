use dockline_domain::{HostId, JobId};
use dockline_jobs::{Job, JobKind, JobState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Jobs, row::job};
use crate::{
    MAX_PAGE, Result,
    entity::job::{Column, Entity},
    error::failed,
};

/// Which jobs are wanted. Everything given must hold.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// In one of these states; in any if none is named.
    pub states: Vec<JobState>,
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// At this host.
    pub host: Option<HostId>,
    /// Only jobs older than this one.
    pub before: Option<JobId>,
    /// How many; at most [`MAX_PAGE`].
    pub limit: u64,
}

/// Jobs, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// To be sent as `before` for older ones; absent at the end.
    pub next: Option<JobId>,
}

impl Jobs {
    /// Searches.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn search(&self, filter: &JobFilter) -> Result<JobPage> {
        let limit = filter.limit.clamp(1, MAX_PAGE);
        let mut query = Entity::find().order_by_desc(Column::Id).limit(limit + 1);
        if !filter.states.is_empty() {
            query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(Column::Kind.eq(kind.as_str()));
        }
        if let Some(host) = &filter.host {
            query = query.filter(Column::Host.eq(host.as_str()));
        }
        if let Some(before) = filter.before {
            query = query.filter(Column::Id.lt(before.0));
        }
        let mut rows = query.all(self.0.read()).await.map_err(failed("search the jobs"))?;
        let more = u64::try_from(rows.len()).is_ok_and(|found| found > limit);
        if more {
            rows.pop();
        }
        let jobs: Vec<Job> = rows.into_iter().map(job).collect::<Result<_>>()?;
        let next = jobs.last().filter(|_| more).map(|job| job.id);
        Ok(JobPage { jobs, next })
    }

    /// The jobs about one thing of a host that wait or are worked on, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn live_about(&self, host: &HostId, subject: &str) -> Result<Vec<Job>> {
        let live = [JobState::Queued, JobState::Running].map(JobState::as_str);
        let query = Entity::find()
            .filter(Column::State.is_in(live))
            .filter(Column::Host.eq(host.as_str()))
            .filter(Column::Subject.eq(subject))
            .order_by_asc(Column::Id);
        let rows = query.all(self.0.read()).await.map_err(failed("search the jobs"))?;
        rows.into_iter().map(job).collect()
    }
}
