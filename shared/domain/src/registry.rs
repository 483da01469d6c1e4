//! Registries that Dockline has credentials for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    ImageReference,
    host::Sealed,
    ids::{InvalidId, uuid_id},
    image_reference::{is_registry, names_registry},
};

uuid_id!(
    /// The credentials of one registry.
    RegistryId,
    "a registry id"
);

/// What a registry is called in references to its images: `host[:port]`.
///
/// Docker Hub has several names; here it is [`DOCKER_HUB`], whichever of them was given.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistryAddress(String);

/// The registry of images that name none.
pub const DOCKER_HUB: &str = "docker.io";
/// What engines and the Docker CLI's `config.json` call Docker Hub where credentials are concerned.
const DOCKER_HUB_SERVER: &str = "https://index.docker.io/v1/";
const MAX_ADDRESS: usize = 255;

impl RegistryAddress {
    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registry that an engine searches when it is asked for this: the one before the first slash, by Docker's rule of
    /// what is one, and otherwise Docker Hub. `None` if what stands there by that rule is the address of none.
    #[must_use]
    pub fn searched(term: &str) -> Option<Self> {
        match term.split_once('/') {
            Some((first, _)) if names_registry(first) => first.parse().ok(),
            _ => Some(Self(DOCKER_HUB.to_owned())),
        }
    }

    /// What engines call it where credentials are concerned.
    #[must_use]
    pub fn server(&self) -> &str {
        if self.0 == DOCKER_HUB { DOCKER_HUB_SERVER } else { &self.0 }
    }
}

impl FromStr for RegistryAddress {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let text = text.to_ascii_lowercase();
        let bare = text.strip_prefix("https://").unwrap_or(&text);
        let is_hub = matches!(
            bare.trim_end_matches('/'),
            "index.docker.io/v1" | "index.docker.io" | "registry-1.docker.io"
        );
        let name = if is_hub { DOCKER_HUB.to_owned() } else { bare.to_owned() };
        if name.len() <= MAX_ADDRESS && is_registry(&name) {
            Ok(Self(name))
        } else {
            Err(InvalidId {
                what: "a registry's address",
                rule: "host[:port] as images name it, without a path: ghcr.io, registry.example.org:5000, docker.io",
            })
        }
    }
}

impl ImageReference {
    /// The registry that the image comes from.
    #[must_use]
    pub fn registry(&self) -> RegistryAddress {
        let first = self.name().split_once('/').map(|(first, _)| first).filter(|first| is_registry(first));
        // What is a registry in a reference is one by itself.
        first.and_then(|first| first.parse().ok()).unwrap_or_else(|| RegistryAddress(DOCKER_HUB.to_owned()))
    }
}

impl fmt::Display for RegistryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RegistryAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistryAddress({self})")
    }
}

impl TryFrom<String> for RegistryAddress {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<RegistryAddress> for String {
    fn from(address: RegistryAddress) -> Self {
        address.0
    }
}

/// What proves to a registry who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrySecret {
    /// The password, or an access token in its place, of a user.
    Password,
    /// A token that stands for the user as well.
    IdentityToken,
}

impl RegistrySecret {
    /// The word in the API and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::IdentityToken => "identity_token",
        }
    }

    /// Reads [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Password, Self::IdentityToken].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// The credentials of one registry as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRecord {
    /// Its ID.
    pub id: RegistryId,
    /// The registry; no other record has it.
    pub address: RegistryAddress,
    /// As whom; always there beside a password.
    pub username: Option<String>,
    /// What kind of secret it is.
    pub kind: RegistrySecret,
    /// The secret, encrypted.
    pub sealed: Sealed,
    /// One more with every change.
    pub revision: i64,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970.
    pub updated_at: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_leads_to_its_registry() {
        for (image, registry, server) in [
            ("nginx", "docker.io", DOCKER_HUB_SERVER),
            ("acme/web:1", "docker.io", DOCKER_HUB_SERVER),
            ("docker.io/acme/web", "docker.io", DOCKER_HUB_SERVER),
            ("index.docker.io/acme/web", "docker.io", DOCKER_HUB_SERVER),
            ("ghcr.io/acme/web", "ghcr.io", "ghcr.io"),
            ("localhost/web", "localhost", "localhost"),
            ("127.0.0.1:5000/a/b", "127.0.0.1:5000", "127.0.0.1:5000"),
        ] {
            let address = image.parse::<ImageReference>().expect(image).registry();
            assert_eq!((address.as_str(), address.server()), (registry, server), "{image}");
        }
    }

    #[test]
    fn a_search_leads_to_the_registry_that_it_begins_with() {
        for (term, registry) in [
            ("nginx", Some("docker.io")),
            ("acme/we", Some("docker.io")),
            ("some words", Some("docker.io")),
            ("docker.io/nginx", Some("docker.io")),
            ("r.example.org:5000/web-", Some("r.example.org:5000")),
            ("r.example.org/", Some("r.example.org")),
            ("localhost/We b", Some("localhost")),
            ("http://r.example.org/web", None),
            ("a_b.example.org/web", None),
            ("user@r.example.org/web", None),
        ] {
            let found = RegistryAddress::searched(term);
            assert_eq!(found.as_ref().map(RegistryAddress::as_str), registry, "{term}");
        }
    }

    #[test]
    fn addresses_are_what_images_can_name() {
        for (text, address) in [
            ("docker.io", "docker.io"),
            ("https://index.docker.io/v1/", "docker.io"),
            ("registry-1.docker.io", "docker.io"),
            ("Index.Docker.io", "docker.io"),
            ("https://GHCR.io", "ghcr.io"),
            ("localhost:5000", "localhost:5000"),
        ] {
            assert_eq!(text.parse::<RegistryAddress>().expect(text).as_str(), address);
        }
        for bad in [
            "",
            "ghcr",
            "ghcr.io/acme",
            "http://ghcr.io",
            "user:pw@ghcr.io",
            "ghcr.io?x=1",
            "a b.c",
            "ghcr.io:x",
            "ghcr.io:+443",
            "a_b.example.org",
            "[::1]:5000",
        ] {
            assert!(bad.parse::<RegistryAddress>().is_err(), "{bad:?} was accepted");
        }
    }
}
