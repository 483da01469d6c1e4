//! A Compose file as the plugin understood it: `config --format json`.

use std::collections::BTreeSet;

use dockline_docker::is_own_label;
use dockline_domain::ImageReference;
use serde_json::{Map, Value};

use crate::{MOST_TOLD, file::Problem};

/// What the plugin made of a file: everything merged, every variable in its place. Deployments are made from this text and
/// not from the file: what was judged is what is done.
#[derive(Clone)]
pub struct Model {
    pub(crate) text: String,
    json: Map<String, Value>,
    /// What the plugin remarked.
    pub warnings: Vec<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The image.
    pub image: String,
    /// Published ports, for example `127.0.0.1:8080:80/tcp`.
    pub ports: Vec<String>,
    /// The services that it waits for.
    pub depends_on: Vec<String>,
    /// How many containers it has.
    pub replicas: u64,
}

static NOTHING: Value = Value::Null;

impl Model {
    pub(crate) fn parse(text: String, warnings: Vec<String>) -> Result<Self, String> {
        match serde_json::from_str(&text) {
            Ok(Value::Object(json)) => Ok(Self { text: escaped(&text), json, warnings }),
            _ => Err("the Compose plugin's answer cannot be read: update it".to_owned()),
        }
    }

    /// What stands under a key of the whole.
    pub(crate) fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.json.get(name).and_then(Value::as_object).into_iter().flatten()
    }

    /// The keys of the whole.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.json.keys()
    }

    /// One of a section by its name in the file.
    pub(crate) fn one(&self, section: &str, key: &str) -> &Value {
        self.section(section).find(|(name, _)| *name == key).map_or(&NOTHING, |(_, value)| value)
    }

    /// The services, by name.
    #[must_use]
    pub fn services(&self) -> Vec<Service> {
        self.section("services").map(|(name, service)| outline(name, service)).collect()
    }

    /// The networks by their names at the engine.
    #[must_use]
    pub fn networks(&self) -> Vec<String> {
        self.names("networks")
    }

    /// The volumes by their names at the engine.
    #[must_use]
    pub fn volumes(&self) -> Vec<String> {
        self.names("volumes")
    }

    /// The images that it names, each once.
    #[must_use]
    pub fn images(&self) -> Vec<ImageReference> {
        let named: BTreeSet<String> = self.services().into_iter().map(|service| service.image).collect();
        named.iter().filter_map(|name| name.parse().ok()).collect()
    }

    /// Variables without a value and without a default, as far as the plugin's words name them.
    #[must_use]
    pub fn unset_variables(&self) -> Vec<String> {
        let named = self.warnings.iter().filter_map(|warning| {
            let (_, behind) = warning.split_once("The \"")?;
            let (name, rest) = behind.split_once('"')?;
            rest.starts_with(" variable is not set").then(|| name.to_owned())
        });
        named.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn names(&self, section: &str) -> Vec<String> {
        self.section(section).map(|(key, value)| text(&value["name"]).unwrap_or(key).to_owned()).collect()
    }

    /// What must not be in there, though it was not seen in the text.
    pub(crate) fn problems(&self, folders: &[String]) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut say = |message: String| found.push(Problem { line: None, message });
        for section in ["configs", "secrets"] {
            for (key, one) in self.section(section) {
                if one.get("file").is_some() {
                    say(format!("{section}.{key}: `file` reads a file of Dockline's machine"));
                }
            }
        }
        for key in self.json.values().flat_map(doubled) {
            say(format!(
                "the key `{key:.100}` has a `$`, which the Compose plugin would double when it deploys"
            ));
        }
        if self.json.contains_key("models") {
            say("`models`: models of the machine that Dockline runs on are not used".to_owned());
        }
        for (name, service) in self.section("services") {
            for key in ["build", "provider", "models", "env_file", "label_file"] {
                if service.get(key).is_some() {
                    say(format!("service {name}: `{key}` uses Dockline's machine"));
                }
            }
            for label in service["labels"].as_object().into_iter().flatten().map(|(label, _)| label) {
                if is_own_label(label) {
                    say(format!(
                        "service {name}: {label:.100} is one of Dockline's own labels: leave it out"
                    ));
                }
            }
            if service["use_api_socket"].as_bool() == Some(true) {
                say(format!("service {name}: `use_api_socket` hands out the engine's socket"));
            }
            for mount in items(&service["volumes"]) {
                let source = text(&mount["source"]).unwrap_or_default();
                let is_beside = folders.iter().any(|folder| source.starts_with(folder.as_str()));
                if text(&mount["type"]) == Some("bind") && is_beside {
                    say(format!(
                        "service {name}: a mount names a path beside the Compose file, which is nowhere"
                    ));
                }
            }
        }
        found.truncate(MOST_TOLD);
        found
    }
}

