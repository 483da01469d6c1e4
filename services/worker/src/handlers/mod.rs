//! What runs the jobs: one handler for each kind of them.

mod backup;
mod build;
mod prune;
mod recreate;
mod stack;
mod transfer;
mod updates;

use dockline_compose::Command;
use dockline_docker::{Host, NewBuild};
use dockline_domain::HostId;
use dockline_jobs::{Job, JobSpec, JobState, Progress};
use tokio::sync::watch;

use crate::{Shared, authority::undoing};

/// Why the work was not finished.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It cannot be done, and why; for people.
    Failed(String),
    /// It may be done later.
    Later(String),
}

impl Shared {
    /// Does a job's work, with the rights that whoever asked for it has now. Dropped, it ends what it has under way at
    /// the engine; so that another worker may do it once more, every kind of work can be begun again at any time.
    pub(crate) async fn work(&self, job: &Job, progress: &watch::Sender<Progress>) -> Result<(), Stopped> {
        let Some(spec) = &job.spec else {
            let why = "the description of this job cannot be read by this version of the program";
            return Err(Stopped::Failed(why.to_owned()));
        };
        let grant = match self.authority(&job.asker, spec.kind()).await {
            Err(Stopped::Failed(why)) => return Err(self.refused(job, why, progress).await),
            other => other?,
        };
        match spec {
            JobSpec::SystemPrune { host, what } => {
                let host = self.usable_host(host).await?;
                prune::prune(&grant, &host, *what, progress).await.map_err(Stopped::Failed)
            }
            JobSpec::VolumeBackup { host, volume, schedule, keep } => {
                let host = self.usable_host(host).await?;
                self.backup(&grant, job, &host, volume, schedule.zip(*keep), progress).await
            }
            JobSpec::VolumeRestore { backup, host, volume, force } => {
                let host = self.usable_host(host).await?;
                let wanted = backup::Restore { backup: *backup, volume, force: *force };
                self.restore(&grant, job, &host, wanted, progress).await
            }
            JobSpec::ImageBuild { host, tags, dockerfile, target, pull, no_cache } => {
                let host = self.usable_host(host).await?;
                let build = NewBuild {
                    tags: tags.clone(),
                    dockerfile: dockerfile.clone(),
                    target: target.clone(),
                    pull: *pull,
                    no_cache: *no_cache,
                    args: None,
                };
                self.build(&grant, job, &host, build, progress).await
            }
            JobSpec::StackDeploy { host, stack, revision, always_pull } => {
                let host = self.usable_host(host).await?;
                let place = stack::Place { job, grant: &grant, host: &host, stack, progress };
                self.deploy(&place, *revision, *always_pull).await
            }
            JobSpec::StackStart { host, stack } => {
                let host = self.usable_host(host).await?;
                let place = stack::Place { job, grant: &grant, host: &host, stack, progress };
                self.act(&place, Command::Start).await
            }
            JobSpec::StackStop { host, stack } => {
                let host = self.usable_host(host).await?;
                let place = stack::Place { job, grant: &grant, host: &host, stack, progress };
                self.act(&place, Command::Stop).await
            }
            JobSpec::StackRestart { host, stack } => {
                let host = self.usable_host(host).await?;
                let place = stack::Place { job, grant: &grant, host: &host, stack, progress };
                self.act(&place, Command::Restart).await
            }
            JobSpec::StackRemove { host, stack, volumes, keep_file } => {
                let host = self.usable_host(host).await?;
                let place = stack::Place { job, grant: &grant, host: &host, stack, progress };
                self.remove_stack(&place, *volumes, *keep_file).await
            }
            JobSpec::ImagePull { host, image } => {
                let (host, login) = (self.usable_host(host).await?, self.registries.of(image).await?);
                let pulled = transfer::pull(&grant, &host, image, login.as_ref(), None, progress).await;
                pulled.map(drop).map_err(Stopped::Failed)
            }
            JobSpec::ImagePush { host, image } => {
                let (host, login) = (self.usable_host(host).await?, self.registries.of(image).await?);
                let pushed = transfer::push(&grant, &host, image, login.as_ref(), progress).await;
                pushed.map_err(Stopped::Failed)
            }
            JobSpec::ImageUpdateCheck { host, image } => {
                let hosts = match host {
                    Some(host) => vec![self.usable_host(host).await?],
                    None => self.usable_hosts().await?,
                };
                self.check_updates(&grant, &hosts, image.as_ref(), progress).await
            }
            JobSpec::ContainerRecreate { host, container, image, pull, .. } => {
                let host = match self.usable_host(host).await {
                    Err(Stopped::Failed(why)) => return Err(self.refused(job, why, progress).await),
                    other => other?,
                };
                let wish = recreate::Wish { container, image: image.as_ref(), pull: *pull };
                self.recreate(job, &grant, &host, wish, progress).await
            }
        }
    }

