//! Images that are built from a Dockerfile, by the engine's classic builder.
//!
//! Not `BuildKit`: that wants a gRPC session over an upgraded connection, which bollard has behind features that bring a
//! second HTTP stack. Every engine has the classic builder.
//!
//! No credentials go with a build: which registries its base images are from is not known before. Pull those first.
//!
//! What lets a build reach its host is not offered: the host's network, further names of hosts, security options, contexts
//! that the engine would fetch itself.

mod fake;
mod real;
mod words;

use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use futures::stream::BoxStream;
use secrecy::SecretString;

pub use self::fake::FakeBuilds;
use crate::{Content, Result};

/// What a build says; ends with the build, and an error is its failure.
pub type BuildStream = BoxStream<'static, Result<BuildEvent>>;

/// How an engine builds images.
#[async_trait]
pub trait Build: Send + Sync {
    /// Builds an image of a context, a tar that may be compressed. When what this returns is dropped, the engine calls the
    /// build off.
    async fn build_image(&self, grant: &Grant, build: &NewBuild, context: Content) -> Result<BuildStream>;

    /// Removes what a step made, and nothing that it was made of. What is gone, or in use, is a success.
    async fn discard_layer(&self, grant: &Grant, layer: &Layer) -> Result<Discarded>;
}

/// An image to build.
#[derive(Debug, Clone, Default)]
pub struct NewBuild {
    /// The names that it gets.
    pub tags: Vec<ImageReference>,
    /// The Dockerfile's path in the context.
    pub dockerfile: String,
    /// The stage that is built; the last one without.
    pub target: Option<String>,
    /// Whether newer base images are looked for.
    pub pull: bool,
    /// Whether every step is done anew.
    pub no_cache: bool,
    /// Arguments, as a JSON object of texts; they may be secrets.
    pub args: Option<SecretString>,
}

/// What a build says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildEvent {
    /// A step begins.
    Step {
        /// Which.
        number: u32,
        /// Of how many.
        total: u32,
        /// The whole line, for people.
        text: String,
    },
    /// Something was printed, with its end of line.
    Output(String),
    /// A step made this.
    Made(Layer),
    /// It is done, and this is the image.
    Built(String),
}

/// An image without a name that a step made: the first 12 digits of its content hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Layer(String);

/// What has become of a layer that was discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discarded {
    /// It is gone.
    Gone,
    /// Something uses it.
    InUse,
}

impl Layer {
    fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| Self(text.to_owned()))
    }
}
