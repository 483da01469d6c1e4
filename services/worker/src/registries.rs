//! The credentials that engines show to registries.

use dockline_docker::{RegistryLogin, config_json};
use dockline_domain::ImageReference;
use dockline_persistence::Registries;
use secrecy::SecretString;

use crate::{StoredHosts, handlers::Stopped};

/// What is stored for registries, opened when it is needed and kept by nobody.
#[derive(Debug, Clone)]
pub(crate) struct RegistryLogins {
    pub(crate) stored: Registries,
    pub(crate) hosts: StoredHosts,
}

impl RegistryLogins {
    /// What the image's registry wants to see, if something is stored for it.
    pub(crate) async fn of(&self, image: &ImageReference) -> Result<Option<RegistryLogin>, Stopped> {
        let found =
            self.stored.of(&image.registry()).await.map_err(|error| Stopped::Later(error.to_string()))?;
        let opened = found.map(|record| self.hosts.opener().registry_login(&record)).transpose();
        opened.map_err(|error| Stopped::Failed(error.to_string()))
    }

    /// The text of a Docker `config.json` with what is stored for the registries of these images; `None` if that is
    /// nothing.
    pub(crate) async fn config_json(
        &self,
        images: &[ImageReference],
    ) -> Result<Option<SecretString>, Stopped> {
        let mut logins: Vec<RegistryLogin> = Vec::new();
        for image in images {
            if !logins.iter().any(|known| known.address == image.registry()) {
                logins.extend(self.of(image).await?);
            }
        }
        Ok((!logins.is_empty()).then(|| config_json(&logins)))
    }
}

/// What engines and registries say where credentials are missing or wrong.
const REFUSALS: [&str; 4] =
    ["unauthorized", "authentication required", "no basic auth credentials", "access denied"];

/// A failure in the engine's words, which names the image or its registry; where it is about credentials, with what to know of
/// those. Whose they are is only for those who may see registries.
pub(crate) fn explained(error: &str, image: &ImageReference, login: Option<&RegistryLogin>) -> String {
    let (said, registry) = (error.to_ascii_lowercase(), image.registry());
    if !REFUSALS.iter().any(|words| said.contains(words)) {
        let is_named = [image.name(), registry.as_str()].iter().any(|name| error.contains(name));
        return if is_named { error.to_owned() } else { format!("{image}: {error}") };
    }
    match login {
        None => format!(
            "the registry {registry} wants credentials, or the image is not there; none are stored for it: {error}"
        ),
        Some(_) => format!(
            "the registry {registry} does not take the stored credentials, or they do not reach so far: {error}"
        ),
    }
}
