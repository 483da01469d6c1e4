//! Credentials of registries: sealed for keeping, opened for an engine.

use dockline_docker::RegistryLogin;
use dockline_domain::{RegistryId, host::Sealed, registry::RegistryRecord};
use secrecy::SecretString;

use crate::Opener;

/// Credentials that this process cannot read. Says what to do, and holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "the stored credentials of the registry {address} cannot be opened with this DOCKLINE_SECRET_KEY ({why}): give them again, or start with the key of before"
)]
pub struct UnreadableRegistry {
    address: String,
    why: dockline_auth::CannotOpen,
}

impl Opener {
    /// Encrypts a registry's secret for keeping, in this row and in no other.
    #[must_use]
    pub fn seal_registry(&self, id: RegistryId, secret: &SecretString) -> Sealed {
        Sealed(self.sealer().seal(&owner(id), secret))
    }

    /// What a registry wants to see.
    ///
    /// # Errors
    /// [`UnreadableRegistry`], which says what to do.
    pub fn registry_login(&self, record: &RegistryRecord) -> Result<RegistryLogin, UnreadableRegistry> {
        let secret = self
            .sealer()
            .open(&owner(record.id), &record.sealed.0)
            .map_err(|why| UnreadableRegistry { address: record.address.to_string(), why })?;
        Ok(RegistryLogin {
            address: record.address.clone(),
            username: record.username.clone(),
            kind: record.kind,
            secret,
        })
    }
}

/// What a registry's secret is sealed for.
fn owner(id: RegistryId) -> String {
    format!("registries/{id}")
}

#[cfg(test)]
mod tests {
    use dockline_auth::{Sealer, SecretKey};
    use dockline_domain::registry::RegistrySecret;
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_secret_opens_in_its_own_row_only() {
        let opener = Opener::new(Sealer::new(&SecretKey::generate()));
        let id = RegistryId::generate();
        let mut record = RegistryRecord {
            id,
            address: "ghcr.io".parse().expect("an address"),
            username: Some("dev".to_owned()),
            kind: RegistrySecret::Password,
            sealed: opener.seal_registry(id, &"hunter2".to_owned().into()),
            revision: 1,
            created_at: 0,
            updated_at: 0,
        };
        let login = opener.registry_login(&record).expect("opened");
        assert_eq!(login.secret.expose_secret(), "hunter2");
        assert!(!format!("{record:?}{login:?}").contains("hunter2"));
        record.id = RegistryId::generate();
        let error = opener.registry_login(&record).expect_err("another row").to_string();
        assert!(error.contains("ghcr.io") && error.contains("give them again"), "{error}");
    }
}
