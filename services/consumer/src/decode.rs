//! What a message is.

use dockline_contract::kafka::{DockerEvent, Payload, StatsSample, StatsSamples};
use dockline_domain::{HostId, event::EngineEvent};
use dockline_eventlog::{CloudEvent, Message, Topic};
use dockline_persistence::Sample;

/// What a message holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// An event and its identity.
    Event(String, EngineEvent),
    /// Samples of a host.
    Samples(HostId, Vec<Sample>),
}

/// Reads a message.
///
/// # Errors
/// Why it cannot be used, for people.
pub(crate) fn decode(message: &Message) -> Result<Content, String> {
    let event = message.event().map_err(|error| error.to_string())?;
    match message.place.topic {
        Topic::Events => {
            let payload: DockerEvent = data(&event)?;
            if payload.id != event.id {
                return Err("its header `ce_id` and its field `id` differ".to_owned());
            }
            payload.into_event().map(|read| Content::Event(event.id, read)).map_err(|error| error.to_string())
        }
        Topic::Stats => {
            let payload: StatsSamples = data(&event)?;
            let host =
                payload.host.parse().map_err(|error| format!("its field `host` cannot be used: {error}"))?;
            let samples = payload.samples.into_iter().map(sample).collect::<Result<_, _>>()?;
            Ok(Content::Samples(host, samples))
        }
        Topic::Audit | Topic::DeadLetter => Err("nobody reads this topic here".to_owned()),
    }
}

fn data<P: Payload>(event: &CloudEvent) -> Result<P, String> {
    P::check_type(&event.kind)?;
    serde_json::from_slice(&event.data).map_err(|error| format!("its data cannot be read: {error}"))
}

fn sample(sample: StatsSample) -> Result<Sample, String> {
    let container =
        sample.container.parse().map_err(|error| format!("its field `container` cannot be used: {error}"))?;
    Ok(Sample {
        container,
        at_ms: sample.at_ms,
        cpu: sample.cpu,
        memory: sample.memory,
        memory_limit: sample.memory_limit,
        rx_rate: sample.rx_rate,
        tx_rate: sample.tx_rate,
        read_rate: sample.read_rate,
        write_rate: sample.write_rate,
        pids: sample.pids,
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use dockline_domain::Timestamp;
    use dockline_eventlog::Place;

    use super::*;

    fn message(topic: Topic, kind: &str, id: &str, data: &[u8]) -> Message {
        let event = CloudEvent {
            id: id.to_owned(),
            kind: kind.to_owned(),
            source: "/hosts/edge".to_owned(),
            subject: None,
            time: String::new(),
            schema: String::new(),
            key: "edge".to_owned(),
            trace_parent: None,
            data: Bytes::copy_from_slice(data),
        };
        let headers =
            event.headers().map(|(key, value)| (key.to_owned(), Bytes::from(value.to_owned()))).collect();
        let place = Place { topic, partition: 0, offset: 0 };
        Message { place, key: None, headers, body: Some(event.data) }
    }

    #[test]
    fn messages_are_read_and_what_is_none_of_ours_is_told_with_the_reason() {
        let engine_event = EngineEvent {
            host: "edge".parse().expect("valid"),
            at: Timestamp(1_795_514_400_000_000_001),
            kind: "container".to_owned(),
            action: "start".to_owned(),
            actor_id: "abc".to_owned(),
            attributes: std::collections::BTreeMap::default(),
        };
        let payload = DockerEvent::of(&engine_event);
        let data = serde_json::to_vec(&payload).expect("JSON");
        let kind = payload.type_name();
        let id = engine_event.id();
        let read = decode(&message(Topic::Events, &kind, &id, &data));
        assert_eq!(read, Ok(Content::Event(id.clone(), engine_event)));

        let later = kind.replace(".v1", ".v2");
        for (message, said) in [
            (message(Topic::Events, &later, &id, &data), "version 2"),
            (message(Topic::Events, "com.example.order.v1", &id, &data), "not known"),
            (message(Topic::Events, &kind, "another", &data), "ce_id"),
            (message(Topic::Events, &kind, &id, b"{\"id\":"), "cannot be read"),
            (message(Topic::Events, &kind, &id, &[0xff, 0]), "cannot be read"),
            (
                message(Topic::Stats, StatsSamples::TYPE, "1", b"{\"host\":\"No Host\",\"samples\":[]}"),
                "host",
            ),
            (
                message(
                    Topic::Stats,
                    StatsSamples::TYPE,
                    "1",
                    b"{\"host\":\"a\",\"samples\":[{\"container\":\"x\",\"at_ms\":1}]}",
                ),
                "container",
            ),
            (Message { headers: Vec::new(), ..message(Topic::Events, &kind, &id, &data) }, "no CloudEvent"),
        ] {
            let reason = decode(&message).expect_err(said);
            assert!(reason.contains(said), "{reason}");
        }
    }
}
