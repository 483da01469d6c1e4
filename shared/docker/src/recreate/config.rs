//! Which of a container's settings are its own, and which it has from its image.
//!
//! An engine fills in from the image what was not said, and afterwards tells both alike. What is as the image has it is
//! therefore taken to be the image's, and left to the new one. Who once said the very thing that the image says as well
//! gets what the new image says: the two cannot be told apart.

use serde_json::{Map, Value, json};

/// Takes out of a container's settings what it has from its image.
pub(super) fn without_images(config: &mut Map<String, Value>, image: &Map<String, Value>) {
    command(config, image);
    for key in ["User", "WorkingDir", "StopSignal", "Shell"] {
        if same(config.get(key), image.get(key)) {
            config.remove(key);
        }
    }
    variables(config, image);
    for key in ["Labels", "ExposedPorts", "Volumes"] {
        entries(config.get_mut(key), image.get(key));
    }
    health_check(config, image);
    // What only images have.
    for key in ["OnBuild", "ArgsEscaped"] {
        config.remove(key);
    }
}

/// An engine takes an image's command only where no entry point is said, and its entry point only where none is.
fn command(config: &mut Map<String, Value>, image: &Map<String, Value>) {
    let same_entry = same(config.get("Entrypoint"), image.get("Entrypoint"));
    let same_command = same(config.get("Cmd"), image.get("Cmd"));
    match (same_entry, same_command) {
        (true, true) => {
            config.remove("Entrypoint");
            config.remove("Cmd");
        }
        // The image's command is kept away by saying its entry point.
        (true, false) if is_empty(config.get("Cmd")) => {}
        (true, false) => drop(config.remove("Entrypoint")),
        // An empty one of its own: this is how engines are told.
        (false, _) if is_empty(config.get("Entrypoint")) => {
            config.insert("Entrypoint".to_owned(), json!([""]));
        }
        (false, _) => {}
    }
}

fn variables(config: &mut Map<String, Value>, image: &Map<String, Value>) {
    let given = image.get("Env").and_then(Value::as_array);
    if let (Some(Value::Array(own)), Some(given)) = (config.get_mut("Env"), given) {
        own.retain(|variable| !given.contains(variable));
    }
}

/// Of a map, the entries that the image has as well.
fn entries(own: Option<&mut Value>, image: Option<&Value>) {
    if let (Some(Value::Object(own)), Some(Value::Object(image))) = (own, image) {
        own.retain(|key, value| image.get(key) != Some(value));
    }
}

/// An engine fills a check in field by field.
fn health_check(config: &mut Map<String, Value>, image: &Map<String, Value>) {
    entries(config.get_mut("Healthcheck"), image.get("Healthcheck"));
    if is_empty(config.get("Healthcheck")) {
        config.remove("Healthcheck");
    }
}

fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    a == b || is_empty(a) && is_empty(b)
}

/// Engines write nothing in several ways.
fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(config: Value, image: Value) -> Value {
        let (Value::Object(mut config), Value::Object(image)) = (config, image) else { panic!("objects") };
        without_images(&mut config, &image);
        Value::Object(config)
    }

    #[test]
    fn commands_are_told_so_that_engines_do_not_fill_in_the_wrong_one() {
        let image = json!({ "Entrypoint": ["run"], "Cmd": ["serve"] });
        let of =
            |entry: Value, command: Value| own(json!({ "Entrypoint": entry, "Cmd": command }), image.clone());
        assert_eq!(of(json!(["run"]), json!(["serve"])), json!({}));
        assert_eq!(of(json!(["run"]), json!(["check"])), json!({ "Cmd": ["check"] }));
        assert_eq!(of(json!(["run"]), Value::Null), json!({ "Entrypoint": ["run"], "Cmd": null }));
        assert_eq!(of(json!(["sh"]), Value::Null), json!({ "Entrypoint": ["sh"], "Cmd": null }));
        assert_eq!(of(json!(["sh"]), json!(["serve"])), json!({ "Entrypoint": ["sh"], "Cmd": ["serve"] }));
        assert_eq!(of(Value::Null, json!(["check"])), json!({ "Entrypoint": [""], "Cmd": ["check"] }));
    }

    #[test]
    fn what_the_image_gave_is_left_to_the_image() {
        let image = json!({
            "User": "app", "WorkingDir": "/app", "StopSignal": "SIGINT", "Env": ["PATH=/bin", "VERSION=1"],
            "Labels": { "version": "1", "base": "yes" }, "ExposedPorts": { "80/tcp": {} }, "Volumes": { "/data": {} },
            "Healthcheck": { "Test": ["CMD", "true"], "Interval": 7 },
        });
        assert_eq!(
            own(image.clone(), image.clone()),
            json!({
                "Env": [], "Labels": {}, "ExposedPorts": {}, "Volumes": {},
            })
        );
        let mixed = json!({
            "User": "root", "WorkingDir": "/app", "StopSignal": "SIGTERM", "Env": ["VERSION=mine", "PATH=/bin", "OWN=x"],
            "Labels": { "version": "mine", "base": "yes", "own": "x" }, "ExposedPorts": { "80/tcp": {}, "81/tcp": {} },
            "Volumes": { "/data": {}, "/own": {} }, "Healthcheck": { "Test": ["CMD", "true"], "Interval": 7, "Timeout": 4 },
            "OnBuild": null, "Tty": true, "StopTimeout": 3,
        });
        assert_eq!(
            own(mixed, image.clone()),
            json!({
                "User": "root", "StopSignal": "SIGTERM", "Env": ["VERSION=mine", "OWN=x"],
                "Labels": { "version": "mine", "own": "x" }, "ExposedPorts": { "81/tcp": {} }, "Volumes": { "/own": {} },
                "Healthcheck": { "Timeout": 4 }, "Tty": true, "StopTimeout": 3,
            })
        );
        let switched_off = own(json!({ "Healthcheck": { "Test": ["NONE"] } }), image);
        assert_eq!(switched_off, json!({ "Healthcheck": { "Test": ["NONE"] } }));
    }
}
