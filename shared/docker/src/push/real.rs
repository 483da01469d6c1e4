use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};

use super::Push;
use crate::{DockerEngine, RegistryLogin, Result, TransferStream, http, registry, transfer::transfer};

const OPERATION: &str = "push the image";

#[async_trait]
impl Push for DockerEngine {
    async fn push(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<TransferStream> {
        // Without a tag an engine pushes every tag that there is.
        let tag = image.tag().unwrap_or("latest");
        // No character of a name or a tag means anything in a path or a query.
        let mut request = http::post(&format!("/images/{}/push?tag={tag}", image.name()));
        registry::show_or_say_none(&mut request, login);
        transfer(&self.client, request, OPERATION).await
    }
}
