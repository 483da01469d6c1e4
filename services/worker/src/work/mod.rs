//! What the jobs are about: one file for each kind of work.

mod pull;

use dockline_docker::Host;
use dockline_domain::HostId;
use dockline_jobs::{Job, JobSpec, Progress};
use tokio::sync::watch;

use crate::Shared;

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
        let grant = self.authority(job, spec.kind()).await?;
        match spec {
            JobSpec::ImagePull { host, image } => {
                let host = self.usable_host(host).await?;
                pull::pull(&grant, &host, image, progress).await.map_err(Stopped::Failed)
            }
        }
    }

    /// A host at which work may be done.
    async fn usable_host(&self, id: &HostId) -> Result<Host, Stopped> {
        let found = self.hosts.find(id).await.map_err(|error| Stopped::Later(error.to_string()))?;
        let host = found.ok_or_else(|| Stopped::Failed(format!("there is no host {id} any more")))?;
        if !host.enabled {
            return Err(Stopped::Failed(format!("the host {id} is disabled")));
        }
        Ok(host)
    }
}
