//! Pulling: an engine fetches an image from its registry.

mod fake;
mod real;

use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use futures::stream::BoxStream;

pub use self::fake::FakeRegistry;
use crate::Result;

/// What an engine says while it pulls; ends when the image is there, or with an error.
pub type PullStream = BoxStream<'static, Result<PullEvent>>;

/// Pulling images.
#[async_trait]
pub trait Pull {
    /// Fetches one image. Layers that are there already are not fetched again, so it may be repeated at any time: there is
    /// one image afterwards. Dropping the stream calls the pull off at the engine, as does a broken connection.
    async fn pull(&self, grant: &Grant, image: &ImageReference) -> Result<PullStream>;
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullEvent {
    /// The layer's short ID; `None` when it is about the image as a whole.
    pub layer: Option<String>,
    /// In the engine's words: `Downloading`, `Pull complete`.
    pub status: String,
    /// Bytes done, of how many if that is known.
    pub done: Option<(u64, Option<u64>)>,
}

impl PullEvent {
    /// Whether the layer is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.layer.is_some() && matches!(self.status.as_str(), "Pull complete" | "Already exists")
    }
}
