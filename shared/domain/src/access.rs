//! Who may do what: roles, permissions, and the grant that proves a permission was checked.
//!
//! A [`Grant`] can only come from [`authorize`]. Functions that change something take one, so a
//! forgotten check does not compile.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ids::{InvalidId, SessionId, UserId, Username};

/// What an account is trusted with. There is no default: an account without a role has no rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees everything but secrets.
    Viewer,
    /// Sees, and runs: start, stop, remove, rename.
    Operator,
    /// Everything, hosts, people and audit included.
    Admin,
}

/// One thing that can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// List and inspect containers.
    #[serde(rename = "containers.read")]
    ContainersRead,
    /// Start, stop, restart, kill, pause, unpause, rename.
    #[serde(rename = "containers.operate")]
    ContainersOperate,
    /// Remove a container.
    #[serde(rename = "containers.remove")]
    ContainersRemove,
    /// Create, recreate, update limits, commit.
    #[serde(rename = "containers.create")]
    ContainersCreate,
    /// Run commands and open terminals in containers.
    #[serde(rename = "containers.exec")]
    ContainersExec,
    /// Browse and download what is in containers and volumes.
    #[serde(rename = "files.read")]
    FilesRead,
    /// Upload into containers and volumes, edit and remove there.
    #[serde(rename = "files.write")]
    FilesWrite,
    /// List and inspect images.
    #[serde(rename = "images.read")]
    ImagesRead,
    /// Tag, import, remove images.
    #[serde(rename = "images.manage")]
    ImagesManage,
    /// List and inspect volumes.
    #[serde(rename = "volumes.read")]
    VolumesRead,
    /// Create and remove volumes.
    #[serde(rename = "volumes.manage")]
    VolumesManage,
    /// List and inspect networks.
    #[serde(rename = "networks.read")]
    NetworksRead,
    /// Create, connect, disconnect and remove networks.
    #[serde(rename = "networks.manage")]
    NetworksManage,
    /// Deploy, update, stop and remove Compose projects.
    #[serde(rename = "stacks.manage")]
    StacksManage,
    /// See which registries have credentials, never the passwords.
    #[serde(rename = "registries.read")]
    RegistriesRead,
    /// Have jobs begun at certain times.
    #[serde(rename = "schedules.manage")]
    SchedulesManage,
    /// See what takes a host's disk.
    #[serde(rename = "system.read")]
    SystemRead,
    /// See Compose projects.
    #[serde(rename = "stacks.read")]
    StacksRead,
    /// Remove what is unused.
    #[serde(rename = "system.prune")]
    SystemPrune,
    /// Whatever reaches from a container to its host: privileged containers, the host's namespaces, paths, devices and sockets, and terminals in containers that have these.
    #[serde(rename = "host.escape")]
    HostEscape,
    /// Read a container's output.
    #[serde(rename = "logs.read")]
    LogsRead,
    /// Read resource use.
    #[serde(rename = "stats.read")]
    StatsRead,
    /// Read engine events.
    #[serde(rename = "events.read")]
    EventsRead,
    /// See the hosts and their state.
    #[serde(rename = "hosts.read")]
    HostsRead,
    /// See values that usually hold secrets: environment variables.
    #[serde(rename = "secrets.read")]
    SecretsRead,
    /// Add, change, test, disable and remove hosts.
    #[serde(rename = "hosts.manage")]
    HostsManage,
    /// Keep credentials for registries.
    #[serde(rename = "registries.manage")]
    RegistriesManage,
    /// Create, change, disable and remove accounts.
    #[serde(rename = "users.manage")]
    UsersManage,
    /// Read the audit log.
    #[serde(rename = "audit.read")]
    AuditRead,
    /// Watch recordings of terminals.
    #[serde(rename = "recordings.read")]
    RecordingsRead,
    /// Delete recordings of terminals.
    #[serde(rename = "recordings.manage")]
    RecordingsManage,
}

impl Permission {
    /// Every permission, weakest first.
    pub const ALL: [Self; 31] = [
        Self::HostsRead,
        Self::ContainersRead,
        Self::LogsRead,
        Self::StatsRead,
        Self::EventsRead,
        Self::ImagesRead,
        Self::VolumesRead,
        Self::NetworksRead,
        Self::SystemRead,
        Self::StacksRead,
        Self::ContainersOperate,
        Self::ContainersRemove,
        Self::ContainersCreate,
        Self::ContainersExec,
        Self::FilesRead,
        Self::FilesWrite,
        Self::ImagesManage,
        Self::VolumesManage,
        Self::NetworksManage,
        Self::StacksManage,
        Self::RegistriesRead,
        Self::SchedulesManage,
        Self::SystemPrune,
        Self::SecretsRead,
        Self::HostEscape,
        Self::HostsManage,
        Self::RegistriesManage,
        Self::UsersManage,
        Self::AuditRead,
        Self::RecordingsRead,
        Self::RecordingsManage,
    ];

