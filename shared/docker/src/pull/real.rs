use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};

use super::Pull;
use crate::{
    DockerEngine, Platform, RegistryLogin, Result, TransferStream, http, registry, transfer::transfer,
};

const OPERATION: &str = "pull the image";

#[async_trait]
impl Pull for DockerEngine {
    async fn pull(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
        platform: Option<&Platform>,
    ) -> Result<TransferStream> {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("fromImage", &image.to_string())
            .extend_pairs(platform.map(|platform| ("platform", platform.to_string())))
            .finish();
        let mut request = http::post(&format!("/images/create?{query}"));
        registry::show(&mut request, login);
        transfer(&self.client, request, OPERATION).await
    }
}
