use dockline_domain::access::{Grant, Permission, Principal, Role, authorize};
use dockline_jobs::{Asker, JobKind};

use crate::{Shared, handlers::Stopped};

impl Shared {
    /// Asks whether whoever asked for a job may have it done, by their account as it is now.
    pub(crate) async fn authority(&self, asker: &Asker, kind: JobKind) -> Result<Grant, Stopped> {
        let name = &asker.username;
        let refused =
            |why: String| Stopped::Failed(format!("{why}; somebody who may do so can repeat the job"));
        let account =
            self.users.by_id(asker.user).await.map_err(|error| Stopped::Later(error.to_string()))?;
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
            Principal { user: account.id, username: account.username, role, session: asker.session };
        authorize(&principal, kind.permission())
            .map_err(|denied| refused(format!("{name} asked for this, and {denied}")))
    }
}

/// The right to put back what a job changed, in the name of whoever asked for it. It was allowed when the job began; that
/// their account was disabled since must not leave a container stopped.
pub(crate) fn undoing(asker: &Asker) -> Result<Grant, Stopped> {
    let principal = Principal {
        user: asker.user,
        username: asker.username.clone(),
        role: Role::Operator,
        session: asker.session,
    };
    authorize(&principal, Permission::ContainersCreate).map_err(|denied| Stopped::Failed(denied.to_string()))
}
