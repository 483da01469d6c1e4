//! What is in volumes. Engines show it only through a container that has the volume.
//!
//! So a helper is made for it: a container of an empty image, which has the volume at [`OpenVolume::top`] and is never
//! started. Nothing runs in it, and no registry is asked. It is gone with its image when the [`OpenVolume`] is closed or
//! dropped; what a process that was killed left behind goes by [`VolumeFiles::sweep_helpers`] when its time is over.
//! Helpers are in no list: [`HELPER_LABEL`] marks them.

mod fake;
mod real;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use dockline_domain::{ContainerId, ContainerPath, VolumeName, access::Grant};
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

pub(crate) use self::{
    fake::VolumeContents,
    real::{HelperEvents, is_helper},
};
use crate::{Content, Engine, Owner, Result};

/// Marks helpers and their images; its value is what they are for.
pub const HELPER_LABEL: &str = "io.dockline.helper";
/// Until when a helper may be in use, in seconds since 1970.
const UNTIL_LABEL: &str = "io.dockline.helper.until";
/// Whom it is for, if that is known under a name.
const FOR_LABEL: &str = "io.dockline.helper.for";
/// Where a helper has its volume.
const TOP: &str = "/volume";
/// How much the clocks of processes may differ.
const SKEW: Duration = Duration::from_mins(10);

/// For looking at files.
pub const BRIEF: Duration = Duration::from_mins(10);
/// For whole volumes.
pub const LONG: Duration = Duration::from_hours(6);

/// Volumes, opened for a while.
#[async_trait]
pub trait VolumeFiles: Send + Sync {
    /// Makes a container that has the volume, and does not start it. The volume must be there. Use [`OpenVolume::open`],
    /// which also removes it.
    async fn make_helper(&self, grant: &Grant, volume: &VolumeName, opening: &Opening)
    -> Result<ContainerId>;

    /// Removes a helper and its image. One that is gone is a success.
    async fn remove_helper(&self, grant: &Grant, id: &ContainerId) -> Result<()>;

    /// What a helper's volume holds, as a tar whose names begin with `./`.
    async fn read_volume(&self, id: &ContainerId) -> Result<Content>;

    /// Gives the folder that a helper's volume is an owner and a mode. Engines do not take these from an archive that is
    /// unpacked into it.
    async fn set_top(&self, grant: &Grant, id: &ContainerId, owner: Owner) -> Result<()>;

    /// Removes the helpers whose time is over; returns how many those were. They are Dockline's own and nobody's any more,
    /// hence without a grant.
    async fn sweep_helpers(&self) -> Result<u64>;
}

/// What a volume is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Whether its files may be changed.
    pub write: bool,
    /// For how long it may be open at most.
    pub time: Duration,
    /// For whom, where somebody may come again: what was opened under the same name before is closed first.
    pub owner: Option<String>,
}

impl Opening {
    /// Of a helper that is made now.
    fn labels(&self) -> BTreeMap<String, String> {
        let until = seconds() + self.time.as_secs();
        let owner = self.owner.iter().map(|owner| (FOR_LABEL.to_owned(), owner.clone()));
        let always = [(HELPER_LABEL, "volume".to_owned()), (UNTIL_LABEL, until.to_string())];
        always.map(|(key, value)| (key.to_owned(), value)).into_iter().chain(owner).collect()
    }
}

