use dockline_domain::access::{Grant, Principal, authorize};
use dockline_jobs::{Job, JobKind};

use crate::{Shared, work::Stopped};

impl Shared {
    /// Asks whether whoever asked for the job may have it done, by their account as it is now.
    pub(crate) async fn authority(&self, job: &Job, kind: JobKind) -> Result<Grant, Stopped> {
        let name = &job.asker.username;
        let refused =
            |why: String| Stopped::Failed(format!("{why}; somebody who may do so can repeat the job"));
        let account =
            self.users.by_id(job.asker.user).await.map_err(|error| Stopped::Later(error.to_string()))?;
        let Some(account) = account else {
            return Err(refused(format!("the account {name}, which asked for this, was removed")));
        };
        if !account.enabled {
            return Err(refused(format!("the account {name}, which asked for this, was disabled")));
        }
        let Some(role) = account.role else {
            return Err(refused(format!("the account {name}, which asked for this, has no role")));
        };
        let principal =
            Principal { user: account.id, username: account.username, role, session: job.asker.session };
        authorize(&principal, kind.permission())
            .map_err(|denied| refused(format!("{name} asked for this, and {denied}")))
    }
}
