use std::path::Path;

use super::Invalid;
use crate::command::Flags;

/// Every key; the environment's names are these in capitals behind `DOCKLINE_`.
const KEYS: [&str; 34] = [
    "listen",
    "data_dir",
    "public_url",
    "database_url",
    "redis_url",
    "redis_ca",
    "kafka_brokers",
    "kafka_tls",
    "kafka_ca",
    "kafka_user",
    "kafka_password",
    "secret_key",
    "docker_host",
    "hosts",
    "log",
    "log_format",
    "sockets_per_user",
    "viewers_per_container",
    "image_import_gib",
    "build_context_mib",
    "upload_disk_mib",
    "backup_dir",
    "compose",
    "log_idle_seconds",
    "drain_seconds",
    "trusted_proxies",
    "event_history_days",
    "stats_history",
    "record_terminals",
    "record_input",
    "recording_mib",
    "recordings_days",
    "otlp_endpoint",
    "trace_sample_ratio",
];

/// Where settings are looked up.
pub(super) struct Lookup {
    flags: Vec<(&'static str, String)>,
    file: Option<(String, toml::Table)>,
}

/// A setting as it was written, and where.
pub(super) struct Found {
    pub(super) value: String,
    pub(super) origin: String,
}

impl Found {
    /// What is wrong with it, in one line.
    pub(super) fn wrong(&self, problem: &str) -> Invalid {
        let shown: String = self.value.chars().take(80).collect();
        Invalid(format!("{} is `{}`: {problem}", self.origin, shown.escape_debug()))
    }
}

/// An environment variable; the empty text counts as unset, as in Compose files.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Lookup {
    pub(super) fn new(flags: &Flags) -> Result<Self, Invalid> {
        let given =
            [("listen", &flags.listen), ("data_dir", &flags.data_dir), ("public_url", &flags.public_url)];
        let flags_found = given.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))).collect();
        let path = flags.config.clone().or_else(|| variable("DOCKLINE_CONFIG").map(Into::into));
        let file = path.as_deref().map(read).transpose()?;
        Ok(Self { flags: flags_found, file })
    }

    /// Looks a setting up.
    pub(super) fn find(&self, key: &str) -> Result<Option<Found>, Invalid> {
        if let Some((_, value)) = self.flags.iter().find(|(name, _)| *name == key) {
            let origin = format!("--{}", key.replace('_', "-"));
            return Ok(Some(Found { value: value.clone(), origin }));
        }
        // Docker's own variable has no prefix.
        let name = match key {
            "docker_host" => "DOCKER_HOST".to_owned(),
            _ => format!("DOCKLINE_{}", key.to_uppercase()),
        };
        if let Some(value) = variable(&name) {
            return Ok(Some(Found { value, origin: name }));
        }
        let file_name = format!("{name}_FILE");
        if let Some(path) = variable(&file_name) {
            let value = std::fs::read_to_string(&path).map_err(|error| {
                Invalid(format!("{file_name} is `{path}`, which cannot be read: {error}"))
            })?;
            return Ok(Some(Found {
                value: value.trim().to_owned(),
                origin: format!("{file_name} ({path})"),
            }));
        }
        let Some((path, table)) = &self.file else { return Ok(None) };
        let origin = format!("{key} in {path}");
        match table.get(key) {
            None => Ok(None),
            Some(toml::Value::String(value)) => Ok(Some(Found { value: value.clone(), origin })),
            Some(toml::Value::Integer(value)) => Ok(Some(Found { value: value.to_string(), origin })),
            Some(toml::Value::Float(value)) => Ok(Some(Found { value: value.to_string(), origin })),
            Some(toml::Value::Boolean(value)) => Ok(Some(Found { value: value.to_string(), origin })),
            Some(_) => Err(Invalid(format!("{origin} must be a text or a number"))),
        }
    }
}

fn read(path: &Path) -> Result<(String, toml::Table), Invalid> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Invalid(format!("the configuration file {shown} cannot be read: {error}")))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(&text, span.start));
        Invalid(format!("{shown}, line {line}: {}", error.message().replace('\n', " ")))
    })?;
    if let Some(unknown) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let line = text
            .lines()
            .position(|line| line.trim_start().starts_with(unknown.as_str()))
            .map_or(1, |n| n + 1);
        return Err(Invalid(format!(
            "{shown}, line {line}: there is no setting `{unknown}`; there are: {}",
            KEYS.join(", ")
        )));
    }
    Ok((shown, table))
}

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}
