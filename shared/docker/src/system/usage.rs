//! The engine's own account of its disk, and the Docker CLI's formulas over it.
//!
//! Read here: bollard knows only its newest form, which begins with a version of the API after Dockline's newest.

use std::time::Duration;

use dockline_contract::rest::{BuildCachePrunePreview, DiskUsage, PrunableImage, UsageClass};
use serde::Deserialize;

use crate::{DockerEngine, Missing, Result};

/// How long an engine may take: it reads every volume.
const USAGE: Duration = Duration::from_secs(120);

/// What the engine tells; lists that were not asked for are absent or null.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Usage {
    /// All layers, each once.
    #[serde(default)]
    layers_size: i64,
    pub(crate) images: Option<Vec<ImageUse>>,
    containers: Option<Vec<ContainerUse>>,
    pub(crate) volumes: Option<Vec<VolumeUse>>,
    build_cache: Option<Vec<CacheUse>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageUse {
    id: String,
    repo_tags: Option<Vec<String>>,
    /// In seconds since the Unix epoch.
    pub(crate) created: i64,
    size: i64,
    /// −1 if it is not known.
    shared_size: i64,
    pub(crate) containers: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerUse {
    state: String,
    #[serde(default)]
    size_rw: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumeUse {
    name: String,
    usage_data: Option<VolumeData>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VolumeData {
    /// −1 if it is not known.
    size: i64,
    ref_count: i64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CacheUse {
    in_use: bool,
    shared: bool,
    size: i64,
}

impl DockerEngine {
    /// Asks for one kind only, where the engine can; before API 1.42 it tells all of them.
    pub(crate) async fn usage(&self, kind: Option<&str>, operation: &'static str) -> Result<Usage> {
        let query = kind.map(|kind| format!("?type={kind}")).unwrap_or_default();
        self.read_about(Missing::Volume, operation, USAGE, &format!("/system/df{query}")).await
    }
}

impl ImageUse {
    fn unique(&self) -> u64 {
        bytes(self.size - self.shared_size.max(0))
    }

    pub(crate) fn prunable(self) -> PrunableImage {
        let tags = self.repo_tags.iter().flatten().filter(|tag| !tag.contains("<none>")).cloned().collect();
        PrunableImage { tags, size_bytes: bytes(self.size), unique_bytes: self.unique(), id: self.id }
    }
}

impl VolumeUse {
    /// Its name and what is in it, if that is known.
    pub(crate) fn known_size(self) -> Option<(String, u64)> {
        let size = u64::try_from(self.usage_data?.size).ok()?;
        Some((self.name, size))
    }
}

impl Usage {
    /// The sums, by the formulas of `docker system df`.
    pub(crate) fn sums(&self) -> DiskUsage {
        let classes = [self.images(), self.containers(), self.volumes(), self.build_cache()];
        DiskUsage {
            images: classes[0],
            containers: classes[1],
            volumes: classes[2],
            build_cache: classes[3],
            total_bytes: classes.iter().map(|class| class.size_bytes).sum(),
            reclaimable_bytes: classes.iter().map(|class| class.reclaimable_bytes).sum(),
        }
    }

    pub(crate) fn unused_cache(&self) -> BuildCachePrunePreview {
        let unused = || self.build_cache.iter().flatten().filter(|one| !one.in_use);
        let own = unused().filter(|one| !one.shared);
        BuildCachePrunePreview {
            count: unused().count() as u64,
            total_bytes: own.map(|one| bytes(one.size)).sum(),
        }
    }

    fn images(&self) -> UsageClass {
        let images = self.images.as_deref().unwrap_or_default();
        let used = || images.iter().filter(|one| one.containers > 0);
        let size_bytes = bytes(self.layers_size);
        let kept: u64 = used().map(ImageUse::unique).sum();
        UsageClass {
            count: images.len() as u64,
            in_use: used().count() as u64,
            size_bytes,
            reclaimable_bytes: size_bytes.saturating_sub(kept),
        }
    }

    fn containers(&self) -> UsageClass {
        let containers = self.containers.as_deref().unwrap_or_default().iter();
        let runs = |one: &ContainerUse| matches!(one.state.as_str(), "running" | "paused" | "restarting");
        class(containers.map(|one| (runs(one), bytes(one.size_rw))))
    }

    fn volumes(&self) -> UsageClass {
        let volumes = self.volumes.as_deref().unwrap_or_default().iter();
        class(volumes.map(|one| {
            let data = one.usage_data.as_ref();
            (data.is_some_and(|data| data.ref_count > 0), bytes(data.map_or(0, |data| data.size)))
        }))
    }

    fn build_cache(&self) -> UsageClass {
        let records = self.build_cache.as_deref().unwrap_or_default().iter();
        // What a record shares is an image's, and counted there.
        class(records.map(|one| (one.in_use, if one.shared { 0 } else { bytes(one.size) })))
    }
}

fn class(items: impl Iterator<Item = (bool, u64)>) -> UsageClass {
    items.fold(UsageClass::default(), |sum, (in_use, size)| UsageClass {
        count: sum.count + 1,
        in_use: sum.in_use + u64::from(in_use),
        size_bytes: sum.size_bytes + size,
        reclaimable_bytes: sum.reclaimable_bytes + if in_use { 0 } else { size },
    })
}

/// Negative numbers stand for what is not known.
fn bytes(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_docker_cli() {
        let usage: Usage = serde_json::from_str(
            r#"{"LayersSize": 1000,
                "Images": [{"Id": "sha256:a", "Created": 1, "RepoTags": ["a:1"], "Size": 700, "SharedSize": 100, "Containers": 2},
                           {"Id": "sha256:b", "Created": 1, "RepoTags": ["<none>:<none>"], "Size": 400, "SharedSize": 100, "Containers": 0},
                           {"Id": "sha256:c", "Created": 1, "RepoTags": null, "Size": 50, "SharedSize": -1, "Containers": 0}],
                "Containers": [{"State": "running", "SizeRw": 5}, {"State": "exited", "SizeRw": 7}, {"State": "created"}],
                "Volumes": [{"Name": "v", "UsageData": {"Size": 30, "RefCount": 1}},
                            {"Name": "w", "UsageData": {"Size": 20, "RefCount": 0}},
                            {"Name": "x", "UsageData": {"Size": -1, "RefCount": -1}}, {"Name": "y"}],
                "BuildCache": [{"InUse": true, "Shared": false, "Size": 1}, {"InUse": false, "Shared": true, "Size": 2},
                               {"InUse": false, "Shared": false, "Size": 4}]}"#,
        )
        .expect("JSON");
        let class = |count, in_use, size_bytes, reclaimable_bytes| UsageClass {
            count,
            in_use,
            size_bytes,
            reclaimable_bytes,
        };
        let sums = usage.sums();
        assert_eq!(sums.images, class(3, 1, 1000, 400));
        assert_eq!(sums.containers, class(3, 1, 12, 7));
        assert_eq!(sums.volumes, class(4, 1, 50, 20));
        assert_eq!(sums.build_cache, class(3, 1, 5, 4));
        assert_eq!((sums.total_bytes, sums.reclaimable_bytes), (1067, 431));
        assert_eq!(usage.unused_cache(), BuildCachePrunePreview { count: 2, total_bytes: 4 });
        let images: Vec<_> = usage.images.expect("images").into_iter().map(ImageUse::prunable).collect();
        assert_eq!((images[1].tags.len(), images[1].size_bytes, images[1].unique_bytes), (0, 400, 300));
        assert_eq!(images[2].unique_bytes, 50);
        let sizes: Vec<_> =
            usage.volumes.expect("volumes").into_iter().filter_map(VolumeUse::known_size).collect();
        assert_eq!(sizes, [("v".to_owned(), 30), ("w".to_owned(), 20)]);
    }

    #[test]
    fn what_was_not_asked_for_is_nothing() {
        let usage: Usage = serde_json::from_str(r#"{"Images": null, "Volumes": []}"#).expect("JSON");
        assert_eq!(usage.sums().total_bytes, 0);
    }
}