    /// The stable name used in the API, in documents and in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContainersRead => "containers.read",
            Self::ContainersOperate => "containers.operate",
            Self::ContainersRemove => "containers.remove",
            Self::ContainersCreate => "containers.create",
            Self::ContainersExec => "containers.exec",
            Self::FilesRead => "files.read",
            Self::FilesWrite => "files.write",
            Self::ImagesRead => "images.read",
            Self::ImagesManage => "images.manage",
            Self::VolumesRead => "volumes.read",
            Self::VolumesManage => "volumes.manage",
            Self::NetworksRead => "networks.read",
            Self::NetworksManage => "networks.manage",
            Self::StacksManage => "stacks.manage",
            Self::RegistriesRead => "registries.read",
            Self::SchedulesManage => "schedules.manage",
            Self::SystemRead => "system.read",
            Self::StacksRead => "stacks.read",
            Self::SystemPrune => "system.prune",
            Self::HostEscape => "host.escape",
            Self::LogsRead => "logs.read",
            Self::StatsRead => "stats.read",
            Self::EventsRead => "events.read",
            Self::HostsRead => "hosts.read",
            Self::SecretsRead => "secrets.read",
            Self::HostsManage => "hosts.manage",
            Self::RegistriesManage => "registries.manage",
            Self::UsersManage => "users.manage",
            Self::AuditRead => "audit.read",
            Self::RecordingsRead => "recordings.read",
            Self::RecordingsManage => "recordings.manage",
        }
    }
}

impl Role {
    /// Every role, weakest first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// Whether the role includes the permission.
    #[must_use]
    pub const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::HostsRead
            | Permission::ContainersRead
            | Permission::LogsRead
            | Permission::StatsRead
            | Permission::EventsRead
            | Permission::ImagesRead
            | Permission::VolumesRead
            | Permission::NetworksRead
            | Permission::SystemRead
            | Permission::StacksRead => true,
            Permission::ContainersOperate
            | Permission::ContainersRemove
            | Permission::ContainersCreate
            | Permission::ContainersExec
            | Permission::FilesRead
            | Permission::FilesWrite
            | Permission::ImagesManage
            | Permission::VolumesManage
            | Permission::NetworksManage
            | Permission::StacksManage
            | Permission::RegistriesRead
            | Permission::SchedulesManage
            | Permission::SystemPrune
            | Permission::SecretsRead => {
                matches!(self, Self::Operator | Self::Admin)
            }
            Permission::HostEscape
            | Permission::HostsManage
            | Permission::RegistriesManage
            | Permission::UsersManage
            | Permission::AuditRead
            | Permission::RecordingsRead
            | Permission::RecordingsManage => {
                matches!(self, Self::Admin)
            }
        }
    }

    /// What the role includes, in the order of [`Permission::ALL`].
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.allows(*permission))
    }

    /// The role's name in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(InvalidId { what: "a role", rule: "admin, operator or viewer" })
    }
}

/// Somebody whose identity was proven for this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub user: UserId,
    /// Its name at the time of the request.
    pub username: Username,
    /// Its role at the time of the request, read from the database and not from a token.
    pub role: Role,
    /// The sign-in the request belongs to.
    pub session: SessionId,
}

/// Proof that [`authorize`] said yes: this principal, this permission.
#[derive(Debug, Clone)]
pub struct Grant {
    principal: Principal,
    permission: Permission,
}

impl Grant {
    /// Who was allowed.
    #[must_use]
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What was allowed.
    #[must_use]
    pub const fn permission(&self) -> Permission {
        self.permission
    }

    /// Whether the same principal also has another permission, for answers that show more to some.
    #[must_use]
    pub const fn also(&self, permission: Permission) -> bool {
        self.principal.role.allows(permission)
    }
}

/// The principal's role does not include the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the permission {}, which the role {role} does not include", .permission.as_str())]
pub struct Denied {
    /// What was asked for.
    pub permission: Permission,
    /// What the principal has.
    pub role: Role,
}

/// Decides whether `principal` may use `permission`.
///
/// # Errors
/// [`Denied`] when the role does not include it.
pub fn authorize(principal: &Principal, permission: Permission) -> Result<Grant, Denied> {
    if principal.role.allows(permission) {
        Ok(Grant { principal: principal.clone(), permission })
    } else {
        Err(Denied { permission, role: principal.role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_the_weaker_one() {
        for permission in Permission::ALL {
            if Role::Viewer.allows(permission) {
                assert!(Role::Operator.allows(permission), "{permission:?}");
            }
            if Role::Operator.allows(permission) {
                assert!(Role::Admin.allows(permission), "{permission:?}");
            }
            assert!(Role::Admin.allows(permission), "{permission:?}");
        }
        assert!(!Role::Viewer.allows(Permission::SecretsRead));
        assert!(!Role::Operator.allows(Permission::AuditRead));
    }

    #[test]
    fn a_denial_names_permission_and_role() {
        let principal = Principal {
            user: UserId::generate(),
            username: "vera".parse().expect("valid"),
            role: Role::Viewer,
            session: SessionId::generate(),
        };
        let denied = authorize(&principal, Permission::ContainersRemove).expect_err("denied");
        assert_eq!(
            denied.to_string(),
            "this needs the permission containers.remove, which the role viewer does not include"
        );
        assert!(authorize(&principal, Permission::LogsRead).is_ok());
    }
}
