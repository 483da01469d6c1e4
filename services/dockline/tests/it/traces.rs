//! One request's trace, from the header of its caller to the process that writes its consequences down, in a real
//! receiver of OpenTelemetry data.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use dockline_eventlog::Topic;
use dockline_testkit::{
    ContainerSpec, DocklineCluster, KafkaCluster, OtlpReceiver, ReceivedSpan, engines, eventually,
};

use crate::{
    client::{Api, dockline, start},
    kafka::Stage,
};

/// Spans are sent every five seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

async fn restart(api: &Api, container: &str, flags: &str) -> Result<()> {
    let answer = reqwest::Client::new()
        .post(api.url(&format!("/api/v1/containers/{container}/restart")))
        .bearer_auth(&api.token)
        .header("traceparent", format!("00-{TRACE}-{CALLER}-{flags}"))
        .send()
        .await?;
    ensure!(answer.status() == 204, "{}", answer.status());
    Ok(())
}

/// The spans of the trace, once one of them is called so.
async fn until(receiver: &OtlpReceiver, last: &str) -> Result<Vec<ReceivedSpan>> {
    eventually(PATIENCE, async || {
        let spans: Vec<_> = receiver.spans()?.into_iter().filter(|span| span.trace == TRACE).collect();
        ensure!(spans.iter().any(|span| span.name == last), "{spans:?}");
        Ok(spans)
    })
    .await
}

fn named<'a>(spans: &'a [ReceivedSpan], name: &str) -> Result<&'a ReceivedSpan> {
    spans.iter().find(|span| span.name == name).with_context(|| format!("no {name} in {spans:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_trace_from_its_caller_over_redis_and_kafka_to_the_history() -> Result<()> {
    let receiver = OtlpReceiver::start().await?;
    let kafka = KafkaCluster::start(1).await?;
    let engine = engines().pop().context("an engine")?;
    let program = dockline()
        .env("DOCKLINE_KAFKA_BROKERS", kafka.addresses())
        .env("DOCKLINE_OTLP_ENDPOINT", receiver.url());
    let mut cluster = DocklineCluster::start(program, std::slice::from_ref(&engine.host), 1, 1).await?;
    cluster.add_consumer().await?;
    let admin = Api::set_up(&cluster.replicas[0]).await?;
    let stage = Stage { kafka, cluster, admin, engine };
    let container = stage
        .engine
        .run_container(&ContainerSpec::script("trap 'exit 0' TERM; while :; do usleep 100000; done"))?;
    restart(&stage.admin, container.id(), "01").await?;

    let spans = until(&receiver, "keep event").await?;
    let request = named(&spans, "POST /api/v1/containers/{id}/restart")?;
    ensure!((request.role.as_str(), request.kind.as_str()) == ("api", "SPAN_KIND_SERVER"), "{request:?}");
    ensure!(request.parent == CALLER, "{request:?}");
    ensure!(
        request.attributes.iter().any(|(key, value)| key == "http.response.status_code" && value == "204")
    );
    let note = named(&spans, "note cause")?;
    ensure!((&note.parent, note.role.as_str()) == (&request.id, "api"), "{note:?}");
    let relayed = named(&spans, "relay event")?;
    ensure!((&relayed.parent, relayed.role.as_str()) == (&note.id, "streamer"), "{relayed:?}");
    let kept = named(&spans, "keep event")?;
    ensure!(kept.role == "consumer" && kept.kind == "SPAN_KIND_CONSUMER", "{kept:?}");
    let from_streamer = |span: &&ReceivedSpan| span.role == "streamer" && span.id == kept.parent;
    ensure!(spans.iter().any(|span| from_streamer(&span)), "{kept:?} {spans:?}");

    // Whoever else reads the topic can go on with it.
    let messages = stage
        .read(Topic::Events, |messages| {
            messages.iter().any(|message| {
                message
                    .event()
                    .is_ok_and(|event| event.trace_parent.is_some_and(|parent| parent.contains(TRACE)))
            })
        })
        .await?;
    ensure!(!messages.is_empty());
    // Log records have their trace, and secrets are in neither.
    let text = receiver.text()?;
    ensure!(text.contains("Body: Str(answered)"), "no log records");
    ensure!(!text.contains(&stage.admin.token) && !text.contains(crate::client::PASSWORD));
    stage.cluster.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_caller_does_not_sample_is_not_sent_and_the_last_spans_are() -> Result<()> {
    let receiver = OtlpReceiver::start().await?;
    let engine = engines().pop().context("an engine")?;
    let (mut process, admin) = start(&engine.host, &[("DOCKLINE_OTLP_ENDPOINT", &receiver.url())]).await?;
    let container = engine
        .run_container(&ContainerSpec::script("trap 'exit 0' TERM; while :; do usleep 100000; done"))?;
    restart(&admin, container.id(), "00").await?;
    let (status, _) = admin.call("GET", "/api/v1/users", None).await?;
    ensure!(status == 200);
    // What was not sent yet is sent at the end.
    ensure!(process.terminate().await?.success(), "{}", process.stderr());
    let spans = receiver.spans()?;
    ensure!(spans.iter().any(|span| span.name == "GET /api/v1/users"), "{spans:?}");
    ensure!(spans.iter().all(|span| span.trace != TRACE), "{spans:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_delays_nothing_and_is_complained_about() -> Result<()> {
    let engine = engines().pop().context("an engine")?;
    let nobody = format!("http://127.0.0.1:{}", dockline_testkit::free_port());
    let (mut process, admin) = start(&engine.host, &[("DOCKLINE_OTLP_ENDPOINT", &nobody)]).await?;
    let (status, _) = admin.call("GET", "/api/v1/users", None).await?;
    ensure!(status == 200);
    ensure!(process.terminate().await?.success(), "{}", process.stderr());
    let said = process.stderr();
    ensure!(said.contains("Export"), "{said}");
    Ok(())
}
