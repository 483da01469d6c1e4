//! What is in volumes. Engines show it only through a container that has the volume.
//!
//! So a helper is made for it: a container of an empty image, which has the volume at [`OpenVolume::top`] and is never
//! started. Nothing runs in it, and no registry is asked. It is gone with its image when the [`OpenVolume`] is closed or
//! dropped; what a process that was killed left behind goes by [`VolumeFiles::sweep_helpers`] when its time is over.
//! Helpers are in no list: [`recognize`] tells them.

mod fake;
mod real;
mod recognize;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, LazyLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use dockline_domain::{ContainerId, ContainerPath, VolumeName, access::Grant, host_access::Namespace};
use futures::{StreamExt, stream};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};
use tokio_util::task::TaskTracker;

pub(crate) use self::{
    fake::VolumeContents,
    recognize::{HelperEvents, is_helper_container, is_helper_image, is_labelled},
};
use crate::{AddMount, Content, Engine, Error, Isolation, NewContainer, Owner, Result};

/// Marks helpers and their images; its value is what they are for.
pub const HELPER_LABEL: &str = "io.dockline.helper";
/// Until when a helper may be in use, in seconds since 1970.
const UNTIL_LABEL: &str = "io.dockline.helper.until";
/// Whom it is for, if that is known under a name.
const FOR_LABEL: &str = "io.dockline.helper.for";
/// What a helper would run. An engine wants a command, and the image has none.
const COMMAND: &str = "none";
/// Where a helper has its volume.
const TOP: &str = "/volume";
/// How much the clocks of processes may differ.
const SKEW: Duration = Duration::from_mins(10);

/// What an engine is asked for.
const OPEN: &str = "open the volume";

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
    /// A helper of this image for a volume.
    fn container(&self, image: String, volume: &VolumeName) -> NewContainer {
        NewContainer {
            image,
            command: Some(vec![COMMAND.to_owned()]),
            labels: self.labels(),
            mounts: vec![AddMount::Volume {
                name: Some(volume.clone()),
                target: OpenVolume::top(),
                read_only: !self.write,
            }],
            isolation: Isolation {
                namespaces: vec![(Namespace::Network, "none".to_owned())],
                ..Isolation::default()
            },
            ..NewContainer::default()
        }
    }

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

/// Volumes that are being opened, and those that are being closed behind whoever has dropped them.
static UNDER_WAY: LazyLock<TaskTracker> = LazyLock::new(TaskTracker::new);

/// Waits until every volume that was dropped is closed. For the end of a process: what is not closed then blocks its volume
/// until the sweep.
pub async fn volumes_closed() {
    UNDER_WAY.close();
    UNDER_WAY.wait().await;
    UNDER_WAY.reopen();
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
    /// Opens a volume. Dropped, it closes what the engine is making meanwhile.
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
        let (engine, grant) = (Arc::clone(engine), grant.clone());
        let (volume, opening) = (volume.clone(), opening.clone());
        let (sender, made) = oneshot::channel();
        UNDER_WAY.spawn(async move {
            let made = engine.make_helper(&grant, &volume, &opening).await;
            let open = made.map(|id| Self { engine, grant, id, until, closed: false });
            // Whoever asked for it may be gone by now.
            if let Err(Ok(unwanted)) = sender.send(open) {
                unwanted.close().await;
            }
        });
        let broken = |_| Error::Engine { operation: OPEN, message: "it was broken off".to_owned() };
        made.await.map_err(broken)?
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
            UNDER_WAY.spawn_on(async move { remove(&*engine, &grant, &id).await }, &runtime);
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
    use dockline_domain::{
        SessionId, UserId,
        access::{Permission, Principal, Role, authorize},
    };

    use super::*;
    use crate::{NewVolume, Volumes, fake::FakeEngine};

    fn grant() -> Grant {
        let principal = Principal {
            user: UserId::generate(),
            username: "ada".parse().expect("a name"),
            role: Role::Admin,
            session: SessionId::generate(),
        };
        authorize(&principal, Permission::VolumesManage).expect("an admin may")
    }

    #[tokio::test]
    async fn a_volume_that_nobody_waits_for_any_more_is_closed() {
        let fake = FakeEngine::new("local".parse().expect("a host"));
        let (grant, volume) = (grant(), "data".parse::<VolumeName>().expect("a name"));
        fake.create_volume(&grant, &NewVolume { name: Some(volume.clone()), ..NewVolume::default() })
            .await
            .expect("a volume");
        let engine: Arc<dyn Engine> = fake.clone();
        let opening = Opening { write: false, time: BRIEF, owner: None };
        let mut open = Box::pin(OpenVolume::open(&engine, &grant, &volume, &opening));
        assert!(futures::poll!(&mut open).is_pending());
        drop(open);
        volumes_closed().await;
        assert!(fake.calls().contains(&"make_helper data".to_owned()));
        assert_eq!(fake.helpers(), 0);
    }

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
