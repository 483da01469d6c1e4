use dockline_contract::rest::{PruneSystem, SystemPruned};
use dockline_docker::{Host, Pruned, prune_system};
use dockline_domain::access::Grant;
use dockline_jobs::Progress;
use tokio::sync::watch;

/// Removes what is unused. It may be done again at any time: what is gone is not removed twice.
pub(crate) async fn prune(
    grant: &Grant,
    host: &Host,
    wanted: PruneSystem,
    progress: &watch::Sender<Progress>,
) -> Result<(), String> {
    progress.send_modify(|progress| progress.say("removing what is unused"));
    let Pruned { done, failed } =
        prune_system(&*host.engine, grant, wanted).await.map_err(|error| error.to_string())?;
    progress.send_modify(|progress| {
        tell(progress, &done);
        for (part, error) in &failed {
            progress.step(part, &format!("failed: {error}"), None);
        }
        progress.say(&format!("{} are free again", size(done.reclaimed_bytes)));
    });
    if failed.is_empty() {
        return Ok(());
    }
    let told: Vec<String> = failed.iter().map(|(part, error)| format!("{part}: {error}")).collect();
    Err(told.join("; "))
}

/// A step for each kind that succeeded.
fn tell(progress: &mut Progress, done: &SystemPruned) {
    let kinds = [
        ("containers", done.containers.as_ref().map(|one| (one.removed.len(), Some(one.reclaimed_bytes)))),
        ("networks", done.networks.as_ref().map(|one| (one.removed.len(), None))),
        ("volumes", done.volumes.as_ref().map(|one| (one.removed.len(), Some(one.reclaimed_bytes)))),
        ("images", done.images.as_ref().map(|one| (one.deleted.len(), Some(one.reclaimed_bytes)))),
        ("build_cache", done.build_cache.as_ref().map(|one| (one.removed.len(), Some(one.reclaimed_bytes)))),
    ];
    for (kind, removed) in kinds {
        let Some((count, bytes)) = removed else { continue };
        let bytes = bytes.map(|bytes| format!(", {}", size(bytes))).unwrap_or_default();
        progress.step(kind, &format!("removed {count}{bytes}"), None);
    }
}

/// Bytes, for people.
#[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
fn size(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < units.len() {
        value /= 1_000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", units[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_docker_cli() {
        let sizes = [0, 999, 1_000, 1_250_000, 3_000_000_000_000_000].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "1.2 MB", "3000.0 TB"]);
    }
}
