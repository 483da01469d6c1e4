//! Registries, asked by an engine: Dockline itself connects to none, so nobody can have it ask an address of their choice.

mod fake;
mod login;
mod real;

use async_trait::async_trait;
use dockline_contract::rest::FoundImage;
use dockline_domain::{ImageReference, access::Grant};
use hyper::Request;
use serde_json::json;

pub use self::login::{RegistryLogin, config_json};
use crate::Result;

/// Asking registries.
#[async_trait]
pub trait RegistryQuestions {
    /// Has the engine try whether a registry takes these credentials.
    async fn try_login(&self, grant: &Grant, login: &RegistryLogin) -> Result<LoginAnswer>;

    /// Has the engine search Docker Hub, or the registry that the term begins with.
    async fn search_images(
        &self,
        grant: &Grant,
        term: &str,
        limit: u64,
        login: Option<&RegistryLogin>,
    ) -> Result<Vec<FoundImage>>;

    /// Has the engine ask under which digest the registry has an image.
    async fn registry_digest(
        &self,
        grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<String>;
}

/// What became of a try to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoginAnswer {
    /// The registry takes the credentials; in the engine's words.
    Accepted(String),
    /// It does not, or it cannot be reached; in the engine's words.
    Refused(String),
}

const HEADER: &str = "x-registry-auth";

/// Lets the engine show these credentials.
pub(crate) fn show<B>(request: &mut Request<B>, login: Option<&RegistryLogin>) {
    if let Some(login) = login {
        request.headers_mut().insert(HEADER, login.header());
    }
}

/// The same for requests that engines do not take without a word about credentials.
pub(crate) fn show_or_say_none<B>(request: &mut Request<B>, login: Option<&RegistryLogin>) {
    let value = login.map_or_else(|| login::header(&json!({})), RegistryLogin::header);
    request.headers_mut().insert(HEADER, value);
}
