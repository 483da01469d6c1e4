use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The credentials of one registry. The secret itself is part of no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Registry {
    /// Its ID.
    pub id: String,
    /// The registry as images name it; `docker.io` for Docker Hub.
    #[schema(example = "registry.example.org:5000")]
    pub address: String,
    /// As whom.
    pub username: Option<String>,
    /// What is kept: `password` or `identity_token`.
    pub secret: RegistrySecretKind,
    /// When it was added; RFC 3339.
    pub created_at: String,
    /// When it was changed last; RFC 3339.
    pub updated_at: String,
}

/// What proves to a registry who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RegistrySecretKind {
    /// A password, or an access token in its place.
    Password,
    /// A token that stands for the user as well.
    IdentityToken,
}

/// Every registry that there are credentials for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RegistryList {
    /// The registries, by address.
    pub items: Vec<Registry>,
}

/// Keeps credentials of a registry. Either a password with a username, or an identity token.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRegistry {
    /// `host[:port]` as images name it; Docker Hub by any of its names. There can be one set of credentials for each.
    #[schema(example = "ghcr.io")]
    pub address: String,
    /// As whom.
    #[serde(default)]
    pub username: Option<String>,
    /// The password, or an access token.
    #[serde(default)]
    #[schema(format = Password)]
    pub password: Option<String>,
    /// An identity token.
    #[serde(default)]
    #[schema(format = Password)]
    pub identity_token: Option<String>,
}

/// Changes credentials; what is absent stays as it is.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateRegistry {
    /// Another registry. The secret must then be given again.
    #[serde(default)]
    pub address: Option<String>,
    /// As somebody else.
    #[serde(default)]
    pub username: Option<String>,
    /// A new password.
    #[serde(default)]
    #[schema(format = Password)]
    pub password: Option<String>,
    /// A new identity token.
    #[serde(default)]
    #[schema(format = Password)]
    pub identity_token: Option<String>,
}

/// Credentials to be tried, without being kept.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryRegistry {
    /// The host whose engine is to ask.
    #[schema(example = "local")]
    pub host: String,
    /// As in `CreateRegistry`.
    #[schema(example = "ghcr.io")]
    pub address: String,
    /// As in `CreateRegistry`.
    #[serde(default)]
    pub username: Option<String>,
    /// As in `CreateRegistry`.
    #[serde(default)]
    #[schema(format = Password)]
    pub password: Option<String>,
    /// As in `CreateRegistry`.
    #[serde(default)]
    #[schema(format = Password)]
    pub identity_token: Option<String>,
}

/// Which host's engine is to try stored credentials.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TryStoredRegistry {
    /// The host.
    #[schema(example = "local")]
    pub host: String,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegistryTrial {
    /// Whether the registry takes the credentials.
    pub ok: bool,
    /// Why not, in the engine's words.
    pub error: Option<String>,
    /// What the engine said when it does.
    pub status: Option<String>,
}

/// Sends an image to its registry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PushImage {
    /// `[registry/]name[:tag]` of an image that is on the host; `latest` without a tag.
    #[schema(example = "registry.example.org/web:1.4")]
    pub image: String,
}

/// What a search of a registry found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImagesFound {
    /// In the registry's own order.
    pub items: Vec<FoundImage>,
}

/// An image of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundImage {
    /// By which it is pulled.
    pub name: String,
    /// What its makers say of it.
    pub description: String,
    /// How many people like it.
    pub stars: u64,
    /// Whether Docker Hub looks after it.
    pub official: bool,
    /// Whether the registry builds it by itself.
    pub automated: bool,
}
