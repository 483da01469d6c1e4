//! A container is made anew of a newer image, or of another one, with all its settings. When anything fails, the old one
//! is as it was.
//!
//! The old one is removed at the end and not kept. A stopped container with a restart policy comes up again with its
//! engine, and would then fight with its successor for ports and volumes; and what it had is in volumes, which stay. The
//! old image is not removed: to go back, the container is recreated once more, of that image by its ID.

mod site;
mod swap;

use dockline_docker::{Blueprint, Error, FoundSuccessor, Host, Platform, Successor, host_access, objections};
use dockline_domain::{
    ContainerId, JobId, WantedImage,
    access::{Grant, Permission},
};
use dockline_jobs::{Job, JobKind, JobState, Progress};
use tokio::sync::watch;

use self::{
    site::HostSite,
    swap::{Ended, Names, Pace, Swap, Way, patiently, take_up, unknown},
};
use super::{Stopped, transfer};
use crate::Shared;

/// What is wanted.
pub(super) struct Wish<'a> {
    pub(super) container: &'a ContainerId,
    /// Of this image; of the one by whose name it was made without.
    pub(super) image: Option<&'a WantedImage>,
    /// Whether the registry is asked first.
    pub(super) pull: bool,
}

impl Shared {
    pub(super) async fn recreate(
        &self,
        job: &Job,
        grant: &Grant,
        host: &Host,
        wish: Wish<'_>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        let old = wish.container;
        if let Some(found) = self.left_behind(job, host, old, progress).await? {
            progress.send_modify(|progress| progress.say("taking up what a worker began"));
            let site = HostSite { host, grant, order: None };
            if let Some(ended) = take_up(&site, job.id, old, &found, progress, Pace::default())
                .await
                .map_err(Stopped::Failed)?
            {
                return self.told(ended, progress);
            }
        }
        let seen = blueprint(host, old).await?;
        let recreates = |kind: &str| kind == JobKind::ContainerRecreate.as_str();
        if let Some(other) = self.ahead(job, &host.id, seen.name.as_str(), recreates).await? {
            return Err(taken(other.id));
        }
        let image = match wish.image {
            Some(image) => image.clone(),
            None => seen.image.parse().map_err(|_| {
                let why = format!(
                    "the container was made of {}, which no registry knows; name an image",
                    seen.image
                );
                Stopped::Failed(why)
            })?,
        };
        may_be(grant, host, &seen).await?;
        if wish.pull {
            self.fetch(grant, host, &image, seen.platform.as_ref(), progress).await?;
        }
        let here = host.engine.image_here(&image).await.map_err(failed)?;
        let here = here.ok_or_else(|| Stopped::Failed(format!("the image {image} is not on this host")))?;
        // As it is now: a pull takes its time.
        let blueprint = blueprint(host, old).await?;
        may_be(grant, host, &blueprint).await?;
        let others = self.left_behind(job, host, old, progress).await?.filter(|found| found.job != job.id);
        if let Some(found) = others {
            return Err(taken(found.job));
        }
        if blueprint.name != seen.name {
            let why = format!("the container {} was renamed to {} meanwhile", seen.name, blueprint.name);
            return Err(Stopped::Failed(why));
        }
        let names = Names::of(&blueprint.name, old).map_err(Stopped::Failed)?;
        let images = format!("{} was {}", here.id, blueprint.image_id);
        let ran = blueprint.runs;
        let successor = Successor { job: job.id, image, temporary_name: names.temporary.clone() };
        let site = HostSite { host, grant, order: Some((blueprint, successor)) };
        let swap =
            Swap { site: &site, job: job.id, old: old.clone(), names, ran, progress, pace: Pace::default() };
        let ended = swap.go(Way::Forward, false).await.map_err(Stopped::Failed)?;
        progress.send_modify(|progress| progress.step("image", &images, None));
        self.told(ended, progress)
    }

    /// Takes back what was begun, for a job that is not gone on with; whether it turned out to be done after all.
    pub(super) async fn take_back_recreate(
        &self,
        job: &Job,
        grant: &Grant,
        host: &Host,
        old: &ContainerId,
        progress: &watch::Sender<Progress>,
    ) -> Result<bool, Stopped> {
        let pace = Pace::default();
        let found = patiently(pace, progress, || host.engine.successors(old)).await;
        let found = found.map_err(|error| Stopped::Failed(unknown(&error)))?;
        let Some(found) = found.into_iter().find(|one| one.job == job.id) else { return Ok(false) };
        let site = HostSite { host, grant, order: None };
        let names = Names::of(&found.name, old).map_err(Stopped::Failed)?;
        let swap = Swap { site: &site, job: job.id, old: old.clone(), names, ran: found.ran, progress, pace };
        match swap.go(Way::Back(None), true).await.map_err(Stopped::Failed)? {
            Ended::Replaced(_) => Ok(true),
            Ended::Kept => Ok(false),
            Ended::Failed(why) => Err(Stopped::Failed(why)),
        }
    }

