//! The dashboard and the alerts speak of what real processes tell at `/metrics`, and leave out nothing of it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use dockline_testkit::{ContainerSpec, DocklineProcess, eventually};
use serde_json::Value;

use crate::{client::PATIENCE, kafka::Stage};

/// Labels that Prometheus itself puts on whatever it reads.
const OF_THE_SCRAPE: [&str; 4] = ["component", "instance", "job", "namespace"];

/// Labels of each series, by its name.
type Series = BTreeMap<String, BTreeSet<String>>;

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_and_the_alerts_name_what_is_there_and_all_of_it() -> Result<()> {
    let mut named = Series::new();
    let (dashboard, alerts) = sources().await?;
    for text in expressions(&dashboard) {
        take_named(&text, &mut named);
    }
    ensure!(named.len() > 20, "the dashboard names only {named:?}");
    for line in alerts.lines().filter(|line| !line.trim_start().starts_with('#')) {
        take_named(line, &mut named);
    }

    let stage = Stage::new(1).await?;
    // Some series are only there when what they count has happened.
    let container = stage.engine.run_container(&ContainerSpec::script("echo a line"))?;
    stage.admin.logs(container.id(), "follow=false").await?.read_to_end().await?;
    eventually(PATIENCE, async || {
        let there = scrape(&stage).await?;
        for (name, labels) in &named {
            let has = there.get(name).with_context(|| format!("no process tells {name}"))?;
            let known = |label: &String| has.contains(label) || OF_THE_SCRAPE.contains(&label.as_str());
            ensure!(labels.iter().all(known), "{name} has the labels {has:?}, not {labels:?}");
        }
        Ok(())
    })
    .await?;
    for name in scrape(&stage).await?.keys().filter(|name| name.starts_with("dockline_")) {
        let of_histogram = ["_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        let shown = named.contains_key(name)
            || of_histogram.is_some_and(|base| named.contains_key(&format!("{base}_bucket")));
        ensure!(shown, "neither the dashboard nor an alert has {name}");
    }
    stage.cluster.stop().await
}

async fn sources() -> Result<(Value, String)> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let dashboard = tokio::fs::read(format!("{root}/deploy/observability/dashboard.json")).await?;
    let alerts = tokio::fs::read_to_string(format!("{root}/helm/dockline/files/alerts.yml")).await?;
    Ok((serde_json::from_slice(&dashboard)?, alerts))
}

/// Every expression of a dashboard's panels and variables.
fn expressions(part: &Value) -> Vec<String> {
    match part {
        Value::Array(parts) => parts.iter().flat_map(expressions).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| match value {
                Value::String(text) if key == "expr" || key == "query" => vec![text.clone()],
                _ => expressions(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Takes the names of metrics from a text, with the labels that a selector right behind asks for. Good for this project's
/// expressions: no value of a label has a comma or a brace.
fn take_named(text: &str, named: &mut Series) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    while let Some(begin) = rest.find(is_part) {
        rest = &rest[begin..];
        let (name, behind) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        rest = behind;
        if !name.starts_with("dockline_") && !name.starts_with("process_") {
            continue;
        }
        let labels = named.entry(name.to_owned()).or_default();
        let selector = behind.strip_prefix('{').and_then(|inside| inside.split_once('}'));
        let matchers = selector.iter().flat_map(|(inside, _)| inside.split(','));
        labels.extend(matchers.filter_map(|one| Some(one.split_once(['=', '!'])?.0.trim().to_owned())));
    }
}

/// What all processes together tell.
async fn scrape(stage: &Stage) -> Result<Series> {
    let cluster = &stage.cluster;
    let mut there = Series::new();
    let processes = cluster.replicas.iter().chain(&cluster.streamers).chain(&cluster.consumers);
    for text in futures::future::try_join_all(processes.map(metrics)).await? {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            take_told(line, &mut there);
        }
    }
    Ok(there)
}

async fn metrics(process: &DocklineProcess) -> Result<String> {
    Ok(reqwest::get(process.url("/metrics")).await?.error_for_status()?.text().await?)
}

/// Takes a line of Prometheus' text format.
fn take_told(line: &str, there: &mut Series) {
    let name = line.split(['{', ' ']).next().unwrap_or_default();
    let labels = there.entry(name.to_owned()).or_default();
    let inside = line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    let pairs = inside.iter().flat_map(|(inside, _)| inside.split("\","));
    labels.extend(pairs.filter_map(|pair| Some(pair.split_once('=')?.0.to_owned())));
}
