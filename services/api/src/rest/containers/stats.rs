use actix_web::web;
use dockline_contract::rest::{ErrorBody, StatsHistory, StatsPoint};
use dockline_domain::{ContainerId, ContainerRef, HostId, Timestamp};
use dockline_persistence::{Moment, Sample, Step};
use serde::Deserialize;
use utoipa::IntoParams;

use super::resolve::resolve;
use crate::{
    ApiError, App,
    error::Candidate,
    extract::{Fields, Params, PathId, filled},
};

/// Which part of the history, and how finely.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadStats {
    /// Nothing older; RFC 3339. An hour before `until` by default.
    since: Option<String>,
    /// Nothing newer; RFC 3339. Now by default.
    until: Option<String>,
    /// `1s`, `10s` or `1m`. By default the shortest that is kept for as long and has 4,000 points at most.
    step: Option<String>,
    /// The host, where the ID alone does not say it.
    #[param(value_type = Option<String>)]
    host: Option<HostId>,
}

const DEFAULT_MS: i64 = 3_600_000;
/// More points than this are of no use to a chart.
const POINTS: i64 = 4_000;

/// A container's resource use as it was. The history is kept for a while beyond the container's life: for that its
/// whole ID is needed.
#[utoipa::path(get, path = "/api/v1/containers/{id}/stats", operation_id = "read_container_stats", tag = "containers",
    params(("id" = String, Path, description = "64 hexadecimal digits, or a unique prefix of at least 12"), ReadStats),
    responses((status = 200, description = "The history", body = StatsHistory),
              (status = 404, description = "There is no such container", body = ErrorBody),
              (status = 409, description = "Several hosts have this ID", body = ErrorBody),
              (status = 422, description = "A parameter is wrong", body = ErrorBody)))]
pub(crate) async fn stats(
    app: web::Data<App>,
    PathId(reference): PathId<ContainerRef>,
    Params(wanted): Params<ReadStats>,
) -> Result<web::Json<StatsHistory>, ApiError> {
    let (from, to, step) = parse(&wanted, Moment::now().0 / 1_000)?;
    // No engine is asked about a whole ID: it may be down, and the container gone.
    let (container, chosen) = match reference.as_str().parse::<ContainerId>() {
        Ok(container) => (container, wanted.host),
        Err(_) => {
            let target = resolve(&app, &reference, wanted.host.as_ref()).await?;
            (target.id, Some(target.host.id))
        }
    };
    let samples = app.database.stats().read(&container, chosen.as_ref(), step, from, to).await?;
    let host = match (&chosen, samples.first()) {
        (None, Some((host, _))) => Some(host.clone()),
        _ => chosen,
    };
    let others: std::collections::BTreeSet<HostId> = samples.iter().map(|(host, _)| host.clone()).collect();
    if others.len() > 1 {
        let candidate = |host| Candidate { host, id: container.clone() };
        return Err(ApiError::AmbiguousContainer(others.into_iter().map(candidate).collect()));
    }
    let whole = |seconds: i64| u32::try_from(seconds).unwrap_or(u32::MAX);
    Ok(web::Json(StatsHistory {
        container: container.to_string(),
        host: host.map(|host| host.to_string()),
        step: whole(step.seconds()),
        kept: whole(step.kept_seconds()),
        items: samples.iter().map(|(_, sample)| point(sample)).collect(),
    }))
}

fn parse(wanted: &ReadStats, now_ms: i64) -> Result<(i64, i64, Step), ApiError> {
    let mut fields = Fields::default();
    let until = fields.check_optional("until", filled(wanted.until.as_ref()).map(time));
    let since = fields.check_optional("since", filled(wanted.since.as_ref()).map(time));
    let chosen = fields.check_optional("step", filled(wanted.step.as_ref()).map(step));
    let to = until.unwrap_or(now_ms);
    let from = since.unwrap_or_else(|| to.saturating_sub(DEFAULT_MS));
    let order = if from <= to { Ok(()) } else { Err("must not be later than `until`") };
    fields.check("since", order);
    fields.finish()?;
    Ok((from, to, chosen.unwrap_or_else(|| usual_step(from, to, now_ms))))
}

fn usual_step(from: i64, to: i64, now_ms: i64) -> Step {
    let fits = |step: &Step| {
        let is_kept = now_ms.saturating_sub(from) <= step.kept_seconds() * 1_000;
        is_kept && to.saturating_sub(from) / (step.seconds() * 1_000) <= POINTS
    };
    Step::ALL.into_iter().find(fits).unwrap_or(Step::Minute)
}

fn time(text: &str) -> Result<i64, &'static str> {
    let time = Timestamp::parse(text.as_bytes());
    time.map(|at| at.0.div_euclid(1_000_000))
        .ok_or("must be a time in RFC 3339, for example 2026-11-24T10:00:00Z")
}

fn step(text: &str) -> Result<Step, &'static str> {
    match text {
        "1s" => Ok(Step::Second),
        "10s" => Ok(Step::TenSeconds),
        "1m" => Ok(Step::Minute),
        _ => Err("must be 1s, 10s or 1m"),
    }
}

fn point(sample: &Sample) -> StatsPoint {
    StatsPoint {
        at: Timestamp(sample.at_ms.saturating_mul(1_000_000)).to_string(),
        cpu_percent: sample.cpu,
        memory_used: sample.memory,
        memory_limit: sample.memory_limit,
        rx_rate: sample.rx_rate,
        tx_rate: sample.tx_rate,
        read_rate: sample.read_rate,
        write_rate: sample.write_rate,
        pids: sample.pids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_the_shortest_that_reaches_so_far_back() {
        let (now, minute, hour) = (1_795_514_400_000, 60_000, 3_600_000);
        assert_eq!(usual_step(now - 10 * minute, now, now), Step::Second);
        assert_eq!(usual_step(now - hour, now, now), Step::Second);
        assert_eq!(usual_step(now - 2 * hour, now, now), Step::TenSeconds);
        assert_eq!(usual_step(now - 2 * hour, now - 2 * hour + minute, now), Step::TenSeconds, "long ago");
        assert_eq!(usual_step(now - 13 * hour, now, now), Step::Minute, "too many points");
        assert_eq!(usual_step(now - 40 * 24 * hour, now, now), Step::Minute);
        assert_eq!(usual_step(i64::MIN, i64::MAX, now), Step::Minute);
    }
}
