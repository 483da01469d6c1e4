//! Where and when the figures were taken: they mean little without it.

use std::process::Command;

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::stage::Stage;

/// A few lines about the machine, the engine and the program.
pub(crate) fn description(stage: &Stage) -> String {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let now = now.format(&Rfc3339).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!(
        "{now}, revision {}. {cores} cores ({processor}), Linux {}, load at the start {}. Docker engine {}, {} s for each \
         measurement. Server, viewers, containers and engine share the machine.\n",
        revision().unwrap_or_else(|| "unknown".to_owned()),
        kernel.trim(),
        load.join(" "),
        stage.engine.version,
        stage.window.as_secs(),
    )
}

/// The first value of a field in a file of `key : value` lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let (_, value) =
        text.lines().find_map(|line| line.split_once(':').filter(|(key, _)| key.trim() == name))?;
    Some(value.trim().to_owned())
}

/// The commit that is checked out, marked where files differ from it.
fn revision() -> Option<String> {
    let folder = env!("CARGO_MANIFEST_DIR");
    let output = Command::new("git").args(["-C", folder, "describe", "--always", "--dirty"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| output.status.success() && !text.is_empty())
}
