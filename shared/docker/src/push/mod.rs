//! Pushing: an engine sends an image to its registry.

mod fake;
mod real;

use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};

use crate::{RegistryLogin, Result, TransferStream};

/// Pushing images.
#[async_trait]
pub trait Push {
    /// Sends the image that has this name and tag to the registry that the name says. Layers that are there already are not
    /// sent again, so it may be repeated at any time. Dropping the stream calls the push off at the engine.
    async fn push(
        &self,
        grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<TransferStream>;
}
