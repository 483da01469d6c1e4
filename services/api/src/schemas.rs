//! JSON Schemas of WebSocket messages and of Kafka payloads, made from the same types that are sent.

use dockline_contract::{
    kafka::{AuditEntry, DockerEvent, Payload, StatsSamples},
    ws::{EventFrame, ExecFrame, ExecMessage, JobFrame, LogFrame, MergedLogFrame, StatsFrame},
};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr, openapi::Schema};

/// A published schema.
pub(crate) struct Published {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) document: fn() -> Value,
}

/// Every published schema.
pub(crate) const PUBLISHED: [Published; 10] = [
    Published {
        name: "LogFrame",
        description: "What the server sends on /ws/containers/{id}/logs",
        document: || document::<LogFrame>("LogFrame", None),
    },
    Published {
        name: "MergedLogFrame",
        description: "What the server sends on /ws/logs",
        document: || document::<MergedLogFrame>("MergedLogFrame", None),
    },
    Published {
        name: "StatsFrame",
        description: "What the server sends on /ws/containers/{id}/stats",
        document: || document::<StatsFrame>("StatsFrame", None),
    },
    Published {
        name: "EventFrame",
        description: "What the server sends on /ws/events",
        document: || document::<EventFrame>("EventFrame", None),
    },
    Published {
        name: "JobFrame",
        description: "What the server sends on /ws/jobs/{id}",
        document: || document::<JobFrame>("JobFrame", None),
    },
    Published {
        name: "ExecFrame",
        description: "What the server sends on /ws/containers/{id}/exec in text frames",
        document: || document::<ExecFrame>("ExecFrame", None),
    },
    Published {
        name: "ExecMessage",
        description: "What a client sends on /ws/containers/{id}/exec in text frames",
        document: || document::<ExecMessage>("ExecMessage", None),
    },
    Published {
        name: "DockerEvent",
        description: "The data of CloudEvents on the Kafka topic dockline.docker.events.v1",
        document: || document::<DockerEvent>("DockerEvent", Some(DockerEvent::SCHEMA)),
    },
    Published {
        name: "AuditEntry",
        description: "The data of CloudEvents on the Kafka topic dockline.audit.v1",
        document: || document::<AuditEntry>("AuditEntry", Some(AuditEntry::SCHEMA)),
    },
    Published {
        name: "StatsSamples",
        description: "The data of CloudEvents on the Kafka topic dockline.stats.v1",
        document: || document::<StatsSamples>("StatsSamples", Some(StatsSamples::SCHEMA)),
    },
];

/// Every published schema by its name, for export without a running server.
#[must_use]
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    PUBLISHED.iter().map(|schema| (schema.name, (schema.document)())).collect()
}

/// A schema with everything it refers to, complete in itself. Its identity is the one that messages name, if they do.
fn document<T: ToSchema + PartialSchema>(name: &str, id: Option<&str>) -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    let definitions: Map<String, Value> =
        parts.into_iter().map(|(name, schema)| (name, local_references(to_value(&schema)))).collect();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": id.map_or_else(|| format!("/api/v1/schemas/{name}.json"), str::to_owned),
        "title": name,
    });
    if let (Some(document), Value::Object(schema)) =
        (document.as_object_mut(), local_references(to_value(&T::schema())))
    {
        document.extend(schema);
        if !definitions.is_empty() {
            document.insert("$defs".to_owned(), Value::Object(definitions));
        }
    }
    document
}

fn to_value(schema: &RefOr<Schema>) -> Value {
    serde_json::to_value(schema).unwrap_or_default()
}

/// OpenAPI keeps types in `components`; here they are in the document itself.
fn local_references(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "$ref" => {
                    (key, Value::String(text.replace("#/components/schemas/", "#/$defs/")))
                }
                other => (key, local_references(other)),
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(local_references).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_is_inside_the_document() {
        for schema in &PUBLISHED {
            let document = (schema.document)();
            let text = document.to_string();
            assert!(!text.contains("#/components"), "{}", schema.name);
            for part in text.split("#/$defs/").skip(1) {
                let name = part.split('"').next().expect("a name");
                assert!(document["$defs"].get(name).is_some(), "{name} in {}", schema.name);
            }
        }
    }

    #[test]
    fn the_log_frame_is_described_with_its_chunks() {
        let document = (PUBLISHED[0].document)();
        assert!(document["$defs"]["Chunk"]["properties"]["d"].is_object(), "{document:#}");
        assert!(document["oneOf"].is_array(), "{document:#}");
    }
}