    /// What this job, or one that is over, began and did not finish.
    async fn left_behind(
        &self,
        job: &Job,
        host: &Host,
        old: &ContainerId,
        progress: &watch::Sender<Progress>,
    ) -> Result<Option<FoundSuccessor>, Stopped> {
        let found = if job.attempt == 1 {
            host.engine.successors(old).await.map_err(failed)?
        } else {
            let found = patiently(Pace::default(), progress, || host.engine.successors(old)).await;
            found.map_err(|error| Stopped::Failed(unknown(&error)))?
        };
        for one in &found {
            let other = self.jobs.get(one.job).await.map_err(|error| Stopped::Later(error.to_string()))?;
            let is_live =
                other.is_some_and(|other| matches!(other.state, JobState::Queued | JobState::Running));
            if one.job != job.id && is_live {
                return Err(taken(one.job));
            }
        }
        Ok(found.into_iter().next())
    }

    /// Fetches the image, and sees to it that it is what the registry promised.
    async fn fetch(
        &self,
        grant: &Grant,
        host: &Host,
        image: &WantedImage,
        platform: Option<&Platform>,
        progress: &watch::Sender<Progress>,
    ) -> Result<(), Stopped> {
        let Some(name) = image.name() else {
            return Err(Stopped::Failed("an image cannot be pulled by its ID".to_owned()));
        };
        let login = self.registries.of(name).await?;
        progress.send_modify(|progress| progress.step("pull", "pulling the image", None));
        // A registry that cannot say so beforehand may still send it.
        let promised = host.engine.registry_digest(grant, name, login.as_ref()).await.ok();
        let pulled = transfer::pull(grant, host, name, login.as_ref(), platform, progress).await;
        let told = pulled.map_err(|why| Stopped::Failed(format!("the image could not be pulled: {why}")))?;
        let here = host.engine.image_here(image).await.map_err(failed)?;
        let digests = here.map(|here| here.digests).unwrap_or_default();
        // An engine notes the digest of an image for several platforms with one of them only, but tells it each time.
        let noted = digests.iter().filter_map(|digest| Some(digest.rsplit_once('@')?.1));
        let sent: Vec<&str> = noted.chain(told.as_deref()).collect();
        if let Some(promised) = promised
            && !sent.contains(&promised.as_str())
        {
            let registry = name.registry();
            return Err(Stopped::Failed(format!(
                "the registry {registry} promised {promised} as {name} and sent something else ({}): nothing was replaced",
                sent.join(", ")
            )));
        }
        progress.send_modify(|progress| progress.step("pull", "the image is there", None));
        Ok(())
    }

    fn told(&self, ended: Ended, progress: &watch::Sender<Progress>) -> Result<(), Stopped> {
        match ended {
            Ended::Replaced(new) => {
                progress.send_modify(|progress| {
                    progress.step("container", new.as_str(), None);
                    progress.say("the new container is in its place");
                });
                Ok(())
            }
            Ended::Kept => Err(Stopped::Failed("the old container is as it was".to_owned())),
            Ended::Failed(why) => Err(Stopped::Failed(why)),
        }
    }
}

fn taken(by: JobId) -> Stopped {
    Stopped::Failed(format!("another job recreates this container: {by}; repeat this one when that is over"))
}

async fn blueprint(host: &Host, container: &ContainerId) -> Result<Blueprint, Stopped> {
    match host.engine.blueprint(container).await {
        Err(Error::NotFound) => Err(Stopped::Failed("the container is not there any more".to_owned())),
        other => other.map_err(failed),
    }
}

/// Whether a container can be made in its place, by whoever asks.
async fn may_be(grant: &Grant, host: &Host, blueprint: &Blueprint) -> Result<(), Stopped> {
    let objections = objections(&*host.engine, blueprint).await.map_err(failed)?;
    if !objections.is_empty() {
        let why = format!("the container cannot be recreated: {}", objections.join("; "));
        return Err(Stopped::Failed(why));
    }
    if grant.also(Permission::HostEscape) {
        return Ok(());
    }
    // Whoever chooses the image chooses what runs with this reach, and a name is a choice as well: somebody may have
    // given it to another image.
    let ways = host_access(&*host.engine, &blueprint.id).await.map_err(failed)?;
    if ways.is_empty() {
        return Ok(());
    }
    let ways: Vec<String> = ways.iter().map(ToString::to_string).collect();
    let needed = Permission::HostEscape.as_str();
    Err(Stopped::Failed(format!(
        "the container reaches its host, so this needs {needed}: {}",
        ways.join("; ")
    )))
}

/// Nothing was begun yet, so nothing has to be gone on with.
fn failed(error: Error) -> Stopped {
    Stopped::Failed(error.to_string())
}