/// Whether a helper's time is over. One that does not say it was not made here.
fn is_over(until: Option<&String>) -> bool {
    until.and_then(|text| text.parse::<u64>().ok()).is_some_and(|until| until + SKEW.as_secs() < seconds())
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Volumes that are being closed behind whoever has dropped them.
static CLOSING: LazyLock<TaskTracker> = LazyLock::new(TaskTracker::new);

/// Waits until every volume that was dropped is closed. For the end of a process: what is not closed then blocks its volume
/// until the sweep.
pub async fn volumes_closed() {
    CLOSING.close();
    CLOSING.wait().await;
    CLOSING.reopen();
}

/// A volume whose files can be reached, as those of the container [`OpenVolume::container`].
pub struct OpenVolume {
    engine: Arc<dyn Engine>,
    grant: Grant,
    id: ContainerId,
    until: Instant,
    closed: bool,
}

impl OpenVolume {
    /// Opens a volume.
    ///
    /// # Errors
    /// [`Missing::Volume`](crate::Missing) when there is none, and as the engine fails.
    pub async fn open(
        engine: &Arc<dyn Engine>,
        grant: &Grant,
        volume: &VolumeName,
        opening: &Opening,
    ) -> Result<Self> {
        let until = Instant::now() + opening.time;
        let id = engine.make_helper(grant, volume, opening).await?;
        Ok(Self { engine: Arc::clone(engine), grant: grant.clone(), id, until, closed: false })
    }

    /// The container that has it.
    #[must_use]
    pub const fn container(&self) -> &ContainerId {
        &self.id
    }

    /// Where the container has it.
    #[must_use]
    pub fn top() -> ContainerPath {
        ContainerPath::root().join(TOP).unwrap_or_else(|_| ContainerPath::root())
    }

    /// What is at a path of the volume, as a path of the container.
    ///
    /// # Errors
    /// When both together are too long.
    pub fn inside(path: &ContainerPath) -> Result<ContainerPath, dockline_domain::ids::InvalidId> {
        Self::top().join(path.as_str())
    }

    /// What is at a path of the container, as a path of the volume; `None` when it is not in the volume.
    #[must_use]
    pub fn outside(path: &ContainerPath) -> Option<ContainerPath> {
        if !path.is_within(&Self::top()) {
            return None;
        }
        let below = path.as_str().strip_prefix(TOP)?;
        if below.is_empty() { Some(ContainerPath::root()) } else { below.parse().ok() }
    }

    /// The whole volume as a tar, whose names begin with `./`. It stays open until the tar was read or dropped.
    ///
    /// # Errors
    /// As the engine fails.
    pub async fn into_archive(self) -> Result<Content> {
        let content = self.engine.read_volume(&self.id).await?;
        Ok(self.while_read(content))
    }

    /// Keeps the volume open until something of it was read or dropped, and its time is over at the latest.
    #[must_use]
    pub fn while_read(self, content: Content) -> Content {
        let until = self.until;
        let watched = stream::unfold((Some(content), Some(self)), move |(content, open)| async move {
            let mut content = content?;
            match timeout_at(until, content.next()).await {
                Ok(Some(Ok(bytes))) => Some((Ok(bytes), (Some(content), open))),
                Ok(Some(Err(error))) => Some((Err(error), (None, open))),
                Ok(None) => {
                    drop(content);
                    if let Some(open) = open {
                        open.close().await;
                    }
                    None
                }
                Err(_) => Some((Err(io::ErrorKind::TimedOut.into()), (None, open))),
            }
        });
        watched.boxed()
    }

    /// Closes it, and waits for that. An engine that does not answer has it swept later.
    pub async fn close(mut self) {
        self.closed = true;
        remove(&*self.engine, &self.grant, &self.id).await;
    }
}

impl Drop for OpenVolume {
    fn drop(&mut self) {
        if self.closed {
            return;
        }
        // Where nothing runs any more, the next sweep finds it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (engine, grant, id) = (Arc::clone(&self.engine), self.grant.clone(), self.id.clone());
            CLOSING.spawn_on(async move { remove(&*engine, &grant, &id).await }, &runtime);
        }
    }
}

async fn remove(engine: &dyn Engine, grant: &Grant, id: &ContainerId) {
    if let Err(error) = engine.remove_helper(grant, id).await {
        tracing::warn!(%error, container = id.short(), "a volume's helper is still there; it is swept later");
    }
}

impl std::fmt::Debug for OpenVolume {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenVolume").field("container", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_in_and_come_out() {
        let path = |text: &str| text.parse::<ContainerPath>().expect("a path");
        for (volume, container) in [("/", "/volume"), ("/a/b", "/volume/a/b")] {
            assert_eq!(OpenVolume::inside(&path(volume)), Ok(path(container)));
            assert_eq!(OpenVolume::outside(&path(container)), Some(path(volume)));
        }
        assert_eq!(OpenVolume::outside(&path("/etc")), None);
        assert_eq!(OpenVolume::outside(&path("/volumes")), None);
    }

    #[test]
    fn a_helper_is_over_when_its_time_and_the_clocks_difference_have_passed() {
        let opening = Opening { write: false, time: Duration::ZERO, owner: Some("job".to_owned()) };
        let labels = opening.labels();
        assert_eq!(labels.get(FOR_LABEL).map(String::as_str), Some("job"));
        assert!(!is_over(labels.get(UNTIL_LABEL)));
        assert!(is_over(Some(&(seconds() - SKEW.as_secs() - 1).to_string())));
        assert!(!is_over(None));
        assert!(!is_over(Some(&"soon".to_owned())));
    }
}