/// The keys in which the plugin wrote `$$` for `$`. It takes that back in values only.
fn doubled(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(doubled).collect(),
        Value::Object(entries) => {
            let below = entries.values().flat_map(doubled);
            entries.keys().map(String::as_str).filter(|key| key.contains("$$")).chain(below).collect()
        }
        _ => Vec::new(),
    }
}

/// JSON without the characters that YAML takes for the end of a line or for unprintable: the plugin reads it as YAML.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            // In JSON they can only stand in a text.
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => text.push(letter),
        }
    }
    text
}

fn outline(name: &str, service: &Value) -> Service {
    let ports = items(&service["ports"]).map(|port| {
        let target = scalar(&port["target"]);
        let published = scalar(&port["published"]);
        let address = text(&port["host_ip"]).unwrap_or_default();
        let parts = [address, &published, &target].into_iter().filter(|part| !part.is_empty());
        let protocol = text(&port["protocol"]).unwrap_or("tcp");
        format!("{}/{protocol}", parts.collect::<Vec<_>>().join(":"))
    });
    let depends_on = service["depends_on"].as_object().into_iter().flatten().map(|(name, _)| name.clone());
    Service {
        name: name.to_owned(),
        image: text(&service["image"]).unwrap_or_default().to_owned(),
        ports: ports.collect(),
        depends_on: depends_on.collect(),
        replicas: service["scale"].as_u64().or_else(|| service["deploy"]["replicas"].as_u64()).unwrap_or(1),
    }
}

/// A text; nothing when it is empty.
pub(crate) fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// The items of a list.
pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A text or a number, as text.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// It holds the values of variables.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(json: &str) -> Model {
        Model::parse(json.to_owned(), Vec::new()).unwrap_or_else(|why| panic!("{why}"))
    }

    #[test]
    fn what_is_read_as_yaml_is_what_was_judged() {
        let written = "{\"services\":{\"a\":{\"image\":\"x\u{85}y\u{2028}z\u{feff}\u{7f}ü\"}}}";
        let model = model(written);
        assert!(model.text.contains(r"x\u0085y\u2028z\ufeff\u007fü"), "{}", model.text);
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(read(&model.text), read(written));
    }

    #[test]
    fn what_the_text_did_not_tell_is_refused_here() {
        for (service, words) in [
            (r#""labels":{"io.dockline.helper":"volume"}"#, "Dockline's own labels"),
            (r#""labels":{"a$$b":"c"}"#, "`a$$b` has a `$`"),
            (r#""volumes":[{"type":"volume","volume":{"labels":{"$$":"c"}}}]"#, "has a `$`"),
            (r#""env_file":["x"]"#, "`env_file`"),
        ] {
            let problems = model(&format!(r#"{{"services":{{"a":{{{service}}}}}}}"#)).problems(&[]);
            assert!(problems.len() == 1 && problems[0].message.contains(words), "{service}: {problems:?}");
        }
        let fine = r#"{"services":{"a":{"labels":{"io.dockline.record":"true","b":"$$c"}}}}"#;
        assert_eq!(model(fine).problems(&[]), []);
    }
}
