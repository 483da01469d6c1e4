//! Pulling: an engine fetches an image from its registry.

mod fake;
mod real;

use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};

pub use self::fake::FakeRegistry;
use crate::{Platform, RegistryLogin, Result, TransferStream};

/// Pulling images.
#[async_trait]
pub trait Pull {
    /// Fetches one image, with these credentials if its registry wants some; of several that bear the name the one for this
    /// platform, or for the engine's own. Layers that are there already are not fetched
    /// again, so it may be repeated at any time: there is one image afterwards. Dropping the stream calls the pull off at
    /// the engine, as does a broken connection.
    async fn pull(
        &self,
        grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
        platform: Option<&Platform>,
    ) -> Result<TransferStream>;
}
