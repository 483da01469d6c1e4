//! JSON Schemas of WebSocket messages, made from the same types that are sent.

use dockline_contract::ws::{EventFrame, LogFrame, StatsFrame};
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr, openapi::Schema};

/// A published schema.
pub(crate) struct Published {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) document: fn() -> Value,
}

/// Every published schema.
pub(crate) const PUBLISHED: [Published; 3] = [
    Published {
        name: "LogFrame",
        description: "What the server sends on /ws/containers/{id}/logs",
        document: || document::<LogFrame>("LogFrame"),
    },
    Published {
        name: "StatsFrame",
        description: "What the server sends on /ws/containers/{id}/stats",
        document: || document::<StatsFrame>("StatsFrame"),
    },
    Published {
        name: "EventFrame",
        description: "What the server sends on /ws/events",
        document: || document::<EventFrame>("EventFrame"),
    },
];

/// A schema with everything it refers to, complete in itself.
fn document<T: ToSchema + PartialSchema>(name: &str) -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut parts);
    let definitions: Map<String, Value> =
        parts.into_iter().map(|(name, schema)| (name, local_references(to_value(&schema)))).collect();
    let mut document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/api/v1/schemas/{name}.json"),
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
