use async_trait::async_trait;
use dockline_domain::{ImageReference, access::Grant};
use hyper::StatusCode;

use super::Pull;
use crate::{DockerEngine, Error, RegistryLogin, Result, TransferStream, http, registry, transfer::transfer};

const OPERATION: &str = "pull the image";

#[async_trait]
impl Pull for DockerEngine {
    async fn pull(
        &self,
        _grant: &Grant,
        image: &ImageReference,
        login: Option<&RegistryLogin>,
    ) -> Result<TransferStream> {
        // No character of a reference means anything in a query.
        let mut request = http::post(&format!("/images/create?fromImage={image}"));
        registry::show(&mut request, login);
        let answer =
            self.client.send(request).await.map_err(|failure| self.client.error(OPERATION, failure))?;
        if answer.status() != StatusCode::OK {
            // Whatever the status: that an image is not there is told in the registry's words.
            let (_, message) = http::refusal_words(answer).await;
            return Err(Error::Engine { operation: OPERATION, message });
        }
        Ok(transfer(self.client.clone(), answer, OPERATION))
    }
}