    /// What must not be done any more leaves nothing half-done behind. At the first attempt nothing was begun.
    async fn refused(&self, job: &Job, why: String, progress: &watch::Sender<Progress>) -> Stopped {
        if job.attempt > 1
            && let Err(stopped) = self.take_back(job, progress).await
        {
            return stopped;
        }
        Stopped::Failed(why)
    }

    /// Takes back what a job began that is not gone on with, if that is wanted; whether it turned out to be done after
    /// all. What most kinds do needs no taking back, or is called off by being dropped.
    pub(crate) async fn take_back(
        &self,
        job: &Job,
        progress: &watch::Sender<Progress>,
    ) -> Result<bool, Stopped> {
        let Some(JobSpec::ContainerRecreate { host, container, .. }) = &job.spec else { return Ok(false) };
        let grant = undoing(&job.asker)?;
        let host = self.host(host).await?;
        self.take_back_recreate(job, &grant, &host, container, progress).await
    }

    /// Of two jobs about one thing of a host, which came at the same moment or one by being repeated, the older one is done.
    /// `disturbs` says by the kind of another job whether both cannot be done together.
    async fn turn(
        &self,
        job: &Job,
        host: &HostId,
        subject: &str,
        disturbs: impl Fn(&str) -> bool,
    ) -> Result<(), Stopped> {
        match self.ahead(job, host, subject, disturbs).await? {
            Some(Job { kind, .. }) => Err(Stopped::Failed(format!(
                "another job ({kind}) is working on {subject}; repeat this one when that is over"
            ))),
            None => Ok(()),
        }
    }

    /// The job that is done rather than this one, if there is one.
    async fn ahead(
        &self,
        job: &Job,
        host: &HostId,
        subject: &str,
        disturbs: impl Fn(&str) -> bool,
    ) -> Result<Option<Job>, Stopped> {
        let live = self.jobs.live_about(host, subject).await;
        let live = live.map_err(|error| Stopped::Later(error.to_string()))?;
        // An older one may also come late, by a clock that goes behind: what is being done then is not disturbed. Of two that
        // began at the same time, as far as the clock tells, one is done.
        let is_before = |other: &Job| {
            let is_under_way = other.state == JobState::Running && other.started_at < job.started_at;
            other.id < job.id || (other.id != job.id && is_under_way)
        };
        Ok(live.into_iter().find(|other| is_before(other) && disturbs(&other.kind)))
    }

    /// All hosts at which work may be done.
    async fn usable_hosts(&self) -> Result<Vec<Host>, Stopped> {
        let all = self.hosts.all().await.map_err(|error| Stopped::Later(error.to_string()))?;
        Ok(all.into_iter().filter(|host| host.enabled).collect())
    }

    /// A host at which work may be done.
    async fn usable_host(&self, id: &HostId) -> Result<Host, Stopped> {
        let host = self.host(id).await?;
        if !host.enabled {
            return Err(Stopped::Failed(format!("the host {id} is disabled")));
        }
        Ok(host)
    }

    /// A host, whether work may be done there or not.
    async fn host(&self, id: &HostId) -> Result<Host, Stopped> {
        let found = self.hosts.find(id).await.map_err(|error| Stopped::Later(error.to_string()))?;
        found.ok_or_else(|| Stopped::Failed(format!("there is no host {id} any more")))
    }
}
